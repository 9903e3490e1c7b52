import "./dom.js";

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";

const SCRIPT = `
  window.runs += 1;
  window.address = import.meta.url;
  window.ecommerceBanqWidget = class {};
`;

let folder;
let assetsUrl;

// Each test has a package that has loaded nothing yet, a page without the widget, and an empty folder.
let copies = 0;
async function fresh() {
  const { loadBanqCheckout } = await import(`./node_modules/banq-checkout/index.js?copy=${++copies}`);
  return loadBanqCheckout;
}

beforeEach(() => {
  delete window.ecommerceBanqWidget;
  window.runs = 0;
  folder = mkdtempSync(join(tmpdir(), "banq-widget-"));
  assetsUrl = pathToFileURL(folder).href;
});

afterEach(() => rmSync(folder, { recursive: true }));

test("calls_at_once_run_one_script", async () => {
  writeFileSync(join(folder, "ecommerce.js"), SCRIPT);
  const loadBanqCheckout = await fresh();
  const apps = await Promise.all([loadBanqCheckout({ assetsUrl }), loadBanqCheckout(), loadBanqCheckout()]);
  assert.equal(window.runs, 1);
  for (const App of apps) assert.equal(App, window.ecommerceBanqWidget);
});

test("class_takes_the_files_from_where_its_script_came", async () => {
  writeFileSync(join(folder, "ecommerce.js"), SCRIPT);
  const loadBanqCheckout = await fresh();
  const { assetsUrl: used } = await loadBanqCheckout({ assetsUrl });
  assert.equal(used, assetsUrl);
});

test("folder_with_a_slash_at_its_end_is_the_same_folder", async () => {
  writeFileSync(join(folder, "ecommerce.js"), SCRIPT);
  const loadBanqCheckout = await fresh();
  await loadBanqCheckout({ assetsUrl: `${assetsUrl}/` });
  assert.equal(window.runs, 1);
});

test("failed_load_rejects_and_is_tried_again", async () => {
  const loadBanqCheckout = await fresh();
  await assert.rejects(loadBanqCheckout({ assetsUrl }), /ecommerce\.js/);
  writeFileSync(join(folder, "ecommerce.js"), SCRIPT);
  assert.equal(await loadBanqCheckout({ assetsUrl }), window.ecommerceBanqWidget);
  assert.equal(window.runs, 1);
  // A browser would answer a request for the same address from its memory.
  assert.equal(window.address, `${assetsUrl}/ecommerce.js?again=2`);
});

test("class_of_a_script_tag_is_used_as_it_is", async () => {
  const App = class {};
  window.ecommerceBanqWidget = App;
  const loadBanqCheckout = await fresh();
  assert.equal(await loadBanqCheckout({ assetsUrl }), App);
  assert.deepEqual(Object.keys(App), []);
});

test("two_copies_of_the_package_share_one_class", async () => {
  writeFileSync(join(folder, "ecommerce.js"), SCRIPT);
  const [one, other] = [await fresh(), await fresh()];
  assert.equal(await one({ assetsUrl }), await other({ assetsUrl: "https://elsewhere.example/" }));
});
