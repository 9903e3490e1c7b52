import { AppHost } from "./app-host.js";
import { emit } from "./emit.js";
import { flag, json, number, property, text, withProperties } from "./properties.js";

const OPTIONS = {
  getPaymentInfo: property(),
  endpoint: text(),
  order: json(),
  environment: text(),
  shopName: text(),
  shopLogo: text(),
  supportUrl: text(),
  returnUrl: text(),
  theme: text(),
  locale: text(),
  messages: json(),
  presentation: text(),
  button: flag(true),
  disabled: flag(),
  loading: flag(),
  appearance: json(),
  graceSeconds: number(),
  debug: flag(),
  assetsUrl: text(),
};

/** `<banq-checkout>`: the button and its dialog, with every option as a property and an attribute. */
export class BanqCheckoutElement extends withProperties(OPTIONS) {
  #host = new AppHost(this, () => this.#refresh());

  connectedCallback() {
    this.#host.connected();
    super.connectedCallback();
  }

  disconnectedCallback() {
    this.#host.disconnected();
  }

  changed() {
    this.#host.changed();
  }

  /** Opens the dialog, as a press of the button does. */
  open() {
    this.#host.app?.open();
  }

  /** Closes the dialog; a running payment continues and is still reported. */
  close() {
    this.#host.app?.close();
  }

  #refresh() {
    const options = this.values;
    // A page may set the source of the link in a later task than the element itself.
    if (!options.getPaymentInfo && !options.endpoint) return;
    this.#host.show({
      ...options,
      button: options.button ? undefined : false,
      nonce: this.nonce || undefined,
      onClick: () => emit(this, "banq:click", {}, true),
    });
  }
}
