/**
 * The headless client: the checkout for a page that draws its own interface.
 *
 * ```js
 * import init, { Client } from 'https://pay.your-shop.example/widget/banq-headless.js';
 * await init();
 * const client = new Client({ server: 'https://pay.your-shop.example' });
 * ```
 */

import type { BanqFailReason, BanqIssue, BanqStatus, PaymentInfo } from './ecommerce.js';

/**
 * Loads the WebAssembly: beside this module, or from the given address. Call it once, before anything else.
 */
export default function init(from?: { module_or_path: string | URL }): Promise<unknown>;

/** The state of a checkout, as the server reports it. */
export interface Snapshot {
  checkoutId: string;
  orderId: string;
  status: BanqStatus;
  failReason?: BanqFailReason;
  /** While there is an issue, `paid` does not mean that the order is paid. */
  issue?: BanqIssue;
  /** Major units, a decimal string. */
  funds: string;
  /** ISO 4217. */
  currency: string;
  comment: string;
  /** RFC 3339. */
  expiresAt: string;
  /** Grows by one with every change. */
  version: number;
  /** RFC 3339: the server's clock when it sent the snapshot. */
  serverTime: string;
}

/** What the promises reject with: an `Error` with the widget's own codes (docs/errors.md). */
export interface ClientError extends Error {
  code: string;
  /** Whether a retry may succeed. */
  recoverable: boolean;
}

export class Client {
  /**
   * `server`: the intermediary's address, with `https://` (or `http://`), or a path of the page's own server (`/pay`), without `?`, `#` and `@`. Throws a
   * {@link ClientError} `invalid_option` that names the fault: `pay.your-shop.example` alone is not an address.
   */
  constructor(settings: { server: string; environment?: 'local' | 'sandbox' | 'production' });
  /** Requests the payment link of an order; resolves only to a link that is safe to show. */
  createCheckout(order: object | (() => object | Promise<object>)): Promise<PaymentInfo & { checkoutId: string }>;
  /** Returns the present state of a checkout. */
  getCheckout(checkoutId: string): Promise<Snapshot>;
  /**
   * Calls back with the present state and with each change, until the checkout is over or the returned function is
   * called. The channel heals itself like the widget's; `transport` names the way by which a snapshot came.
   */
  watchCheckout(
    checkoutId: string,
    callback: (snapshot: Snapshot & { transport?: 'sse' | 'long_poll' | 'poll' }) => void,
  ): () => void;
  /** Frees the instance. */
  free(): void;
}
