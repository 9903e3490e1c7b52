import "./dom.js";

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";

import { loadBanqCheckout } from "banq-checkout";

import { clear, settled } from "./dom.js";

const { fileUrl } = await import("./node_modules/banq-checkout/files.js");
const root = new URL("../../", import.meta.url);

// What the real loader fetches; nothing is answered.
const fetched = [];
globalThis.fetch = (url) => {
  fetched.push(String(url));
  return new Promise(() => {});
};

beforeEach(async () => {
  await clear();
  fetched.length = 0;
});

/** Starts the real loader's app, and returns the addresses that it fetches at once. */
async function fetchedBy(options) {
  const App = await loadBanqCheckout();
  const app = new App({ selector: document.body, getPaymentInfo: async () => "", ...options });
  app.bootstrapApp();
  await settled();
  app.destroyWidget();
  return fetched;
}

test("each_file_of_the_widget_is_in_the_package", () => {
  const languages = readdirSync(new URL("www/languages", root));
  const scripts = ["ecommerce.js", "banq-checkout.js", "banq-checkout_bg.wasm", "banq-plain.js"];
  for (const name of [...scripts, ...languages]) {
    const url = new URL(fileUrl(name));
    assert.equal(url.pathname.split("/").at(-1), name);
    assert.ok(readFileSync(fileURLToPath(url)).length > 0, name);
  }
});

test("loader_gets_a_language_from_the_package", async () => {
  assert.deepEqual((await fetchedBy({ locale: "pt-BR" })).slice(0, 1), [fileUrl("banq-pt-br.json")]);
});

test("loader_gets_an_english_label_from_the_package", async () => {
  const appearance = { buttonLabel: "buy" };
  assert.deepEqual((await fetchedBy({ locale: "en", appearance })).slice(0, 1), [fileUrl("banq-en.json")]);
});

test("loader_asks_the_function_of_the_page_for_a_file", async () => {
  const assetsUrl = (name) => `https://cdn.example/${name}?hash`;
  assert.deepEqual(await fetchedBy({ locale: "de", assetsUrl }), ["https://cdn.example/banq-de.json?hash"]);
});

test("loader_gets_a_file_from_the_folder_of_the_page", async () => {
  const assetsUrl = "/static/widget/";
  assert.deepEqual(await fetchedBy({ locale: "de", assetsUrl }), ["https://shop.example/static/widget/banq-de.json"]);
});

test("version_and_licence_are_those_of_the_repository", () => {
  const { version, license } = JSON.parse(readFileSync(new URL("npm/package.json", root)));
  const cargo = readFileSync(new URL("Cargo.toml", root), "utf8");
  assert.equal(version, /^version = "(.*)"$/m.exec(cargo)[1]);
  assert.equal(license, /^license = "(.*)"$/m.exec(cargo)[1]);
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    assert.equal(readFileSync(new URL(`npm/${name}`, root), "utf8"), readFileSync(new URL(name, root), "utf8"));
  }
});
