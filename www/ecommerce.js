// banq checkout: the loader. It defines window.ecommerceBanqWidget at once, so that the page's next line works; paints
// the button when bootstrapApp() is called; fetches the widget itself (WebAssembly) when the page is idle or when the
// pointer or the focus reaches the button; requests the payment link at a click that comes before the widget is
// loaded; and opens the link itself if the widget cannot run. Contract: ecommerce.d.ts.
//
// The parts: helpers, the widget's files, the button, the payment link, the payment window, the app. Pages replace and
// extend the browser's objects (Prototype.js, MooTools, a variable named URL or Map), so all parts use syntax and the
// oldest DOM methods if there is a choice.
(() => {
  "use strict";
  const NAME = "ecommerceBanqWidget";
  // The type is checked because an element with this id has this name in `window` too.
  if (typeof window[NAME] === "function") {
    console.warn("banq-checkout: twice");
    return;
  }

  // ---- Helpers

  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const once = (event) => new Promise((done) => addEventListener(event, done, { once: true }));

  // Keeps a rejection that is never handled from being an "unhandled rejection" of the page.
  const quiet = (promise) => (promise.catch(() => {}), promise);

  // Copies the own properties of both. A script that wrote into Object.prototype must not choose a payment link.
  const own = (first, second) => ({ __proto__: null, ...first, ...second });

  function failure(code, message, recoverable, cause) {
    return Object.assign(new Error(message), { code, recoverable, cause });
  }

  function element(name, attributes, text = "") {
    const made = document.createElement(name);
    attributes = own(attributes);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.textContent = text;
    return made;
  }

  // Parses an address as the browser does; a relative one is relative to the document.
  const parse = (href) => element("a", { href });

  function remove(node) {
    if (node.parentNode) node.parentNode.removeChild(node);
  }

  // Resolves when the page has loaded and is idle. Safari has no idle callback.
  async function idle() {
    if (document.readyState !== "complete") await once("load");
    return new Promise((done) => (window.requestIdleCallback || setTimeout)(done));
  }

  // Both are known only while this script runs. A page can hold an element named "currentScript", hence the check.
  const script = document.currentScript;
  const { src, nonce } = script instanceof HTMLScriptElement ? script : own();
  const marked = document.querySelector("script[data-assets-url]");

  // ---- The widget's files: one download for all widgets of the page. A failed download can be tried again.

  let loading;
  let requests = 0;

  // Returns the folder that the page names, or else the folder of this script, or, if the script has no address, the
  // folder of the page.
  function folder({ assetsUrl }) {
    const named = assetsUrl || marked?.dataset.assetsUrl;
    return parse(named ? named + "/" : src || "").href.replace(/\/*[^/]*(\?.*)?$/, "/");
  }

  async function download(folder) {
    // The smallest possible module. This throws if the page's policy forbids WebAssembly, or the browser has none: then
    // nothing needs to be downloaded.
    new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    for (let pause = 300; ; pause *= 4) {
      try {
        // Browsers remember a module that failed, so each attempt needs a new address.
        const again = requests++ ? "?again=" + requests : "";
        const wasm = quiet(fetch(folder + "banq-checkout_bg.wasm" + again));
        const glue = import(/* webpackIgnore: true */ folder + "banq-checkout.js" + again);
        // A browser takes up to 0.1 s to format its first amount: do it now, and not between a click and its QR code.
        (0).toLocaleString();
        const module = await glue;
        await module.default({ module_or_path: wasm });
        return module;
      } catch (error) {
        if (pause > 1200) {
          loading = null;
          throw error;
        }
        await wait(pause); // 300 ms, then 1200
      }
    }
  }

  // ---- The button: identical to that of src/view/button.rs.

  // The button's rules; build.rs reads them from here for a Rust program without the loader. The page's rules can match
  // the host, but an important rule in a shadow tree is stronger: the button always looks like this, and is visible as
  // long as its container is. (`all` does not reset `direction` and custom properties, which carry `appearance`.)
  const BUTTON_CSS = `
:host {
  all: initial !important;
  display: block !important;
  visibility: inherit !important;
  pointer-events: inherit !important;
  text-align: inherit !important;
}
* { box-sizing: border-box; }
.widget { font: 16px/1.5 var(--banq-font-family,system-ui,sans-serif); }
/* The original's gradient, with a red that is one shade darker, so that the contrast of the white words is 4.5 : 1. The
   page's direction decides where the button stands; its own words are English. */
.pay {
  direction: ltr;
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 8px;
  width: var(--banq-width,286px);
  max-width: 100%;
  min-height: 50px;
  padding: 8px 16px;
  border: 0;
  border-radius: var(--banq-border-radius,8px);
  color: #fff;
  background: var(--banq-color,linear-gradient(90deg,#e02106,#7622a9 69%));
  font: inherit;
  cursor: pointer;
}
.pay:hover { filter: brightness(.92); }
/* Two rings, a light and a dark one, because the page behind them can have any colour. */
.pay:focus-visible { outline: 3px solid var(--banq-color,#7622a9); outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
.tag { padding: 0 8px; border-radius: 6px; background: #fff; color: var(--banq-color,#7622a9); font-weight: 700; }
.spinner {
  width: 18px;
  height: 18px;
  border: 3px solid currentColor;
  border-inline-end-color: transparent;
  border-radius: 50%;
  animation: spin 1s linear infinite;
}
/* The spinner takes no room, so the words do not move when it appears. */
.pay .spinner { margin-inline-end: -26px; }
@keyframes spin { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .spinner { animation: none; } }
@media (forced-colors: active) { .pay { border: 1px solid; } }
`;

  // Adds the rules by a constructed stylesheet, which needs no permission of the page's policy. Safari before 16.4
  // cannot construct one: it gets a <style>, which is returned.
  let sheet;
  function style(shadow, nonce) {
    try {
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(BUTTON_CSS);
      shadow.adoptedStyleSheets = [sheet];
    } catch (error) {
      return shadow.appendChild(element("style", { nonce }, BUTTON_CSS));
    }
  }

  // The properties of `appearance`, each with the CSS property that decides which values are good.
  const APPEARANCE = {
    __proto__: null,
    accentColor: "color",
    borderRadius: "border-radius",
    buttonWidth: "width",
    fontFamily: "font-family",
  };

  // Sets the good values at the host. The widget reports the others to the page (src/appearance.rs).
  function dress(host, appearance) {
    const look = own(appearance);
    const probe = element("div").style; // accepts good values only
    for (const key in APPEARANCE) {
      const property = APPEARANCE[key];
      probe.setProperty(property, look[key] || "");
      host.style.setProperty("--banq-" + property, probe.getPropertyValue(property));
    }
  }

  function makeButton() {
    const box = element("div", { class: "widget", lang: "en" });
    const button = element(
      "button",
      { class: "pay", type: "button", part: "button", "aria-haspopup": "dialog" },
      "Pay with ",
    );
    button.appendChild(element("span", { class: "tag" }, "banq"));
    box.appendChild(button);
    return button;
  }

  // Removes the painted button, and shows the widget's own.
  function giveWay(button, host, root) {
    root.hidden = false;
    if (host.shadowRoot.activeElement === button) root.querySelector(".pay").focus({ preventScroll: true });
    remove(button.parentNode);
  }

  // Shows the dialog above the page again: after the page has moved its tree, it is still open, but no longer on top.
  // `close()` would tell the widget that the shopper closed it.
  function raiseDialog(root) {
    try {
      const dialog = root.querySelector("dialog[open]:not(:modal)");
      dialog.removeAttribute("open");
      dialog.showModal();
    } catch (error) {
      // No dialog is open, or the browser does not know :modal.
    }
  }

  // ---- The payment link

  // Returns a text or a function that identifies the order: if two of them differ, the orders differ.
  function source({ getPaymentInfo, endpoint, order }) {
    return getPaymentInfo || (typeof order === "function" ? order : endpoint + JSON.stringify(order));
  }

  // Requests the link. `answer` settles with the result of the page's function, or with the Response of its server.
  function ask({ getPaymentInfo, endpoint, order }) {
    const requestId = Math.random().toString(36).slice(2); // the id of the request in the server's log
    const send = async () => {
      await null; // the page's function may call the app
      if (getPaymentInfo) return getPaymentInfo({ requestId });
      const wanted = typeof order === "function" ? await order() : order;
      // Prototype.js before 1.7 has a toJSON() for arrays that returns a text.
      const body = JSON.stringify(wanted, function (key, value) {
        return Array.isArray(this[key]) ? this[key] : value;
      });
      return fetch(endpoint, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Request-Id": requestId },
        body,
      });
    };
    return { requestId, answer: quiet(send()) };
  }

  // Resolves to a link that may be opened; rejects if the request failed or the link is not safe to open.
  async function linkOf({ answer }, { getPaymentInfo, environment }) {
    let info;
    try {
      const read = async () => (getPaymentInfo ? answer : (await answer).json());
      // The widget has the same timeout.
      const said = await Promise.race([read(), new Promise((_, fail) => setTimeout(fail, 30000, "timeout"))]);
      // The server answered with a problem, perhaps through a page that passes answers on unchanged.
      const { code, status, detail, data } = own(said);
      if (code && status) throw new Error(status + " " + code + " " + detail);
      info = data || said;
    } catch (cause) {
      throw failure("link_request_failed", String(cause), true, cause);
    }
    const url = own(info).url || info;
    const href = checked(url, environment);
    if (!href) throw failure("link_invalid", "not an https: link: " + url, false);
    return href;
  }

  // Returns the link as the browser reads it, if it may be opened: the rule of src/payment_url.rs, which describes the
  // attacks. Removes the server's mark for the widget at the link's end, which is not for the payment page.
  function checked(link, environment) {
    if (!/^\w+:\/\/[^/?#@]+([/?#]|$)/.test(link) || /[\0- \x7f-\x9f\s\\]/.test(link)) return;
    const { protocol, hostname, href } = parse(link);
    const host = protocol + hostname;
    if (
      /^https:|^http:(localhost|\[::1]|127\.[\d.]+)$/.test(host) ||
      (environment === "local" && /^http:(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+$/.test(host))
    ) {
      return href.replace(/[#&]banq-checkout=[^&]*$/, "");
    }
  }

  // ---- The payment window

  // Resolves to whether the page has Cross-Origin-Opener-Policy: same-origin. With it, the browser calls a window closed
  // as soon as it shows another origin, and the page cannot tell that from a shopper who closes it.
  async function isIsolated() {
    try {
      const { headers } = await fetch(location, { method: "HEAD" });
      return /same-origin(?!-allow)/.test(headers.get("Cross-Origin-Opener-Policy"));
    } catch (error) {
      // An unknown policy counts as none.
    }
  }

  // ---- The app

  function App(given) {
    let options = own(given); // a copy, which update() can change
    let run; // identifies the current start; none before the first and after the end
    let booting; // the promise of the current start, while it runs or after it succeeded
    let host; // the element in the page's container
    let button; // the painted button, until the widget's own is shown
    let styled; // the <style>, if there is one
    let root; // the element that the widget draws into
    let widget; // the widget in WebAssembly
    let wanted = false; // the painted button was clicked, or open() called, and the dialog is not open yet
    let early; // the link request of this click
    let plain; // whether the widget cannot run
    let popup; // the payment window, if the widget cannot run
    let lost; // whether the browser cuts the window off from the page
    let hurry = () => {}; // ends the wait for an idle moment
    const spinner = element("span", { class: "spinner" });
    const observer = new MutationObserver(look);
    Object.assign(this, { bootstrapApp, open, close, update, destroyWidget });

    // Reports an error to the page. An error in the page's function does no harm here. The widget reports its own
    // errors.
    function tell(error) {
      console.error("banq-checkout:", error);
      const { onError } = options;
      if (onError && error.recoverable != null) {
        new Promise((done) => done(onError({ ...error, message: error.message }))).catch(console.error);
      }
    }

    function find() {
      const { selector } = options;
      try {
        return selector.nodeType === 1 ? selector : document.querySelector(selector);
      } catch (error) {
        return null; // neither an element nor a selector
      }
    }

    function bootstrapApp() {
      // The document decides, because the page can have replaced the container in this very task. A press is kept.
      if (host && !host.isConnected) end();
      if (!booting) {
        run = {};
        booting = quiet(start(run));
      }
      return booting;
    }

    // Starts the app. If another start took over, or the app was destroyed, this promise follows the other one.
    async function start(mine) {
      try {
        if (!host) {
          let place = find();
          if (!place && document.readyState === "loading") {
            await once("DOMContentLoaded");
            if (run !== mine) return booting;
            place = find();
          }
          if (!place) {
            throw failure(
              "invalid_option",
              "selector: expected an element or its CSS selector, got " + options.selector,
              false,
            );
          }
          paint(place);
        }
        if (!loading && !wanted) await Promise.race([idle(), new Promise((done) => (hurry = done))]);
        if (run !== mine) return booting;
        const module = await (loading ||= download(folder(options)));
        if (run !== mine) return booting;
        // The element is hidden until onReady, because Yew may let the browser draw a frame before that.
        root = element("div", { hidden: "" });
        widget = new module.Widget(forWidget(), { shadow: host.shadowRoot, root, style: styled, early });
        early = null;
      } catch (cause) {
        const error =
          cause.recoverable === false
            ? cause
            : failure("load_failed", String(cause), true, cause);
        await null; // so that bootstrapApp() has returned before the page is told
        if (run !== mine) return booting;
        booting = null; // the next bootstrapApp() tries again
        if (error === cause) destroyWidget();
        else plain = true;
        tell(error); // the page may destroy the app now
        if (plain && wanted) {
          wanted = false;
          pay();
        }
        throw error;
      }
    }

    function paint(place) {
      // An app that is already in this container ends.
      for (const child of place.children) child[NAME]?.();
      host = element("div");
      host[NAME] = destroyWidget;
      button = makeButton();
      button.onclick = open;
      button.onpointerenter = button.onfocus = () => hurry();
      busy(wanted);
      place.appendChild(host);
      // The two trees differ if the container itself is inside a shadow tree.
      for (const tree of [document, place.getRootNode()]) observer.observe(tree, { subtree: true, childList: true });
      try {
        const shadow = host.attachShadow({ mode: "open" });
        shadow.appendChild(button.parentNode);
        styled = style(shadow, options.nonce || nonce);
        dress(host, options.appearance);
      } catch (error) {
        // A shop must never be without its button. Without a shadow tree the widget cannot run, and the button opens the
        // link.
        if (!host.shadowRoot) host.appendChild(button.parentNode);
      }
    }

    function busy(on) {
      wanted = on;
      if (!button) return;
      button.setAttribute("aria-busy", on);
      if (on) button.appendChild(spinner);
      else remove(spinner);
    }

    // Shows the spinner, and requests the link, once.
    function pressed() {
      busy(true);
      return (early ||= ask(options));
    }

    // Returns the options for the widget, which draws into `root` and calls onReady when its button is there.
    function forWidget() {
      const { onReady } = options;
      const painted = button;
      const swap = () => {
        if (!painted || painted !== button) return; // destroyed meanwhile
        // A button that is removed between press and release would lose the click.
        if (painted.matches(":active")) return void setTimeout(swap, 20);
        giveWay(painted, host, root);
        button = null;
        if (wanted) widget.open();
        wanted = false;
        return onReady?.();
      };
      return { ...options, selector: host.shadowRoot, onReady: swap };
    }

    function open() {
      if (widget && !button) {
        widget.open();
      } else if (plain) {
        pay();
      } else if (widget) {
        busy(true); // kept until the widget's own button is there
      } else if (run) {
        pressed();
        hurry();
      }
    }

    function close() {
      if (widget && !button) {
        widget.close();
      } else if (!plain) {
        busy(false);
        early = null;
      }
    }

    // Opens the link without the widget. The window is opened in the click itself, or the browser blocks it; it is
    // sent to the link later.
    async function pay() {
      if (popup && !popup.closed) return popup.focus();
      if (wanted) return;
      const mine = host;
      // A window that was cut off can still be open, so no second one is opened.
      const opened = popup && lost ? null : (popup = window.open("", "_blank", "width=480,height=720"));
      let url, problem, request;
      do {
        request = pressed();
        url = await linkOf(request, options).catch((error) => {
          problem = error;
        });
        // The page may have changed its order meanwhile.
      } while (host === mine && early !== request);
      if (host !== mine) return; // destroyed: end() has closed the window
      early = null;
      busy(false);
      if (!url) {
        opened?.close();
        return tell(problem);
      }
      if (opened) opened.opener = null; // the payment page needs no access to the shop's page
      (opened || window).location.href = url; // if the window was blocked, the page itself goes to the link
      lost = await isIsolated();
      if (lost) console.warn("banq-checkout: use Cross-Origin-Opener-Policy: same-origin-allow-popups");
    }

    function update(changes) {
      const before = options;
      try {
        options = own(options, changes);
        const another = source(before) !== source(options);
        widget?.update(forWidget());
        if (host) dress(host, options.appearance);
        if (another) {
          early = wanted && !plain ? ask(options) : null;
          // The window shows the earlier order. A window that still waits for its link will be sent to the new one.
          if (popup && !wanted) {
            popup.close();
            popup = null;
          }
        }
      } catch (error) {
        options = before;
        tell(error);
      }
    }

    function destroyWidget() {
      wanted = false;
      early = null;
      end();
    }

    function end() {
      const left = widget;
      hurry();
      observer.disconnect();
      popup?.close();
      if (host) remove(host);
      run = booting = widget = host = button = popup = plain = null;
      if (left) {
        try {
          left.destroy();
          left.free();
        } catch (error) {
          tell(error);
        }
      }
    }

    // Called when the page has removed something from its document: this widget, something around it, or something else.
    function look(records) {
      if (!records.find((record) => record.removedNodes.length)) return;
      const seen = host;
      // Checked later, because a page that moves an element in two steps puts it back in this task.
      setTimeout(() => {
        if (seen !== host) return;
        if (seen.isConnected) raiseDialog(root);
        else destroyWidget();
      });
    }
  }

  window[NAME] = App;
})();
