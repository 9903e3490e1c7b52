import type {
  BanqAppearance,
  BanqAssets,
  BanqCheckout,
  EndpointOptions,
  PageLinkOptions,
} from "./widget/ecommerce.js";

/**
 * The properties of `<banq-checkout>`, which are the widget's options. The attributes have the same names with hyphens
 * (`shop-name`); a boolean is true if it is present and not "false", an object is written as JSON.
 */
export interface BanqCheckoutProperties {
  /** Another function means another order. This, or `endpoint` and `order`. */
  getPaymentInfo?: PageLinkOptions["getPaymentInfo"];
  endpoint?: string;
  order?: EndpointOptions["order"];
  environment?: "local" | "sandbox" | "production";
  shopName?: string;
  shopLogo?: string;
  supportUrl?: string;
  returnUrl?: string;
  theme?: "auto" | "light" | "dark";
  locale?: string;
  messages?: Record<string, string>;
  presentation?: "popup" | "iframe" | "redirect" | "inline";
  /** `false`: no button; the page calls `open()`. */
  button?: boolean;
  disabled?: boolean;
  loading?: boolean;
  appearance?: BanqAppearance;
  graceSeconds?: number;
  debug?: boolean;
  assetsUrl?: BanqAssets;
}

/**
 * The button and its dialog. The callbacks are DOM events: `banq:ready`, `banq:open`, `banq:close`, `banq:status`,
 * `banq:agreed`, `banq:paid`, `banq:failed`, `banq:expired`, `banq:error`; and `banq:click` at a press, whose
 * `preventDefault()` keeps the dialog shut.
 */
export interface BanqCheckoutElement extends HTMLElement, BanqCheckoutProperties {
  /** Opens the dialog, as a press of the button does. */
  open(): void;
  /** Closes the dialog; a running payment continues and is still reported. */
  close(): void;
}

export type OriginalMode = "payment-flow" | "pre-register-flow";
export type OriginalEnvironment = "development" | "integration" | "sandbox" | "production";

/** The properties of the original's button. Each boolean disables the button. */
export interface PayWithBanqButtonProperties {
  loading?: boolean | "true" | "false";
  disabled?: boolean | "true" | "false";
  error?: boolean | "true" | "false";
  mode?: OriginalMode;
}

/** The original's button. It only sends `click`. */
export interface PayWithBanqButtonElement extends HTMLElement, PayWithBanqButtonProperties {}

/** The properties that the original's dialog and widget share. */
export interface CheckoutWidgetProperties {
  paymentLink?: string;
  /** Default `sandbox`, as in the original. `development` is our `local`, `integration` our `sandbox`. */
  environment?: OriginalEnvironment;
  /** Has no effect on the dialog: in every mode it needs a payment link. */
  mode?: OriginalMode;
  /** The shop. */
  name?: string;
  theme?: "light" | "dark";
  /** Has no effect. */
  signUpFlowType?: "short-sign-up" | "long-sign-up";
  /** Has no effect. */
  tips?: boolean | "true" | "false";
}

export interface CheckoutWidgetDialogProperties extends CheckoutWidgetProperties {
  open?: boolean | "true" | "false";
}

/** The original's dialog. When the shopper closes it, `open` becomes false and the page hears `close`. */
export interface CheckoutWidgetDialogElement extends HTMLElement, CheckoutWidgetDialogProperties {}

/** The dialog's content in the page, until the shopper closes it. */
export interface CheckoutWidgetElement extends HTMLElement, CheckoutWidgetProperties {}

/** The `detail` of the events of the original's elements. */
export interface OriginalDetail<Type extends string, Payload> {
  type: Type;
  payload: Payload;
}

type Paid<Type extends string> = CustomEvent<OriginalDetail<Type, BanqCheckout & { late: boolean }>>;

/** The events of the original's dialog and widget. `paymentSuccess` is another name of `successPayment`. */
export interface OriginalEventMap {
  close: CustomEvent<OriginalDetail<"close", { reason: "user" | "api"; status?: BanqCheckout["status"] }>>;
  successPayment: Paid<"successPayment">;
  paymentSuccess: Paid<"paymentSuccess">;
}

interface ElementClass<Element> {
  new (): Element;
  prototype: Element;
}

export const BanqCheckoutElement: ElementClass<BanqCheckoutElement>;
export const PayWithBanqButtonElement: ElementClass<PayWithBanqButtonElement>;
export const CheckoutWidgetDialogElement: ElementClass<CheckoutWidgetDialogElement>;
export const CheckoutWidgetElement: ElementClass<CheckoutWidgetElement>;

declare global {
  interface HTMLElementTagNameMap {
    "banq-checkout": BanqCheckoutElement;
    "pay-with-banq-button": PayWithBanqButtonElement;
    "checkout-widget-dialog": CheckoutWidgetDialogElement;
    "checkout-widget": CheckoutWidgetElement;
  }
  interface HTMLElementEventMap {
    /** A press of the button of `<banq-checkout>`. */
    "banq:click": CustomEvent<{}>;
    successPayment: OriginalEventMap["successPayment"];
    paymentSuccess: OriginalEventMap["paymentSuccess"];
  }
}
