import { clear, settled, unhandled } from "./dom.js";

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { installBanqDouble } from "banq-checkout/testing";

const { StrictMode, act, createElement } = await import("react");
const { createRoot } = await import("react-dom/client");
const { BanqCheckout, useBanqCheckout } = await import("banq-checkout/react");

let banq;
let root;

beforeEach(() => {
  banq = installBanqDouble();
  const container = document.createElement("main");
  document.body.append(container);
  root = createRoot(container);
});

afterEach(async () => {
  await act(() => root.unmount());
  assert.equal(banq.apps.length, 0);
  await clear();
  banq.restore();
  assert.deepEqual(unhandled, []);
});

const render = (element) =>
  act(async () => {
    root.render(createElement(StrictMode, null, element));
    await settled();
  });

/** Counts the shop's link requests. */
function shop() {
  const asked = [];
  const getPaymentInfo = (order) => async () => {
    asked.push(order);
    return { url: `https://link.banq.com/${order}`, checkoutId: order };
  };
  return { asked, getPaymentInfo };
}

test("strict_mode_leaves_one_app_in_its_place", async () => {
  await render(createElement(BanqCheckout, { id: "pay", getPaymentInfo: shop().getPaymentInfo("A7") }));
  assert.equal(banq.app.button.closest("main > div").id, "pay");
});

test("new_functions_and_equal_objects_neither_end_nor_restart", async () => {
  const { asked, getPaymentInfo } = shop();
  const paid = [];
  const page = (rendering) =>
    createElement(BanqCheckout, {
      getPaymentInfo: getPaymentInfo("A7"),
      appearance: { accentColor: "#0a7" },
      onPaymentSuccess: () => paid.push(rendering),
    });
  await render(page(1));
  const { app } = banq;
  await act(() => app.press());
  const { update } = window.ecommerceBanqWidget.prototype;
  let updates = 0;
  window.ecommerceBanqWidget.prototype.update = function (options) {
    updates += 1;
    update.call(this, options);
  };
  for (const rendering of [2, 3, 4]) await render(page(rendering));
  app.play("paid");
  assert.equal(banq.app, app);
  assert.deepEqual([asked, updates, paid], [["A7"], 0, [4]]);
});

test("another_order_key_asks_for_the_new_orders_link", async () => {
  const { asked, getPaymentInfo } = shop();
  const page = (order) => createElement(BanqCheckout, { orderKey: order, getPaymentInfo: getPaymentInfo(order) });
  await render(page("A7"));
  const { app } = banq;
  await act(() => app.press());
  await render(page("A8"));
  assert.equal(banq.app, app);
  assert.deepEqual(asked, ["A7", "A8"]);
  assert.equal(app.checkout.checkoutId, "A8");
});

test("changed_data_updates_the_app_of_the_same_order", async () => {
  const { asked, getPaymentInfo: linkOf } = shop();
  const getPaymentInfo = linkOf("A7");
  await render(createElement(BanqCheckout, { getPaymentInfo, shopName: "Lamps" }));
  const { app } = banq;
  await act(() => app.press());
  await render(createElement(BanqCheckout, { getPaymentInfo, shopName: "Lamps", disabled: true }));
  assert.equal(app.button.disabled, true);
  await render(createElement(BanqCheckout, { getPaymentInfo, theme: "dark" }));
  assert.equal(banq.app, app);
  const { shopName, disabled, theme } = app.options;
  assert.deepEqual([shopName, disabled, theme], [undefined, undefined, "dark"]);
  assert.equal(app.button.disabled, false);
  assert.deepEqual(asked, ["A7"]);
});

test("order_of_another_content_is_another_order", async () => {
  const posted = [];
  globalThis.fetch = async (url, { body }) => {
    posted.push(JSON.parse(body).orderId);
    return { json: async () => ({ data: { url: `https://link.banq.com/${posted.at(-1)}` } }) };
  };
  const page = (orderId) => createElement(BanqCheckout, { endpoint: "/link", order: { orderId } });
  await render(page("A7"));
  await act(() => banq.app.press());
  await render(page("A7"));
  assert.deepEqual(posted, ["A7"]);
  await render(page("A8"));
  assert.deepEqual(posted, ["A7", "A8"]);
});

test("refusing_click_keeps_the_dialog_shut", async () => {
  const { asked, getPaymentInfo } = shop();
  await render(createElement(BanqCheckout, { getPaymentInfo: getPaymentInfo("A7"), onClick: async () => false }));
  await act(() => banq.app.press());
  assert.deepEqual([banq.app.isOpen, asked], [false, []]);
});

test("hook_opens_from_a_button_of_the_page", async () => {
  function Cart() {
    const { ref, open, close } = useBanqCheckout({ button: false, getPaymentInfo: shop().getPaymentInfo("A7") });
    return [
      createElement("div", { ref, key: "place" }),
      createElement("button", { id: "open", onClick: open, key: "open" }),
      createElement("button", { id: "close", onClick: close, key: "close" }),
    ];
  }
  await render(createElement(Cart));
  await act(() => document.getElementById("open").click());
  assert.equal(banq.app.isOpen, true);
  await act(() => document.getElementById("close").click());
  assert.equal(banq.app.isOpen, false);
});

test("failed_load_is_an_error_of_the_page", async () => {
  banq.restore();
  banq = installBanqDouble({ loadFails: true });
  const codes = [];
  const onError = ({ code }) => codes.push(code);
  await render(createElement(BanqCheckout, { getPaymentInfo: shop().getPaymentInfo("A7"), onError }));
  assert.equal(codes.at(-1), "load_failed");
});
