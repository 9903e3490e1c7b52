// A page of jsdom, whose window and document are those of the tested modules. Import it first.

import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><html lang='en'><body></body></html>", {
  pretendToBeVisual: true,
  url: "https://shop.example/cart/",
});

const NAMES = [
  "document",
  "location",
  "navigator",
  "Element",
  "HTMLElement",
  "HTMLScriptElement",
  "CustomEvent",
  "CSSStyleSheet",
  "MutationObserver",
  "addEventListener",
  "customElements",
  "getComputedStyle",
];
// Node has some of these itself, and not all can be assigned to.
const define = (name, value) => Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
define("window", window);
for (const name of NAMES) define(name, window[name]);
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

/** Waits until the tasks that are due have run, among them a timeout of 0. */
export const settled = () => new Promise((done) => setTimeout(done, 5));

/** Empties the page. */
export async function clear() {
  document.body.replaceChildren();
  await settled();
}

/** Returns the events of these types that the page hears at its body, as `[type, detail]`. */
export function heard(...types) {
  const events = [];
  for (const type of types) document.body.addEventListener(type, (event) => events.push([event.type, event.detail]));
  return events;
}

/** Collects errors that no code of the page has handled. */
export const unhandled = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
window.addEventListener("error", ({ error }) => unhandled.push(error));
