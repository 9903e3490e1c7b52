import { loadBanqCheckout } from "./index.js";

/** One app in one container, from the download of the script to the end. No method throws or rejects. */
export class Mounted {
  #options;
  #painted;
  #app = null;
  #starting = null;
  #opening = false;
  #ended = false;

  /** `painted` is called when the container has its button; `options.onError` gets an error of the download too. */
  constructor(options, painted = () => {}) {
    this.#options = options;
    this.#painted = painted;
    this.start();
  }

  /** Whether the script is there. */
  get isLoaded() {
    return this.#app !== null;
  }

  /** Starts the app, or tries again what failed. A running app is left alone. */
  start() {
    this.#starting ??= this.#load().finally(() => {
      this.#starting = null;
    });
  }

  async #load() {
    try {
      const { assetsUrl } = this.#options;
      const App = await loadBanqCheckout(assetsUrl ? { assetsUrl } : {});
      if (this.#ended) return;
      this.#app ??= new App(this.#options);
      // The app reports its errors by `onError`.
      this.#app.bootstrapApp().catch(() => {});
      this.#painted();
      if (this.#opening) this.#app.open();
      this.#opening = false;
    } catch (cause) {
      console.error("banq-checkout:", cause);
      if (!this.#ended) this.#report({ code: "load_failed", message: String(cause), recoverable: true, cause });
    }
  }

  // An error in the page's function does no harm here.
  #report(error) {
    const { onError } = this.#options;
    (async () => onError?.(error))().catch(console.error);
  }

  /** Replaces all options. One that is left out gets its default again. */
  update(options) {
    const unset = Object.fromEntries(Object.keys(this.#options).map((name) => [name, undefined]));
    this.#options = options;
    this.#app?.update({ ...unset, ...options });
  }

  /** Opens the dialog, as soon as the script is there. If its download failed, it is tried again. */
  open() {
    if (this.#app) {
      this.#app.open();
    } else {
      this.#opening = true;
      this.start();
    }
  }

  close() {
    this.#opening = false;
    this.#app?.close();
  }

  end() {
    this.#ended = true;
    this.#app?.destroyWidget();
  }
}
