import { clear, heard, settled, unhandled } from "./dom.js";

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { loadBanqCheckout } from "banq-checkout";
import { installBanqDouble } from "banq-checkout/testing";

const LINK = "https://link.banq.com/abc";

let banq;
let called;

beforeEach(() => {
  banq = installBanqDouble();
  called = [];
});

afterEach(async () => {
  banq.restore();
  assert.equal(window.ecommerceBanqWidget, undefined);
  await clear();
  assert.deepEqual(unhandled, []);
});

/** Starts an app whose callbacks write their names into `called`. */
async function start(options = {}) {
  const App = await loadBanqCheckout();
  const app = new App({
    selector: document.body,
    getPaymentInfo: async () => ({ data: { url: LINK, checkoutId: "c1", orderId: "A7", funds: 2, currency: "USD" } }),
    onPopUpOpen: () => called.push("onPopUpOpen"),
    onPopUpClose: ({ reason }) => called.push(`onPopUpClose ${reason}`),
    onStatusChange: ({ status, transport }) => called.push(`onStatusChange ${status} ${transport}`),
    onAgreed: () => called.push("onAgreed"),
    onPaymentSuccess: ({ late }) => called.push(`onPaymentSuccess ${late}`),
    onPaymentFailed: ({ status }) => called.push(`onPaymentFailed ${status}`),
    onExpired: () => called.push("onExpired"),
    onError: ({ code, recoverable }) => called.push(`onError ${code} ${recoverable}`),
    ...options,
  });
  await app.bootstrapApp();
  return app;
}

test("paid_order_calls_the_page_in_the_widgets_order", async () => {
  await start();
  await banq.app.press();
  banq.app.play("processing");
  banq.app.play("paid");
  banq.app.closeDialog();
  assert.deepEqual(called, [
    "onPopUpOpen",
    "onStatusChange pending sse",
    "onStatusChange processing sse",
    "onStatusChange paid sse",
    "onPaymentSuccess false",
    "onPopUpClose user",
  ]);
  const { checkoutId, orderId, funds, currency } = banq.app.checkout;
  assert.deepEqual([checkoutId, orderId, funds, currency], ["c1", "A7", "2", "USD"]);
});

for (const [status, ending] of [
  ["declined", "onPaymentFailed declined"],
  ["failed", "onPaymentFailed failed"],
  ["canceled", "onPaymentFailed canceled"],
  ["reversed", "onPaymentFailed reversed"],
  ["expired", "onExpired"],
]) {
  test(`${status}_order_ends_once_and_can_be_tried_again`, async () => {
    await start();
    await banq.app.press();
    called.length = 0;
    banq.app.play(status);
    banq.app.play(status);
    const change = `onStatusChange ${status} sse`;
    assert.deepEqual(called, [change, ending, change]);
    await banq.app.press();
    assert.equal(banq.app.status, "pending");
  });
}

test("same_checkout_continues_when_the_dialog_opens_again", async () => {
  await start();
  await banq.app.press();
  banq.app.closeDialog();
  called.length = 0;
  await banq.app.press();
  assert.deepEqual(called, ["onPopUpOpen"]);
});

test("link_that_comes_after_the_end_is_not_told", async () => {
  const app = await start();
  app.open();
  app.destroyWidget();
  await settled();
  assert.equal(called.at(-1), "onPopUpClose destroyed");
});

test("payment_after_closing_is_late", async () => {
  await start();
  await banq.app.press();
  banq.app.closeDialog();
  banq.app.play("paid");
  assert.equal(called.at(-1), "onPaymentSuccess true");
});

test("order_with_an_issue_has_no_ending", async () => {
  await start();
  await banq.app.press();
  banq.app.play("paid", { issue: "paid_other_amount" });
  assert.equal(called.at(-1), "onStatusChange paid sse");
  banq.app.play("paid");
  assert.equal(called.at(-1), "onPaymentSuccess false");
});

test("agreement_is_told_before_any_money", async () => {
  await start();
  await banq.app.press();
  banq.app.agree();
  assert.deepEqual(called.slice(-2), ["onStatusChange processing sse", "onAgreed"]);
});

test("refused_link_is_an_error_with_the_servers_code", async () => {
  await start({ getPaymentInfo: async () => ({ code: "order_already_paid", status: 409, detail: "paid" }) });
  await banq.app.press();
  assert.deepEqual(called, ["onPopUpOpen", "onError order_already_paid false"]);
  assert.throws(() => banq.app.play("paid"), /no checkout yet/);
});

test("test_can_refuse_one_link", async () => {
  await start();
  banq.app.refuseNextLink("provider_unavailable");
  await banq.app.press();
  assert.equal(called.at(-1), "onError provider_unavailable true");
  await banq.app.press();
  assert.equal(banq.app.status, "pending");
});

for (const [what, answer, code] of [
  ["rejection", () => Promise.reject(new TypeError("data is undefined")), "link_request_failed true"],
  ["missing_link", async () => ({ data: {} }), "link_invalid false"],
  ["link_that_runs_a_script", async () => "javascript:alert(1)", "link_invalid false"],
  ["plain_http", async () => "http://10.0.0.1/pay", "link_invalid false"],
  ["wrong_field", async () => ({ code: "invalid_field", status: 422 }), "order_rejected false"],
  ["server_fault", async () => ({ code: "internal", status: 500 }), "provider_unavailable true"],
]) {
  test(`${what}_is_${code.split(" ")[0]}`, async () => {
    await start({ getPaymentInfo: answer });
    await banq.app.press();
    assert.equal(called.at(-1), `onError ${code}`);
  });
}

test("press_of_the_real_button_asks_the_page_first", async () => {
  const onClick = mock.fn(() => false);
  await start({ onClick });
  banq.app.button.click();
  assert.equal(onClick.mock.callCount(), 1);
  assert.deepEqual(called, []);
});

test("callback_that_throws_harms_nothing", async () => {
  const error = mock.method(console, "error", () => {});
  const fault = new Error("of the page");
  await start({
    onPopUpOpen: () => {
      throw fault;
    },
    onStatusChange: async () => {
      throw fault;
    },
  });
  await banq.app.press();
  banq.app.play("paid");
  await null;
  assert.equal(called.at(-1), "onPaymentSuccess false");
  assert.ok(error.mock.calls.every(({ arguments: [thrown] }) => thrown === fault));
  assert.equal(error.mock.callCount(), 3);
  error.mock.restore();
});

test("changed_order_asks_again_while_the_dialog_is_open", async () => {
  const app = await start();
  await banq.app.press();
  app.update({ getPaymentInfo: async () => ({ url: LINK, checkoutId: "c2" }) });
  assert.equal(banq.app.checkout, null);
  await banq.app.press();
  assert.equal(banq.app.checkout.checkoutId, "c2");
});

test("second_app_in_a_container_replaces_the_first", async () => {
  await start();
  const first = banq.app;
  await start();
  assert.notEqual(banq.app, first);
});

test("missing_container_rejects_the_start", async () => {
  await assert.rejects(start({ selector: "#missing" }), { code: "invalid_option" });
  assert.deepEqual(called, ["onError invalid_option false"]);
});

test("ended_app_tells_the_page_that_the_dialog_closed", async () => {
  const events = heard("banq:close");
  const app = await start();
  await banq.app.press();
  app.destroyWidget();
  app.destroyWidget();
  assert.equal(called.at(-1), "onPopUpClose destroyed");
  assert.equal(events.length, 1);
  assert.equal(document.body.childElementCount, 0);
});
