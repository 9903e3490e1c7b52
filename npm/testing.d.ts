import type {
  BanqCheckout,
  BanqErrorCode,
  BanqOptions,
  BanqStatus,
} from "./widget/ecommerce.js";

/** One app of the page under test. The test plays the shopper and Banq. */
export interface DoubleApp {
  /** The page's present options. */
  readonly options: BanqOptions;
  /** A plain `<button>` in the page's container; null after the end. */
  readonly button: HTMLButtonElement | null;
  readonly isOpen: boolean;
  /** As callbacks get it; null before the first link. */
  readonly checkout: BanqCheckout | null;
  readonly status: BanqStatus | undefined;
  /** The shopper presses the button: `onClick`, the dialog, the page's link request. Resolves at the request's end. */
  press(): Promise<void>;
  /** The status changes, as if Banq had reported it. Throws if no link was made before. */
  play(status: BanqStatus, details?: Partial<BanqCheckout>): void;
  /** The shopper agrees to a payment that repeats. */
  agree(): void;
  /** The next link request is refused with this code, and the page is not asked. */
  refuseNextLink(code: BanqErrorCode): void;
  /** The shopper closes the dialog. */
  closeDialog(): void;
}

export interface BanqDouble {
  /** The apps in the page, oldest first. */
  readonly apps: readonly DoubleApp[];
  /** The only app. Throws if the page has none, or several. */
  readonly app: DoubleApp;
  /** Ends all apps, and puts back what was there before the double. */
  restore(): void;
}

/**
 * Puts a double of the widget into the page, for unit tests in jsdom: no WebAssembly, no server. `loadFails`: the page
 * sees `load_failed`.
 */
export function installBanqDouble(settings?: { loadFails?: boolean }): BanqDouble;
