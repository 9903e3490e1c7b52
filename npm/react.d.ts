import type { CSSProperties, ReactElement, RefCallback } from "react";

import type { EndpointOptions, PageLinkOptions } from "./widget/ecommerce.js";

interface OrderKey {
  /**
   * Names the order. While it stays the same, `getPaymentInfo` (or an `order` that is a function) may be another function
   * at each rendering; when it changes, the widget drops the earlier order and asks for the new one's link.
   */
  orderKey?: string | number;
}

/** The widget's options without `selector`. */
export type UseBanqCheckoutOptions = (Omit<PageLinkOptions, "selector"> | Omit<EndpointOptions, "selector">) & OrderKey;

export interface BanqCheckoutHandle {
  /** For the element that holds the button. */
  ref: RefCallback<Element>;
  /** Opens the dialog, as a press of the button does. */
  open(): void;
  /** Closes the dialog; a running payment continues and is still reported. */
  close(): void;
}

/**
 * Keeps a widget in the element that gets `ref`. Callbacks may change at each rendering, and objects are compared by
 * their content.
 */
export function useBanqCheckout(options: UseBanqCheckoutOptions): BanqCheckoutHandle;

export type BanqCheckoutProps = UseBanqCheckoutOptions & {
  /** The widget finds its checkout by it after a reload. */
  id?: string;
  className?: string;
  style?: CSSProperties;
};

/** The button and its dialog, in a `<div>` that keeps the button's place until it is painted. */
export function BanqCheckout(props: BanqCheckoutProps): ReactElement;
