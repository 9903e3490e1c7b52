import { failure } from "./failure.js";
import { requestLink } from "./link-request.js";

const ENDINGS = {
  paid: ["onPaymentSuccess", "banq:paid"],
  declined: ["onPaymentFailed", "banq:failed"],
  failed: ["onPaymentFailed", "banq:failed"],
  canceled: ["onPaymentFailed", "banq:failed"],
  reversed: ["onPaymentFailed", "banq:failed"],
  expired: ["onExpired", "banq:expired"],
};

/** Plays one app of `window.ecommerceBanqWidget`: a plain button, no WebAssembly, no server. The test is the shopper. */
export class DoubleApp {
  options;
  isOpen = false;
  /** The checkout, as callbacks get it; null before the first link. */
  checkout = null;
  #double;
  #host = null;
  #booted = null;
  #request = null;
  #refusal = null;
  #hasEnded = false;

  constructor(double, options) {
    this.#double = double;
    this.options = { ...options };
  }

  /** The button in the page; null before the start and after the end. */
  get button() {
    return this.#host?.querySelector("button") ?? null;
  }

  get status() {
    return this.checkout?.status;
  }

  start() {
    if (this.#host && !this.#host.isConnected) this.end();
    this.#booted ??= this.#boot();
    this.#booted.catch(() => {});
    return this.#booted;
  }

  async #boot() {
    const { selector } = this.options;
    const container = typeof selector === "string" ? document.querySelector(selector) : selector;
    if (!container) return this.#refuse(failure("invalid_option", `selector: got ${selector}`));
    this.#paint(container);
    await null;
    if (this.#double.loadFails) return this.#refuse(failure("load_failed", "the double was told to fail"));
    this.#call("onReady", "banq:ready", {});
  }

  #refuse(error) {
    this.#booted = null;
    this.#call("onError", "banq:error", error);
    throw Object.assign(new Error(error.message), error);
  }

  #paint(container) {
    for (const child of [...container.children]) child.ecommerceBanqWidget?.();
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Pay with banq";
    button.addEventListener("click", () => this.press());
    this.#host = document.createElement("div");
    this.#host.ecommerceBanqWidget = () => this.end();
    this.#host.append(button);
    container.append(this.#host);
    this.#double.add(this);
    this.#draw();
  }

  #draw() {
    if (!this.button) return;
    const { button, disabled, loading } = this.options;
    this.button.hidden = button === false;
    this.button.disabled = Boolean(disabled || loading);
  }

  /** The shopper presses the button. Resolves when the link is there, or refused. */
  async press() {
    if (this.button?.disabled) return;
    try {
      if ((await this.options.onClick?.()) === false) return;
    } catch (error) {
      console.error(error);
      return;
    }
    await this.open();
  }

  /** Opens the dialog. Resolves when the link is there, or refused. */
  async open() {
    if (!this.#host) return;
    if (!this.isOpen) {
      this.isOpen = true;
      this.#call("onPopUpOpen", "banq:open", {});
    }
    const isPaid = this.status === "paid" && this.#hasEnded;
    if (isPaid || this.checkout?.issue) return;
    this.#request ??= this.#ask();
    await this.#request;
  }

  async #ask() {
    const host = this.#host;
    const { getPaymentInfo, endpoint, order } = this.options;
    const refusal = this.#refusal;
    this.#refusal = null;
    await null; // as in the widget: the page's function may call the app
    const { info, error } = refusal ? { error: refusal } : await requestLink(this.options);
    this.#request = null;
    if (host !== this.#host) return;
    const now = this.options;
    if (now.getPaymentInfo !== getPaymentInfo || now.endpoint !== endpoint || now.order !== order) return;
    if (error) return this.#call("onError", "banq:error", error);
    const { checkoutId = `checkout of ${info.url}`, orderId, funds, currency } = info;
    if (checkoutId === this.checkout?.checkoutId && !this.#hasEnded) return;
    this.#hasEnded = false;
    this.checkout = { status: "pending", checkoutId, orderId, funds: funds && String(funds), currency };
    this.#tellStatus();
  }

  #tellStatus() {
    this.#call("onStatusChange", "banq:status", { ...this.checkout, transport: "sse" });
  }

  /** The next link request is refused with this code. */
  refuseNextLink(code) {
    this.#refusal = failure(code, "the test refused the link");
  }

  /** The checkout's status changes, as if Banq had reported it. */
  play(status, details = {}) {
    if (!this.checkout) throw new Error(`play("${status}"): there is no checkout yet; await press() first`);
    const late = !this.isOpen;
    const { failReason: _reason, issue: _issue, ...before } = this.checkout;
    this.checkout = { ...before, ...details, status };
    this.#tellStatus();
    const ending = ENDINGS[status];
    if (!ending || this.checkout.issue || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#call(...ending, status === "paid" ? { ...this.checkout, late } : this.checkout);
  }

  /** The shopper agrees to a payment that repeats. */
  agree() {
    this.play("processing");
    this.#call("onAgreed", "banq:agreed", this.checkout);
  }

  /** The shopper closes the dialog. */
  closeDialog() {
    this.close("user");
  }

  close(reason) {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#call("onPopUpClose", "banq:close", { reason, status: this.status });
  }

  update(changes) {
    const before = this.options;
    this.options = { ...before, ...changes };
    this.#draw();
    const orderOf = ({ getPaymentInfo, endpoint, order }) =>
      getPaymentInfo ?? (typeof order === "function" ? order : endpoint + JSON.stringify(order));
    if (orderOf(before) === orderOf(this.options)) return;
    this.checkout = null;
    this.#request = null;
    if (this.isOpen) this.#request = this.#ask();
  }

  end() {
    this.close("destroyed");
    this.#double.remove(this);
    this.#host?.remove();
    this.#host = null;
    this.#booted = null;
    this.#request = null;
    this.checkout = null;
  }

  // As the widget does: an error in a callback is reported and harms nothing; the event follows the callback.
  #call(name, event, detail) {
    try {
      Promise.resolve(this.options[name]?.(detail)).catch(console.error);
    } catch (error) {
      console.error(error);
    }
    const init = { bubbles: true, composed: true, detail };
    this.#host?.dispatchEvent(new CustomEvent(event, init));
  }
}
