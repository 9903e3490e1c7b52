import { fileUrl } from "./files.js";

const NAME = "ecommerceBanqWidget";

let loading;
let attempts = 0;

/** Loads the script of the widget once, and resolves to its class. */
export function loadBanqCheckout({ assetsUrl = fileUrl } = {}) {
  if (typeof document === "undefined") {
    const refused = Promise.reject(new Error("banq-checkout: loadBanqCheckout() needs a browser"));
    // A module that calls this at its top level runs on the server too, and does not handle the rejection there.
    refused.catch(() => {});
    return refused;
  }
  // The page's own script tag, or the double of a test.
  if (typeof window[NAME] === "function") return Promise.resolve(window[NAME]);
  loading ??= load(assetsUrl).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(assetsUrl) {
  // Browsers remember a module that failed, so each attempt needs a new address.
  const url = new URL(address(assetsUrl), document.baseURI);
  if (attempts++) url.searchParams.set("again", attempts);
  await import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ url.href);
  window[NAME].assetsUrl = assetsUrl;
  return window[NAME];
}

function address(assetsUrl) {
  return typeof assetsUrl === "function" ? assetsUrl("ecommerce.js") : assetsUrl.replace(/\/*$/, "/ecommerce.js");
}
