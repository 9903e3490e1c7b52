import type {
  BanqCheckoutElement,
  BanqCheckoutProperties,
  CheckoutWidgetDialogElement,
  CheckoutWidgetDialogProperties,
  CheckoutWidgetElement,
  CheckoutWidgetProperties,
  OriginalEventMap,
  PayWithBanqButtonElement,
  PayWithBanqButtonProperties,
} from "../element.js";

type BanqEventName = Extract<keyof HTMLElementEventMap, `banq:${string}`>;

/** Each event as a handler whose name begins with `on`. */
type Handlers<Map> = { [Name in keyof Map & string as `on${Name}`]?: (event: Map[Name]) => void };

export type BanqHandlers = Handlers<Pick<HTMLElementEventMap, BanqEventName>>;
export type OriginalHandlers = Handlers<OriginalEventMap>;

/** The elements by their tags: class, properties, and event handlers of each. */
export interface Elements {
  "banq-checkout": { element: BanqCheckoutElement; properties: BanqCheckoutProperties; handlers: BanqHandlers };
  "pay-with-banq-button": {
    element: PayWithBanqButtonElement;
    properties: PayWithBanqButtonProperties;
    handlers: {};
  };
  "checkout-widget-dialog": {
    element: CheckoutWidgetDialogElement;
    properties: CheckoutWidgetDialogProperties;
    handlers: OriginalHandlers;
  };
  "checkout-widget": {
    element: CheckoutWidgetElement;
    properties: CheckoutWidgetProperties;
    handlers: OriginalHandlers;
  };
}
