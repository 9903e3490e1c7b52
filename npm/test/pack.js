// Packs the package and unpacks it into `node_modules`, so that all tests see what npm would publish.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const installed = `${here}node_modules/banq-checkout`;

if (!existsSync(`${here}../widget/ecommerce.js`)) {
  throw new Error("npm/widget has no files: run `cargo xtask dist` first");
}
const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", `${here}node_modules`, ".."], { cwd: here });
const [{ filename }] = JSON.parse(packed);
rmSync(installed, { recursive: true, force: true });
mkdirSync(installed);
execFileSync("tar", ["-xzf", `${here}node_modules/${filename}`, "--strip-components=1", "-C", installed]);
