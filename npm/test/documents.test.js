// The code of README.md, as it stands in docs/snippets, against the packed files.

import { clear, settled, unhandled } from "./dom.js";

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, mock, test } from "node:test";

import { transform } from "esbuild";
import { loadBanqCheckout } from "banq-checkout";
import { installBanqDouble } from "banq-checkout/testing";

// Below `node_modules`, which git ignores, and from where the package is found.
const here = new URL("node_modules/.documents/", import.meta.url);
const snippet = (name) => readFileSync(new URL(`../../docs/snippets/${name}`, import.meta.url), "utf8");

let banq;
let visited;
let requests;
let count = 0;

before(() => mkdirSync(here, { recursive: true }));
after(() => rmSync(here, { recursive: true }));

beforeEach(() => {
  visited = [];
  requests = [];
  globalThis.location = { href: window.location.href, assign: (address) => visited.push(address) };
  mock.method(globalThis, "fetch", async (address, { body }) => {
    requests.push([String(address), JSON.parse(body)]);
    return Response.json({ data: { url: "https://link.banq.com/abc", checkoutId: "c1" } }, { status: 201 });
  });
});

afterEach(async () => {
  banq?.restore();
  mock.restoreAll();
  await clear();
  assert.deepEqual(unhandled, []);
});

/** Runs a module, which finds the package as a page of a bundler does. */
async function run(code) {
  const file = new URL(`module-${(count += 1)}.js`, here);
  writeFileSync(file, code);
  return import(file);
}

const REQUEST = [
  "https://pay.your-shop.example/generate-payment-link",
  { orderId: "A7Q2-9XKD", token: "q3ZBvC0mS9yF1tKx7LwPdg" },
];

test("the_module_is_paid_and_the_page_goes_on", async () => {
  banq = installBanqDouble();
  document.body.innerHTML = "<div id='pay-with-banq'></div>";
  await run(snippet("npm-module.js"));
  await banq.app.press();
  assert.deepEqual(requests, [REQUEST]);
  banq.app.play("paid");
  assert.deepEqual(visited, ["/thanks"]);
});

test("the_element_is_paid_and_the_page_goes_on", async () => {
  banq = installBanqDouble();
  const [markup, rest] = snippet("npm-element.html").split('<script type="module">');
  document.body.innerHTML = markup;
  await run(rest.replace("</script>", ""));
  await settled();
  await banq.app.press();
  assert.deepEqual(requests, [REQUEST]);
  banq.app.play("paid");
  assert.deepEqual(visited, ["/thanks"]);
});

test("the_react_component_is_paid_and_tells", async () => {
  banq = installBanqDouble();
  const { act, createElement } = await import("react");
  const { createRoot } = await import("react-dom/client");
  const { code } = await transform(snippet("npm-react.jsx"), { loader: "jsx", jsx: "automatic" });
  const { Pay } = await run(code);
  const root = createRoot(document.body.appendChild(document.createElement("main")));
  let paid = 0;
  const [, { orderId, token }] = REQUEST;
  await act(async () => {
    root.render(createElement(Pay, { order: { id: orderId, token }, onPaid: () => (paid += 1) }));
    await settled();
  });
  await act(() => banq.app.press());
  assert.deepEqual(requests, [REQUEST]);
  await act(async () => banq.app.play("paid"));
  assert.equal(paid, 1);
  await act(() => root.unmount());
});

test("the_double_plays_as_documented", async () => {
  const comment = "// … render your page in jsdom …";
  const code = snippet("npm-double.js");
  assert(code.includes(comment));
  const events = [];
  globalThis.render = async () => {
    const App = await loadBanqCheckout();
    const getPaymentInfo = async () => "https://link.banq.com/abc";
    const onPaymentSuccess = () => events.push("paid");
    await new App({ selector: document.body, getPaymentInfo, onPaymentSuccess }).bootstrapApp();
  };
  await run(code.replace(comment, "await render();"));
  assert.deepEqual(events, ["paid"]);
  assert.equal(window.ecommerceBanqWidget, undefined, "restored");
});

test("a_page_of_the_original_changes_one_import", () => {
  const lines = snippet("original-import.diff").trim().split("\n");
  const added = lines.filter((line) => line.startsWith("+")).map((line) => line.slice(1));
  assert.equal(added.length, 1);
  const page = readFileSync(new URL("../../examples/original-element/main.js", import.meta.url), "utf8");
  assert(page.split("\n").includes(added[0]));
});
