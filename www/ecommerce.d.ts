/**
 * The page's contract of the "Pay with banq" widget.
 *
 * ```html
 * <script src="https://…/widget/ecommerce.js"></script>
 * ```
 * defines `window.ecommerceBanqWidget` at once; the widget itself loads in the background.
 */

/** Where a checkout stands. A closed list; only a new major version may extend it. */
export type BanqStatus =
  | "pending"
  | "processing"
  | "on_hold"
  | "paid"
  | "declined"
  | "failed"
  | "canceled"
  | "expired"
  | "reversed";

/** Why a payment failed. */
export type BanqFailReason =
  | "insufficient_funds"
  | "limit_exceeded"
  | "account_unavailable"
  | "reauthentication_required"
  | "canceled"
  | "reversed"
  | "processing_failed";

/**
 * Why the status alone does not tell the whole truth about the money. A person has to settle the issue; the order gets
 * no other link meanwhile.
 *
 * - `paid_other_amount`, with `paid`: this link's amount came, but the order has another price now.
 * - `payment_mismatch`, with any other status: money came that differs from this checkout.
 * - `payment_in_doubt`: Banq confirmed the payment, and no longer says that the money is there.
 */
export type BanqIssue = "paid_other_amount" | "payment_mismatch" | "payment_in_doubt";

/**
 * The error codes. `load_failed`: the widget could not be loaded or cannot run here. `integrity_failed`: the loader of
 * one version found a file with another hash. After both, the button opens the payment link without the widget.
 */
export type BanqErrorCode =
  | "load_failed"
  | "integrity_failed"
  | "invalid_option"
  | "link_request_failed"
  | "link_timeout"
  | "link_invalid"
  | "order_rejected"
  | "order_already_paid"
  | "order_paid_other_amount"
  | "order_payment_in_question"
  | "provider_unavailable"
  | "window_blocked";

/** The answer of a shop's server to `POST /generate-payment-link`, inside `data`. */
export interface PaymentInfo {
  /**
   * Where the shopper pays: `https://` and a host, without a user name. The widget shows, draws and opens the link as
   * the browser reads it. `http:` only for loopback, and for private addresses when `environment` is `local`.
   */
  url: string;
  checkoutId?: string;
  /** The checkout's status stream. Without it the page cannot see a payment made with the phone app. */
  eventsUrl?: string;
  /** Major units, for example `"12.50"`. */
  funds?: string | number;
  /** ISO 4217, for example `USD`. */
  currency?: string;
  comment?: string;
  /** RFC 3339. */
  expiresAt?: string;
  /** The checkout's status when the answer was made; the stream has the present one. */
  status?: BanqStatus;
  orderId?: string;
  /** Absent for a payment that is made once. */
  schedule?: BanqSchedule;
}

/** The argument of most callbacks. */
export interface BanqCheckout {
  status: BanqStatus;
  checkoutId?: string;
  orderId?: string;
  failReason?: BanqFailReason;
  /** In `onStatusChange` only: while there is an issue, the attempt has no ending, `paid` or not. */
  issue?: BanqIssue;
  /** Major units, a decimal string. */
  funds?: string;
  currency?: string;
}

export interface BanqError {
  code: BanqErrorCode;
  /** For the developer; the shopper reads one of the widget's own sentences. */
  message: string;
  /** Whether a retry may succeed. For a wrong option: whether the button works with its default. */
  recoverable: boolean;
  /** Where the code is explained. Absent for `load_failed` and `integrity_failed`. */
  docsUrl?: string;
  /** The id under which the server's log has the refused request. */
  requestId?: string;
  cause?: unknown;
}

/** Each value as CSS writes it; docs/theming.md has the defaults. Names that end in `Dark` count in the dark theme. */
export interface BanqAppearance {
  /** The background of the button and of the dialog's main action. The words on it are black or white by contrast. */
  accentColor?: string;
  accentColorDark?: string;
  backgroundColor?: string;
  backgroundColorDark?: string;
  textColor?: string;
  textColorDark?: string;
  /** Less important words. */
  mutedColor?: string;
  mutedColorDark?: string;
  lineColor?: string;
  lineColorDark?: string;
  successColor?: string;
  successColorDark?: string;
  warningColor?: string;
  warningColorDark?: string;
  dangerColor?: string;
  dangerColorDark?: string;
  /** Of the dialog's buttons. */
  borderRadius?: string;
  /** The dialog's inner margin. */
  spacing?: string;
  fontFamily?: string;
  /** Never wider than its container. */
  buttonWidth?: string;
  buttonHeight?: string;
  buttonRadius?: string;
  /** "Pay with banq", "Buy with banq", … in the shopper's language. */
  buttonLabel?: "pay" | "buy" | "donate" | "subscribe" | "checkout" | "book";
}

/** When a payment that repeats is made. */
export interface BanqSchedule {
  frequency: "daily" | "weekly" | "monthly" | "yearly" | "other";
  /** `YYYY-MM-DD` */
  startDate: string;
  /** `YYYY-MM-DD`; absent if the payment repeats until it is canceled. */
  endDate?: string;
}

/** The address of a folder, or a function that returns a file's absolute address. */
export type BanqAssets = string | ((name: string) => string);

export interface CommonOptions {
  /** Where the button goes: a CSS selector, or an element. */
  selector: string | Element;
  /** Which links are acceptable. Default `production`. */
  environment?: "local" | "sandbox" | "production";
  /** The shop in the dialog's heading. Default: "Pay with banq". */
  shopName?: string;
  /** The address of the shop's logo. Default: the first letter of `shopName`. */
  shopLogo?: string;
  /** Where a shopper who is stuck finds help: `https:`, `mailto:` or `tel:`. */
  supportUrl?: string;
  /** Where "Done" leads after a payment. Default: nowhere. */
  returnUrl?: string;
  /** Default `auto`: the page's `color-scheme` around the button, or else the shopper's system. */
  theme?: "auto" | "light" | "dark";
  /** Own texts by key, in place of the language's; docs/languages.md lists the keys. */
  messages?: Record<string, string>;
  /** `false`: no button; the page calls `open()`. */
  button?: false;
  /** The button cannot be pressed. */
  disabled?: boolean;
  /** The button shows that the page is working, and cannot be pressed. */
  loading?: boolean;
  /** The look. A closed list. A wrong value is reported and the default used. */
  appearance?: BanqAppearance;
  /** The nonce of the page's content security policy, for browsers that cannot construct a stylesheet. Default: the loader's own. */
  nonce?: string;
  /**
   * Where the widget's other files (`banq-*`) are, for a page that combines this script with others or runs it as a
   * module: the address of their folder, or a function that returns the absolute address of a file. Default:
   * `assetsUrl` of the class. All widgets of a page use the first one's.
   */
  assetsUrl?: BanqAssets;
  /** BCP 47 tag, for texts, amounts and dates. Default: the `lang` around the button, or else the browser's. */
  locale?: string;
  /**
   * A dialog with the hosted payment page in a window (the default), in a frame of the dialog, or instead of this page,
   * which resumes when the shopper comes back. `inline`: no dialog, its content stands in place of the button.
   */
  presentation?: "popup" | "iframe" | "redirect" | "inline";
  /** Seconds after closing or expiry in which a late payment is still reported. Default 600. */
  graceSeconds?: number;
  /** Writes a timeline to the console, with an id that is in the server's log too. It contains no secret. */
  debug?: boolean;
  /** The whole widget is loaded. The button works before that. */
  onReady?(): void;
  /** The button was pressed. `false`, or a promise of it, opens nothing. */
  onClick?(): unknown;
  onPopUpOpen?(): void;
  onPopUpClose?(detail: { reason: "user" | "api" | "destroyed"; status?: BanqStatus }): void;
  /** `transport`: the way by which the snapshot came; absent where the page has no status channel. */
  onStatusChange?(checkout: BanqCheckout & { transport?: "sse" | "long_poll" | "poll" }): void;
  /** The shopper agreed to a payment that repeats; no money has come yet. */
  onAgreed?(checkout: BanqCheckout): void;
  /**
   * Exactly one of these three ends an attempt, but not while `onStatusChange` reports an `issue`. `late`: the dialog
   * was closed before.
   */
  onPaymentSuccess?(checkout: BanqCheckout & { late: boolean }): void;
  /** Declined, failed, canceled or reversed; `status` says which. */
  onPaymentFailed?(checkout: BanqCheckout): void;
  onExpired?(checkout: BanqCheckout): void;
  onError?(error: BanqError): void;
}

/** The page requests the link itself. */
export interface PageLinkOptions extends CommonOptions {
  /** `requestId`: send it as `X-Request-Id` to find this request in the server's log. */
  getPaymentInfo(context: { requestId: string }): Promise<string | PaymentInfo | { data: PaymentInfo }>;
  endpoint?: undefined;
}

/** The widget posts `order` as JSON to `endpoint`. */
export interface EndpointOptions extends CommonOptions {
  endpoint: string;
  order: object | (() => object | Promise<object>);
  getPaymentInfo?: undefined;
}

export type BanqOptions = PageLinkOptions | EndpointOptions;

export interface BanqApp {
  /**
   * Paints the button at once, and loads the widget when the page is idle or the pointer or the focus reaches the
   * button. Resolves when the widget is loaded, rejects when it cannot load. A further call tries again, also after the
   * page has replaced the container.
   */
  bootstrapApp(): Promise<void>;
  /** Opens the dialog, as a click does; before the widget is loaded, it requests the link at once and opens later. */
  open(): void;
  /** Closes the dialog; a running payment continues and is still reported. */
  close(): void;
  /**
   * Takes changed options. A running payment continues, unless `getPaymentInfo`, `endpoint`, `order` or `environment`
   * changed: then the widget drops it, reports nothing more of it, and asks the shop for the present order's link,
   * which an open dialog shows. (If the shop names the same checkout, it continues.) Another function counts as a
   * changed one: keep one function for one order. A changed `selector` counts from the next `bootstrapApp()`.
   */
  update(options: Partial<BanqOptions>): void;
  /** Removes the widget from the page. Legal at any time, any number of times; never throws. */
  destroyWidget(): void;
}

/** `window.ecommerceBanqWidget`. */
export interface BanqAppClass {
  new (options: BanqOptions): BanqApp;
  /**
   * The default of the option. At first `data-assets-url` of a script tag; if it is absent, the files are in the folder of
   * this script.
   */
  assetsUrl?: BanqAssets;
}

declare global {
  /** The callbacks as DOM events, which bubble. */
  interface HTMLElementEventMap {
    "banq:ready": CustomEvent<{}>;
    "banq:open": CustomEvent<{}>;
    "banq:close": CustomEvent<{ reason: "user" | "api" | "destroyed"; status?: BanqStatus }>;
    "banq:status": CustomEvent<BanqCheckout & { transport?: "sse" | "long_poll" | "poll" }>;
    "banq:agreed": CustomEvent<BanqCheckout>;
    "banq:paid": CustomEvent<BanqCheckout & { late: boolean }>;
    "banq:failed": CustomEvent<BanqCheckout>;
    "banq:expired": CustomEvent<BanqCheckout>;
    "banq:error": CustomEvent<BanqError>;
  }
  interface Window {
    ecommerceBanqWidget: BanqAppClass;
  }
}
