import { lowercase, originalProperties } from "./original-properties.js";
import { PaymentShell } from "./payment-shell.js";
import { withProperties } from "./properties.js";

/** `<checkout-widget>` of the original: the content of the dialog, in the page, until the shopper closes it. */
export class CheckoutWidgetElement extends withProperties(originalProperties(), lowercase) {
  // The link that was closed. Another one is shown.
  #closed = null;
  #shell = new PaymentShell(this, {
    presentation: "inline",
    isOpen: () => this.#closed !== (this.paymentLink ?? ""),
    setOpen: (open) => {
      this.#closed = open ? null : (this.paymentLink ?? "");
    },
  });

  connectedCallback() {
    this.#closed = null;
    this.#shell.connected();
    super.connectedCallback();
  }

  disconnectedCallback() {
    this.#shell.disconnected();
  }

  changed() {
    this.#shell.changed();
  }
}
