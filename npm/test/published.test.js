import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const tarball = readdirSync(`${here}node_modules`).find((name) => name.endsWith(".tgz"));

/** Runs a tool of `node_modules`; fails with its output if it fails. */
async function run(tool, ...args) {
  try {
    await promisify(execFile)(`${here}node_modules/.bin/${tool}`, args, { cwd: here });
  } catch ({ stdout, stderr }) {
    assert.fail(stdout + stderr);
  }
}

test("publint_finds_no_fault", () => run("publint", "--strict", `node_modules/${tarball}`));

// Node's `require` loads ES modules since 20.19.
test("types_resolve_for_every_importer_of_modules", () => {
  return run("attw", `node_modules/${tarball}`, "--profile", "esm-only");
});

test("types_accept_right_uses_only_under_nodenext", () => run("tsc", "-p", "types/tsconfig.json"));

test("types_accept_right_uses_only_in_a_bundler", () => run("tsc", "-p", "types/tsconfig.bundler.json"));
