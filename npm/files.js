// The addresses of the widget's files. Bundlers find each `new URL("…", import.meta.url)` by its literal text, copy the
// file, and write the copy's address in its place. `?no-inline` keeps Vite from writing a small file into the page's own
// script.
const FILES = {
  "ecommerce.js": () => new URL("./widget/ecommerce.js?no-inline", import.meta.url),
  "banq-checkout.js": () => new URL("./widget/banq-checkout.js?no-inline", import.meta.url),
  "banq-checkout_bg.wasm": () => new URL("./widget/banq-checkout_bg.wasm?no-inline", import.meta.url),
  "banq-plain.js": () => new URL("./widget/banq-plain.js?no-inline", import.meta.url),
  "banq-ar.json": () => new URL("./widget/banq-ar.json?no-inline", import.meta.url),
  "banq-de.json": () => new URL("./widget/banq-de.json?no-inline", import.meta.url),
  "banq-en.json": () => new URL("./widget/banq-en.json?no-inline", import.meta.url),
  "banq-es.json": () => new URL("./widget/banq-es.json?no-inline", import.meta.url),
  "banq-fr.json": () => new URL("./widget/banq-fr.json?no-inline", import.meta.url),
  "banq-he.json": () => new URL("./widget/banq-he.json?no-inline", import.meta.url),
  "banq-hi.json": () => new URL("./widget/banq-hi.json?no-inline", import.meta.url),
  "banq-it.json": () => new URL("./widget/banq-it.json?no-inline", import.meta.url),
  "banq-ja.json": () => new URL("./widget/banq-ja.json?no-inline", import.meta.url),
  "banq-ko.json": () => new URL("./widget/banq-ko.json?no-inline", import.meta.url),
  "banq-nl.json": () => new URL("./widget/banq-nl.json?no-inline", import.meta.url),
  "banq-pl.json": () => new URL("./widget/banq-pl.json?no-inline", import.meta.url),
  "banq-pt-br.json": () => new URL("./widget/banq-pt-br.json?no-inline", import.meta.url),
  "banq-pt.json": () => new URL("./widget/banq-pt.json?no-inline", import.meta.url),
  "banq-tr.json": () => new URL("./widget/banq-tr.json?no-inline", import.meta.url),
  "banq-uk.json": () => new URL("./widget/banq-uk.json?no-inline", import.meta.url),
  "banq-zh.json": () => new URL("./widget/banq-zh.json?no-inline", import.meta.url),
};

/** Returns the absolute address of one of the widget's files, as text. */
export function fileUrl(name) {
  // The development server of Vite before version 8 moves this module away from its files.
  return FILES[name]().href.replace("/.vite/deps/widget/", "/banq-checkout/widget/");
}
