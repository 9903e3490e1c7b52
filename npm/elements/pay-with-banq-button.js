import { lowercase } from "./original-properties.js";
import { flag, text, withProperties } from "./properties.js";
import { addRules } from "./shadow.js";

const NAME = "pay-with-banq-button";
const STATES = ["loading", "disabled", "error"];

// The original's size and corners; the red is one shade darker, so that the contrast of the white words is 4.5 : 1.
const RULES = `
:host { display: inline-block; }
:host([hidden]) { display: none; }
button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 8px;
  box-sizing: border-box;
  min-width: 286px;
  min-height: 50px;
  padding: 8px 16px;
  border: 1px solid #0000;
  border-radius: 3px;
  color: #fff;
  background: linear-gradient(90deg, #e02106, #7622a9 69.27%);
  font: 16px/1.5 system-ui, sans-serif;
  cursor: pointer;
}
button:hover { filter: brightness(.92); }
button:disabled { opacity: .5; cursor: default; }
button:focus-visible { outline: 3px solid #7622a9; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
span { padding: 0 8px; border-radius: 6px; color: #7622a9; background: #fff; font-weight: 700; }
`;

/** `<pay-with-banq-button>` of the original: only a button, in English. The page does the rest at its `click`. */
export class PayWithBanqButtonElement extends withProperties(
  { loading: flag(), disabled: flag(), error: flag(), mode: text("payment-flow") },
  lowercase,
) {
  static observedAttributes = [...super.observedAttributes, "class"];

  #button;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open", delegatesFocus: true });
    addRules(shadow, RULES);
    this.#button = document.createElement("button");
    this.#button.type = "button";
    this.#button.setAttribute("part", "button");
    this.#button.lang = "en";
    shadow.append(this.#button);
    this.changed();
  }

  attributeChangedCallback(attribute, before, value) {
    if (attribute === "class") this.changed();
    else super.attributeChangedCallback(attribute, before, value);
  }

  changed() {
    const button = this.#button;
    const states = STATES.filter((state) => this[state]);
    button.className = [NAME, ...states.map((state) => `${NAME}--${state}`), this.className].join(" ").trim();
    button.disabled = states.length > 0;
    button.setAttribute("aria-busy", this.loading);
    if (this.error) {
      button.textContent = "Something went wrong";
    } else {
      const brand = document.createElement("span");
      brand.textContent = "banq";
      button.replaceChildren(this.mode === "pre-register-flow" ? "Pre-register with" : "Pay with", " ", brand);
    }
  }
}
