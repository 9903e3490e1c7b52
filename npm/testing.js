import { DoubleApp } from "./testing/double-app.js";

const NAME = "ecommerceBanqWidget";

/** The double in the place of the widget's class, and its apps. */
class BanqDouble {
  #apps = [];
  #before = window[NAME];
  loadFails;

  constructor({ loadFails = false }) {
    this.loadFails = loadFails;
    const double = this;
    // The class of the page has only the widget's own methods.
    window[NAME] = class {
      #app;

      constructor(options) {
        this.#app = new DoubleApp(double, options);
      }

      bootstrapApp() {
        return this.#app.start();
      }

      open() {
        this.#app.open();
      }

      close() {
        this.#app.close("api");
      }

      update(options) {
        this.#app.update(options);
      }

      destroyWidget() {
        this.#app.end();
      }
    };
  }

  get apps() {
    return [...this.#apps];
  }

  get app() {
    const [app, ...others] = this.#apps;
    if (!app || others.length > 0) throw new Error(`expected one app in the page, found ${this.#apps.length}`);
    return app;
  }

  add(app) {
    this.#apps.push(app);
  }

  remove(app) {
    this.#apps = this.#apps.filter((other) => other !== app);
  }

  restore() {
    for (const app of this.#apps) app.end();
    window[NAME] = this.#before;
  }
}

/** Puts a double of the widget into the page. */
export function installBanqDouble(settings = {}) {
  return new BanqDouble(settings);
}
