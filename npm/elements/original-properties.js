import { flag, text } from "./properties.js";

/** The properties that the original's dialog and widget share. The last two have no effect: our widget has no sign-up. */
export const originalProperties = (theme) => ({
  paymentLink: text(),
  environment: text("sandbox"),
  mode: text("payment-flow"),
  name: text(),
  theme: text(theme),
  signUpFlowType: text(),
  tips: flag(),
});

/** Returns the attribute of a property of the original: `paymentLink` is `paymentlink`. */
export const lowercase = (name) => name.toLowerCase();
