import { lowercase, originalProperties } from "./original-properties.js";
import { PaymentShell } from "./payment-shell.js";
import { flag, withProperties } from "./properties.js";

const PROPERTIES = { open: flag(), ...originalProperties("light") };

/** `<checkout-widget-dialog>` of the original: the payment dialog, which the page opens by `open`. */
export class CheckoutWidgetDialogElement extends withProperties(PROPERTIES, lowercase) {
  #shell = new PaymentShell(this, {
    presentation: "popup",
    isOpen: () => this.open,
    setOpen: (open) => {
      if (!open) this.removeAttribute("open");
      this.open = open;
    },
  });

  connectedCallback() {
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
