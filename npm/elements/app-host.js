import { Mounted } from "../mounted.js";
import { emit } from "./emit.js";
import { Frame } from "./frame.js";

/** Keeps the app of an element: made at the connection, told of changes once a task, ended after the removal. */
export class AppHost {
  #element;
  #frame;
  #refresh;
  #mounted = null;
  #isScheduled = false;
  #reported = new WeakSet();

  /** `refresh` is called after changes while the element is connected; it calls `show` with the present options. */
  constructor(element, refresh) {
    this.#element = element;
    this.#refresh = refresh;
    this.#frame = new Frame(element);
    element.addEventListener("banq:error", ({ detail }) => this.#reported.add(detail));
  }

  get app() {
    return this.#mounted;
  }

  /** A framework sets several properties one after the other, so they are read in a microtask. */
  changed() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (this.#element.isConnected) this.#refresh();
    });
  }

  /** Makes the app, or hands the options to it. */
  show(options) {
    this.#frame.refresh();
    const selector = this.#frame.place;
    const given = { selector, ...options, onError: (error) => this.#failed(error, options.onError) };
    if (this.#mounted) this.#mounted.update(given);
    else this.#mounted = new Mounted(given, () => this.#frame.painted());
  }

  /** Starts an app again that the loader has ended, because the element left the document for a moment. */
  connected() {
    this.#mounted?.start();
  }

  disconnected() {
    // A page that moves an element takes it out and puts it in again within one task.
    setTimeout(() => {
      if (this.#element.isConnected) return;
      this.#mounted?.end();
      this.#mounted = null;
    });
  }

  // The widget sends an event for each of its own errors, after `onError`; the loader, and a failed download, do not.
  #failed(error, onError) {
    onError?.(error);
    queueMicrotask(() => {
      if (!this.#reported.has(error)) emit(this.#element, "banq:error", error);
    });
  }
}
