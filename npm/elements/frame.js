import { addRules } from "./shadow.js";

/** The parts of the widget that a page can style; docs/theming.md describes them. */
export const PARTS = "button, dialog, header, logo, close, ribbon, body, code, receipt, footer, action";

/**
 * The shadow tree around an app. It shows the element's own content, such as a link for browsers without scripts, until
 * the button is there. A framework that takes over a page from its server finds the element's content unchanged.
 */
export class Frame {
  #element;
  #content = document.createElement("slot");
  /** The app's container. */
  place = document.createElement("div");

  constructor(element) {
    this.#element = element;
    const shadow = element.attachShadow({ mode: "open" });
    addRules(shadow, ":host { display: block; } :host([hidden]) { display: none; }");
    shadow.append(this.#content, this.place);
  }

  /** Tells the container what the app looks for around it: a name that is the same after a reload, and the language. */
  refresh() {
    this.place.id = nameOf(this.#element);
    const around = this.#element.closest("[lang]");
    if (around) this.place.lang = around.lang;
    else this.place.removeAttribute("lang");
  }

  /** Called when the button is in the container. */
  painted() {
    this.#content.remove();
    for (const host of this.place.children) host.setAttribute("exportparts", PARTS);
  }
}

function nameOf(element) {
  const root = element.getRootNode();
  if (element.id && root.getElementById(element.id) === element) return element.id;
  return `element-${[...root.querySelectorAll("*")].indexOf(element)}`;
}
