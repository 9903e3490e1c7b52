import assert from "node:assert/strict";
import { test } from "node:test";

test("every_entry_imports_on_a_server", async () => {
  assert.equal(typeof document, "undefined");
  for (const entry of ["", "/element", "/headless", "/react", "/testing"]) {
    const module = await import(`banq-checkout${entry}`);
    assert.ok(Object.keys(module).length > 0, entry);
  }
});

test("loading_on_a_server_rejects_and_harms_nothing", async () => {
  const { loadBanqCheckout } = await import("banq-checkout");
  const unhandled = [];
  process.on("unhandledRejection", (error) => unhandled.push(error));
  const loading = loadBanqCheckout();
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(unhandled, []);
  await assert.rejects(loading, /needs a browser/);
});

test("react_renders_the_place_of_the_button_on_a_server", async () => {
  const { createElement } = await import("react");
  const { renderToString } = await import("react-dom/server");
  const { BanqCheckout } = await import("banq-checkout/react");
  const html = renderToString(createElement(BanqCheckout, { id: "pay", endpoint: "/link", order: {} }));
  assert.equal(html, '<div id="pay" style="min-height:50px"></div>');
});
