import { clear, heard, settled, unhandled } from "./dom.js";

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";

await import("banq-checkout/element");
const { Mounted } = await import("./node_modules/banq-checkout/mounted.js");

let folder;
let assetsUrl;

beforeEach(() => {
  delete window.ecommerceBanqWidget;
  folder = mkdtempSync(join(tmpdir(), "banq-widget-"));
  assetsUrl = pathToFileURL(folder).href;
  mock.method(console, "error", () => {});
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  mock.restoreAll();
  await clear();
  assert.deepEqual(unhandled, []);
});

/** Waits until the condition holds, at most five seconds. */
async function until(condition) {
  for (let waits = 0; !condition(); waits += 1) {
    assert.ok(waits < 1000, String(condition));
    await settled();
  }
}

test("element_without_a_script_is_one_event", async () => {
  const events = heard("banq:error");
  document.body.innerHTML = `<banq-checkout endpoint="/link" order="{}" assets-url="${assetsUrl}"></banq-checkout>`;
  await until(() => events.length > 0);
  await settled();
  assert.deepEqual(events.map(([, { code, recoverable }]) => [code, recoverable]), [["load_failed", true]]);
});

for (const [what, onError] of [
  ["throws", () => { throw new Error("of the page"); }],
  ["rejects", () => Promise.reject(new Error("of the page"))],
]) {
  test(`callback_that_${what}_at_a_failed_download_harms_nothing`, async () => {
    const called = mock.fn(onError);
    new Mounted({ assetsUrl, onError: called });
    await until(() => called.mock.callCount() > 0);
    await settled();
  });
}

test("opening_during_a_failing_download_is_one_error", async () => {
  const onError = mock.fn();
  new Mounted({ assetsUrl, onError }).open();
  await until(() => onError.mock.callCount() > 0);
  await settled();
  assert.equal(onError.mock.callCount(), 1);
});

test("opening_tries_a_failed_download_again", async () => {
  const onError = mock.fn();
  const mounted = new Mounted({ assetsUrl, onError });
  await until(() => onError.mock.callCount() > 0);
  assert.equal(mounted.isLoaded, false);
  writeFileSync(
    join(folder, "ecommerce.js"),
    `window.opened = 0;
     window.ecommerceBanqWidget = class {
       async bootstrapApp() {}
       open() { window.opened += 1; }
     };`,
  );
  mounted.open();
  await until(() => mounted.isLoaded);
  assert.equal(window.opened, 1);
});

test("app_that_ended_before_the_script_came_is_not_made", async () => {
  let made = 0;
  window.ecommerceBanqWidget = class {
    constructor() {
      made += 1;
    }
  };
  new Mounted({}).end();
  await settled();
  assert.equal(made, 0);
});
