import { AppHost } from "./app-host.js";
import { emit } from "./emit.js";

// The environments of the original whose name differs. Payments of both are tests; `local` also allows links to this
// network's private addresses.
const ENVIRONMENTS = { development: "local", integration: "sandbox" };

const SUCCESS = ["successPayment", "paymentSuccess"];

let hasWarned = false;

/** A link that a page may set after the app is made: the app asks for it at once, and gets it when it is there. */
class LinkSource {
  #resolve;
  #promise = new Promise((resolve) => (this.#resolve = resolve));
  link;
  // Another function means another order to the app.
  getPaymentInfo = () => this.#promise;

  /** Returns the source of a link: this one if it has no other. */
  with(link) {
    if (this.link === link) return this;
    if (this.link) return new LinkSource().with(link);
    this.link = link;
    this.#resolve(link);
    return this;
  }
}

/** The original's behaviour around our widget: the page opens and closes it, and hears `close` and `successPayment`. */
export class PaymentShell {
  #element;
  #presentation;
  #isOpen;
  #setOpen;
  #host;
  #source = new LinkSource();
  #isShown = false;

  /** `element` has the original's properties; `isOpen` and `setOpen` are its own state, which the shopper changes too. */
  constructor(element, { presentation, isOpen, setOpen }) {
    this.#element = element;
    this.#presentation = presentation;
    this.#isOpen = isOpen;
    this.#setOpen = setOpen;
    this.#host = new AppHost(element, () => this.#refresh());
  }

  changed() {
    this.#host.changed();
  }

  connected() {
    this.#host.connected();
  }

  disconnected() {
    this.#host.disconnected();
  }

  #refresh() {
    const { paymentLink, environment, name, theme } = this.#element;
    const open = this.#isOpen();
    if (open && !paymentLink) {
      this.#warn();
      this.#host.app?.close();
      this.#closed({ reason: "api" });
      return;
    }
    if (!this.#host.app) this.#isShown = false;
    this.#source = this.#source.with(paymentLink || undefined);
    this.#host.show({
      button: false,
      presentation: this.#presentation,
      getPaymentInfo: this.#source.getPaymentInfo,
      environment: ENVIRONMENTS[environment] ?? environment,
      shopName: name,
      theme,
      onPopUpOpen: () => this.#opened(),
      onPopUpClose: (detail) => detail.reason === "user" && this.#closed(detail),
      onPaymentSuccess: (checkout) => SUCCESS.forEach((type) => this.#tell(type, checkout)),
      onError: (error) => this.#failed(error),
    });
    if (open === this.#isShown) return;
    this.#isShown = open;
    if (open) this.#host.app.open();
    else this.#host.app.close();
  }

  // After a reload the app itself opens the dialog that was open before.
  #opened() {
    this.#isShown = true;
    this.#setOpen(true);
  }

  #closed(detail) {
    this.#isShown = false;
    this.#setOpen(false);
    this.#tell("close", detail);
  }

  #failed({ code }) {
    // Without the script there is nothing to show. Without WebAssembly, the loader opens the link itself.
    if (code === "load_failed" && this.#isShown && !this.#host.app.isLoaded) this.#closed({ reason: "api" });
  }

  #tell(type, payload) {
    emit(this.#element, type, { type, payload });
  }

  #warn() {
    if (hasWarned) return;
    hasWarned = true;
    const { localName, mode } = this.#element;
    console.warn(`banq-checkout: <${localName} mode="${mode}"> needs a payment link in every mode; set paymentLink first`);
  }
}
