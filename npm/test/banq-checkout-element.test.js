import { clear, heard, settled, unhandled } from "./dom.js";

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { installBanqDouble } from "banq-checkout/testing";

await import("banq-checkout/element");

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

/** Puts markup into the page, and returns its first element when its app is there. */
async function show(markup, properties = {}) {
  document.body.innerHTML = markup;
  const element = Object.assign(document.body.firstElementChild, properties);
  await settled();
  return element;
}

test("attributes_are_the_options_of_the_app", async () => {
  await show(`<banq-checkout
    endpoint="/generate-payment-link" order='{"orderId":"A7"}' shop-name="Lamps" support-url="mailto:a@b.example"
    environment="sandbox" grace-seconds="60" debug disabled="false" loading button="false"
    appearance='{"accentColor":"#0a7"}'></banq-checkout>`);
  const { options } = banq.app;
  assert.equal(options.selector.getRootNode().host, document.querySelector("banq-checkout"));
  assert.equal(options.endpoint, "/generate-payment-link");
  assert.deepEqual(options.order, { orderId: "A7" });
  assert.deepEqual(options.appearance, { accentColor: "#0a7" });
  assert.equal(options.shopName, "Lamps");
  assert.equal(options.supportUrl, "mailto:a@b.example");
  assert.equal(options.graceSeconds, 60);
  assert.deepEqual([options.debug, options.disabled, options.loading, options.button], [true, false, true, false]);
});

test("wrong_json_reaches_the_widget_which_names_it", async () => {
  await show(`<banq-checkout endpoint="/link" order="{A7}"></banq-checkout>`);
  assert.equal(banq.app.options.order, "{A7}");
});

test("app_waits_for_a_source_of_the_link", async () => {
  const element = await show("<banq-checkout></banq-checkout>");
  assert.equal(banq.apps.length, 0);
  element.getPaymentInfo = async () => LINK;
  await settled();
  assert.equal(banq.apps.length, 1);
});

test("changes_of_one_task_are_one_update", async () => {
  const getPaymentInfo = async () => LINK;
  const element = await show("<banq-checkout></banq-checkout>", { getPaymentInfo });
  const { app } = banq;
  const { update } = window.ecommerceBanqWidget.prototype;
  let updates = 0;
  window.ecommerceBanqWidget.prototype.update = function (options) {
    updates += 1;
    update.call(this, options);
  };
  element.shopName = "Lamps";
  element.setAttribute("theme", "dark");
  element.theme = "dark";
  await settled();
  assert.equal(updates, 1);
  assert.equal(banq.app, app);
  assert.equal(app.options.shopName, "Lamps");
  element.shopName = "Lamps";
  await settled();
  assert.equal(updates, 1);
  element.removeAttribute("theme");
  await settled();
  assert.equal(app.options.theme, undefined);
});

test("properties_set_before_the_definition_are_kept", async () => {
  const element = document.createElement("late-checkout");
  Object.assign(element, { getPaymentInfo: async () => LINK, shopName: "Lamps" });
  element.setAttribute("shop-name", "Other");
  document.body.append(element);
  const { BanqCheckoutElement } = await import("banq-checkout/element");
  customElements.define("late-checkout", class extends BanqCheckoutElement {});
  await settled();
  assert.equal(banq.app.options.shopName, "Lamps");
  assert.deepEqual(Object.keys(element), []);
});

test("moved_element_keeps_its_app", async () => {
  const element = await show("<banq-checkout></banq-checkout><main></main>", { getPaymentInfo: async () => LINK });
  const { app } = banq;
  document.body.querySelector("main").append(element);
  await settled();
  assert.equal(banq.app, app);
  assert.ok(app.button.isConnected);
});

test("removed_element_ends_its_app_and_starts_again", async () => {
  const element = await show("<banq-checkout></banq-checkout>", { getPaymentInfo: async () => LINK });
  const { app } = banq;
  element.remove();
  await settled();
  assert.equal(banq.apps.length, 0);
  document.body.append(element);
  await settled();
  assert.notEqual(banq.app, app);
});

test("callbacks_are_events_that_bubble", async () => {
  const events = heard("banq:open", "banq:paid", "banq:close");
  await show("<banq-checkout></banq-checkout>", { getPaymentInfo: async () => ({ url: LINK, checkoutId: "c1" }) });
  await banq.app.press();
  banq.app.play("paid");
  banq.app.closeDialog();
  assert.deepEqual(events, [
    ["banq:open", {}],
    ["banq:paid", { ...banq.app.checkout, late: false }],
    ["banq:close", { reason: "user", status: "paid" }],
  ]);
});

test("prevented_click_opens_nothing", async () => {
  let asked = 0;
  const element = await show("<banq-checkout></banq-checkout>", {
    getPaymentInfo: async () => {
      asked += 1;
      return LINK;
    },
  });
  element.addEventListener("banq:click", (event) => event.preventDefault(), { once: true });
  await banq.app.press();
  assert.deepEqual([banq.app.isOpen, asked], [false, 0]);
  await banq.app.press();
  assert.deepEqual([banq.app.isOpen, asked], [true, 1]);
});

test("methods_open_and_close_the_dialog", async () => {
  const element = await show("<banq-checkout></banq-checkout>", { getPaymentInfo: async () => LINK });
  element.open();
  assert.equal(banq.app.isOpen, true);
  element.close();
  assert.equal(banq.app.isOpen, false);
});

test("error_of_the_loader_is_one_event", async () => {
  banq.restore();
  banq = installBanqDouble({ loadFails: true });
  const events = heard("banq:error");
  await show("<banq-checkout></banq-checkout>", { getPaymentInfo: async () => LINK });
  assert.deepEqual(events.map(([, { code }]) => code), ["load_failed"]);
});

test("own_content_is_shown_until_the_button_is_there", async () => {
  const element = await show("<banq-checkout><a href='/pay'>Pay</a></banq-checkout>");
  const link = element.firstChild;
  assert.equal(link.assignedSlot?.getRootNode(), element.shadowRoot);
  element.getPaymentInfo = async () => LINK;
  await settled();
  assert.equal(link.assignedSlot, null);
  // A framework that takes over the page finds what its server wrote.
  assert.deepEqual([...element.childNodes], [link]);
});

test("container_has_the_name_and_language_around_the_element", async () => {
  const getPaymentInfo = async () => LINK;
  const [named, other, same] = ["<banq-checkout id='pay'>", "<banq-checkout>", "<banq-checkout id='pay'>"];
  document.body.innerHTML = `<main lang="de">${named}</banq-checkout></main>${other}</banq-checkout>${same}`;
  for (const element of document.querySelectorAll("banq-checkout")) element.getPaymentInfo = getPaymentInfo;
  await settled();
  const places = banq.apps.map(({ options }) => options.selector);
  assert.deepEqual(places.map(({ lang }) => lang), ["de", "en", "en"]);
  assert.equal(places[0].id, "pay");
  assert.equal(new Set(places.map(({ id }) => id)).size, 3);
  document.documentElement.removeAttribute("lang");
  document.body.lastElementChild.shopName = "Lamps";
  await settled();
  assert.equal(places[2].hasAttribute("lang"), false);
  document.documentElement.lang = "en";
});

test("page_can_style_the_parts", async () => {
  await show("<banq-checkout></banq-checkout>", { getPaymentInfo: async () => LINK });
  assert.match(banq.app.button.parentElement.getAttribute("exportparts"), /^button, dialog,/);
});

test("page_with_an_element_of_this_name_keeps_it", async () => {
  const { define } = await import("./node_modules/banq-checkout/elements/define.js");
  const present = customElements.get("banq-checkout");
  define("banq-checkout", class extends HTMLElement {});
  assert.equal(customElements.get("banq-checkout"), present);
});
