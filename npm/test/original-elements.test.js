import { clear, heard, settled, unhandled } from "./dom.js";

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { installBanqDouble } from "banq-checkout/testing";

const elements = await import("banq-checkout/element");

const LINK = "https://link.banq.com/abc";

let banq;

beforeEach(() => {
  banq = installBanqDouble();
});

afterEach(async () => {
  await clear();
  banq.restore();
  assert.deepEqual(unhandled, []);
});

async function show(markup, properties = {}) {
  document.body.innerHTML = markup;
  const element = Object.assign(document.body.firstElementChild, properties);
  await settled();
  return element;
}

const innerButton = (element) => element.shadowRoot.querySelector("[part=button]");

test("originals_exports_are_the_defined_elements", () => {
  const { CheckoutWidgetDialogElement, CheckoutWidgetElement, PayWithBanqButtonElement } = elements;
  assert.equal(customElements.get("pay-with-banq-button"), PayWithBanqButtonElement);
  assert.equal(customElements.get("checkout-widget-dialog"), CheckoutWidgetDialogElement);
  assert.equal(customElements.get("checkout-widget"), CheckoutWidgetElement);
});

test("button_has_the_words_of_its_mode", async () => {
  const button = await show("<pay-with-banq-button>not shown</pay-with-banq-button>");
  assert.equal(innerButton(button).textContent, "Pay with banq");
  button.mode = "pre-register-flow";
  assert.equal(innerButton(button).textContent, "Pre-register with banq");
  button.error = true;
  assert.equal(innerButton(button).textContent, "Something went wrong");
});

for (const state of ["loading", "disabled", "error"]) {
  test(`button_with_${state}_cannot_be_pressed`, async () => {
    const button = await show(`<pay-with-banq-button class="wide" ${state}="true"></pay-with-banq-button>`);
    const inner = innerButton(button);
    assert.equal(inner.disabled, true);
    assert.equal(inner.className, `pay-with-banq-button pay-with-banq-button--${state} wide`);
    button.setAttribute(state, "false");
    assert.equal(inner.disabled, false);
    button[state] = "false";
    assert.equal(button[state], false);
  });
}

test("click_of_the_inner_button_reaches_the_page", async () => {
  const button = await show("<pay-with-banq-button></pay-with-banq-button>");
  const clicks = [];
  document.body.addEventListener("click", ({ target }) => clicks.push(target), { once: true });
  innerButton(button).click();
  assert.deepEqual(clicks, [button]);
});

test("dialog_opens_with_its_link_and_closes_itself", async () => {
  const dialog = await show("<checkout-widget-dialog open='false' name='Lamps'></checkout-widget-dialog>");
  assert.equal(banq.app.isOpen, false);
  assert.equal(banq.app.options.button, false);
  // The flow of the original's example page.
  dialog.paymentLink = LINK;
  dialog.open = true;
  await settled();
  assert.equal(banq.app.isOpen, true);
  assert.equal(banq.app.checkout.checkoutId, `checkout of ${LINK}`);
  assert.equal(banq.app.options.shopName, "Lamps");
  const events = heard("close");
  banq.app.closeDialog();
  assert.deepEqual(events, [["close", { type: "close", payload: { reason: "user", status: "pending" } }]]);
  assert.equal(dialog.open, false);
});

test("dialog_opens_by_attributes", async () => {
  const dialog = await show(`<checkout-widget-dialog open paymentlink="${LINK}"></checkout-widget-dialog>`);
  assert.equal(banq.app.isOpen, true);
  banq.app.closeDialog();
  assert.equal(dialog.hasAttribute("open"), false);
  dialog.setAttribute("open", "true");
  await settled();
  assert.equal(banq.app.isOpen, true);
});

test("page_that_sets_open_to_false_closes_the_dialog", async () => {
  const dialog = await show("<checkout-widget-dialog></checkout-widget-dialog>", { paymentLink: LINK, open: true });
  const events = heard("close");
  dialog.open = false;
  await settled();
  assert.equal(banq.app.isOpen, false);
  assert.deepEqual(events, []);
});

test("success_has_both_names_and_leaves_a_shadow_tree", async () => {
  const events = heard("successPayment", "paymentSuccess");
  const shadow = (await show("<div></div>")).attachShadow({ mode: "open" });
  shadow.innerHTML = `<checkout-widget-dialog open paymentlink="${LINK}"></checkout-widget-dialog>`;
  await settled();
  banq.app.play("paid");
  const payload = { ...banq.app.checkout, late: false };
  assert.deepEqual(events, [
    ["successPayment", { type: "successPayment", payload }],
    ["paymentSuccess", { type: "paymentSuccess", payload }],
  ]);
});

test("another_link_is_another_checkout", async () => {
  const dialog = await show("<checkout-widget-dialog></checkout-widget-dialog>", { paymentLink: LINK, open: true });
  const { app } = banq;
  dialog.paymentLink = `${LINK}d`;
  await settled();
  assert.equal(banq.app, app);
  assert.equal(app.checkout.checkoutId, `checkout of ${LINK}d`);
});

test("dialog_without_a_link_warns_once_and_says_close", async () => {
  const warn = mock.method(console, "warn", () => {});
  const events = heard("close");
  const dialog = await show("<checkout-widget-dialog mode='pre-register-flow' open></checkout-widget-dialog>");
  assert.equal(dialog.open, false);
  dialog.open = true;
  await settled();
  assert.deepEqual(events.map(([type]) => type), ["close", "close"]);
  assert.equal(warn.mock.callCount(), 1);
  assert.match(warn.mock.calls[0].arguments[0], /<checkout-widget-dialog mode="pre-register-flow"> needs a payment link/);
  warn.mock.restore();
});

test("link_that_is_taken_away_closes_the_open_dialog", async () => {
  const warn = mock.method(console, "warn", () => {});
  const events = heard("close");
  const dialog = await show("<checkout-widget-dialog></checkout-widget-dialog>", { paymentLink: LINK, open: true });
  dialog.paymentLink = "";
  await settled();
  assert.deepEqual([banq.app.isOpen, dialog.open, events.length], [false, false, 1]);
  warn.mock.restore();
});

for (const [original, ours] of [
  ["development", "local"],
  ["integration", "sandbox"],
  ["sandbox", "sandbox"],
  ["production", "production"],
]) {
  test(`environment_${original}_is_${ours}`, async () => {
    await show(`<checkout-widget-dialog environment="${original}"></checkout-widget-dialog>`);
    assert.equal(banq.app.options.environment, ours);
  });
}

test("defaults_are_those_of_the_original", async () => {
  await show("<checkout-widget-dialog></checkout-widget-dialog>");
  assert.equal(banq.app.options.environment, "sandbox");
  assert.equal(banq.app.options.theme, "light");
});

test("widget_stands_in_the_page_until_it_is_closed", async () => {
  const events = heard("close");
  const widget = await show(`<checkout-widget paymentlink="${LINK}"></checkout-widget>`);
  assert.equal(banq.app.options.presentation, "inline");
  assert.equal(banq.app.isOpen, true);
  banq.app.closeDialog();
  widget.theme = "dark";
  await settled();
  assert.equal(banq.app.isOpen, false);
  assert.equal(events.length, 1);
  widget.paymentLink = `${LINK}d`;
  await settled();
  assert.equal(banq.app.isOpen, true);
});

test("closed_widget_is_shown_again_at_its_next_connection", async () => {
  const widget = await show(`<checkout-widget paymentlink="${LINK}"></checkout-widget>`);
  banq.app.closeDialog();
  widget.remove();
  await settled();
  document.body.append(widget);
  await settled();
  assert.equal(banq.app.isOpen, true);
});

test("removed_dialog_ends_its_app_and_sends_nothing", async () => {
  const dialog = await show("<checkout-widget-dialog></checkout-widget-dialog>", { paymentLink: LINK, open: true });
  const events = heard("close");
  dialog.remove();
  await settled();
  assert.equal(banq.apps.length, 0);
  document.body.append(dialog);
  await settled();
  assert.equal(banq.app.isOpen, true);
  assert.deepEqual(events, []);
});
