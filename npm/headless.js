import load from "./widget/banq-headless.js";

export { Client } from "./widget/banq-headless.js";

/** Loads the headless client's WebAssembly once; a bundler finds the file without configuration. */
export default function init() {
  const url = new URL("./widget/banq-headless_bg.wasm", import.meta.url).href;
  // The development server of Vite before version 8 moves this module away from its files.
  return load({ module_or_path: url.replace("/.vite/deps/widget/", "/banq-checkout/widget/") });
}
