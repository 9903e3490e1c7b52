// banq checkout: the loader. Defines window.ecommerceBanqWidget at once, so that the page's next line works; paints
// the button when bootstrapApp() is called; fetches the widget itself (WebAssembly) when the page is idle or the
// shopper comes near; asks for the payment link at a click that comes before the widget; and where the widget cannot
// run, opens the link without it. Contract: ecommerce.d.ts.
//
// The parts: helpers, the widget's files, the options that change the look, the button, the payment link, the payment
// window, the page that moves things, the app. Pages replace and extend what browsers have (Prototype.js, MooTools,
// a variable named URL or Map), so all parts use syntax and the oldest DOM methods where there is a choice.
(() => {
  "use strict";
  const NAME = "ecommerceBanqWidget";
  // An element with this id would be found under this name too.
  if (typeof window[NAME] === "function") {
    console.warn("banq-checkout: twice");
    return;
  }

  // ---- Helpers

  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const once = (event) => new Promise((done) => addEventListener(event, done, { once: true }));

  // Keeps a rejection that no one looks at from being an "unhandled rejection" of the page.
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

  // Reads an address as the browser does; a relative one begins at the document.
  const parse = (href) => element("a", { href });

  function remove(node) {
    if (node.parentNode) node.parentNode.removeChild(node);
  }

  // Resolves when the page has loaded and has nothing better to do. Safari has no idle callback.
  async function idle() {
    if (document.readyState !== "complete") await once("load");
    return new Promise((done) => (window.requestIdleCallback || setTimeout)(done));
  }

  // Both are known only while this script runs. A page can hold an element named "currentScript", hence the check.
  const script = document.currentScript;
  const { src, nonce } = script instanceof HTMLScriptElement ? script : own();
  const marked = document.querySelector("script[data-assets-url]");

  // ---- The widget's files: one download for all widgets of the page. A failed one can be tried again.

  let loading;
  let requests = 0;

  // Returns the folder that the page names, or the one that this script came from; of a script without an address the
  // page's own.
  function folder({ assetsUrl }) {
    const named = assetsUrl || marked?.dataset.assetsUrl;
    return parse(named ? named + "/" : src || "").href.replace(/\/*[^/]*(\?.*)?$/, "/");
  }

  async function download(folder) {
    // The smallest module there is. Throws where the page's policy forbids WebAssembly, or the browser has none:
    // then nothing needs to be downloaded.
    new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    for (let pause = 300; ; pause *= 4) {
      try {
        // Browsers remember a module that failed, hence a new address for each try.
        const again = requests++ ? "?again=" + requests : "";
        const wasm = quiet(fetch(folder + "banq-checkout_bg.wasm" + again));
        const glue = import(/* webpackIgnore: true */ folder + "banq-checkout.js" + again);
        // A browser's first amount takes up to 0.1 s: now, and not between a click and its code.
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

  // ---- The button: the very one of src/view/button.rs.

  // Its rules; build.rs reads them from here for a Rust program without the loader. Rules of the page can match the
  // host, and an important rule in a shadow tree is stronger than they are: the button looks as here, and is there
  // as long as its container is. (`all` keeps `direction` and custom properties, by which `appearance` arrives.)
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
/* The original's gradient, its red one shade darker so that the white words reach 4.5 : 1. Stands where the page's
   direction wants it; its words are English. */
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
/* Two rings, a light and a dark one: the page behind them can have any colour. */
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
/* Takes no room: the words stay where they are when it comes. */
.pay .spinner { margin-inline-end: -26px; }
@keyframes spin { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .spinner { animation: none; } }
@media (forced-colors: active) { .pay { border: 1px solid; } }
`;

  // A constructed stylesheet needs no permission of the page's policy; Safari before 16.4 cannot construct one.
  let sheet;
  function style(shadow, nonce) {
    try {
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(BUTTON_CSS);
      shadow.adoptedStyleSheets = [sheet];
    } catch (error) {
      return shadow.appendChild(element("style", { nonce }, BUTTON_CSS));
    }
  }

  // What `appearance` may hold, and the CSS property that says which values are good.
  const APPEARANCE = {
    __proto__: null,
    accentColor: "color",
    borderRadius: "border-radius",
    buttonWidth: "width",
    fontFamily: "font-family",
  };

  // Puts the good values on the host. The widget tells the page about the others (src/appearance.rs).
  function dress(host, appearance) {
    const look = own(appearance);
    const probe = element("div").style; // takes good values only
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

  // Takes the painted button away, and shows the widget's own.
  function giveWay(button, host, root) {
    root.hidden = false;
    if (host.shadowRoot.activeElement === button) root.querySelector(".pay").focus({ preventScroll: true });
    remove(button.parentNode);
  }

  // A dialog whose tree was moved is still open, but no longer above the page. Closing it the usual way would tell the
  // widget that the shopper did.
  function raiseDialog(root) {
    try {
      const dialog = root.querySelector("dialog[open]:not(:modal)");
      dialog.removeAttribute("open");
      dialog.showModal();
    } catch (error) {
      // There is none, or the browser does not know :modal.
    }
  }

  // ---- The payment link

  // Two texts, or functions, that differ stand for two orders.
  function source({ getPaymentInfo, endpoint, order }) {
    return getPaymentInfo || (typeof order === "function" ? order : endpoint + JSON.stringify(order));
  }

  // Asks for the link. `answer` settles with what the page gave, or with the Response of its server.
  function ask({ getPaymentInfo, endpoint, order }) {
    const requestId = Math.random().toString(36).slice(2); // finds the request in the server's log
    const send = async () => {
      await null; // the page's function may call the app
      if (getPaymentInfo) return getPaymentInfo({ requestId });
      const wanted = typeof order === "function" ? await order() : order;
      // Prototype.js before 1.7 has a toJSON() for arrays that makes texts of them.
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

  // Resolves to a link that may be opened. A failed request counts as the answer.
  async function linkOf({ answer }, { getPaymentInfo, environment }) {
    let info;
    try {
      const read = async () => (getPaymentInfo ? answer : (await answer).json());
      // The widget has the same patience.
      const said = await Promise.race([read(), new Promise((_, fail) => setTimeout(fail, 30000, "timeout"))]);
      // A problem that the server told, also by way of a page that passes answers on as they are.
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

  // Returns the link as the browser reads it, if it may be opened: the rule of src/payment_info.rs, where the attacks
  // are told. The server's mark for the widget, at the link's end, is not for the payment page.
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

  // Resolves to whether the page has Cross-Origin-Opener-Policy: same-origin. With it the browser calls a window closed
  // as soon as that shows another origin, and nothing else tells that from a shopper who closes it.
  async function isIsolated() {
    try {
      const { headers } = await fetch(location, { method: "HEAD" });
      return /same-origin(?!-allow)/.test(headers.get("Cross-Origin-Opener-Policy"));
    } catch (error) {
      // Then it is taken for one that is not.
    }
  }

  // ---- The app

  function App(given) {
    let options = own(given); // a copy, which update() can change
    let run; // which start is the current one; none before the first and after the end
    let booting; // its promise, while it runs or when it went well
    let host; // what the container holds
    let button; // the painted one, until the widget's own is there
    let styled; // the <style>, where there is one
    let root; // what the widget draws into
    let widget; // the one in WebAssembly
    let wanted = false; // the painted button was clicked, or open() called, and that is still to be answered
    let early; // the request for the link that this click made
    let plain; // the widget cannot run
    let popup; // the window of the plain button
    let lost; // whether the browser cuts it off
    let hurry = () => {}; // ends the wait for an idle moment
    const spinner = element("span", { class: "spinner" });
    const observer = new MutationObserver(look);
    Object.assign(this, { bootstrapApp, open, close, update, destroyWidget });

    // Tells the page, whose own mistakes harm nothing here. The widget has told its own.
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
        return null; // nothing of the kind
      }
    }

    function bootstrapApp() {
      // Judged by the document: the page can have replaced the container in this very task. A press stays.
      if (host && !host.isConnected) end();
      if (!booting) {
        run = {};
        booting = quiet(start(run));
      }
      return booting;
    }

    // Where another start took over, or the app was destroyed, the promise follows that.
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
        // Hidden until onReady: Yew may let the browser draw a frame before that.
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
      // An app that is here already ends.
      for (const child of place.children) child[NAME]?.();
      host = element("div");
      host[NAME] = destroyWidget;
      button = makeButton();
      button.onclick = open;
      button.onpointerenter = button.onfocus = () => hurry();
      busy(wanted);
      place.appendChild(host);
      // The second differs for a container that is itself inside a shadow tree.
      for (const tree of [document, place.getRootNode()]) observer.observe(tree, { subtree: true, childList: true });
      try {
        const shadow = host.attachShadow({ mode: "open" });
        shadow.appendChild(button.parentNode);
        styled = style(shadow, options.nonce || nonce);
        dress(host, options.appearance);
      } catch (error) {
        // Never a shop without its button: one without a shadow tree is a plain one, which opens the link.
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

    // Shows that the press is being answered, and asks for the link, once.
    function pressed() {
      busy(true);
      return (early ||= ask(options));
    }

    // The widget draws into `root`, and says onReady when its button is there.
    function forWidget() {
      const { onReady } = options;
      const painted = button;
      const swap = () => {
        if (!painted || painted !== button) return; // destroyed meanwhile
        // A button that goes between press and release would swallow the click.
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
      // One that was cut off can still be open, so no second one is opened.
      const opened = popup && lost ? null : (popup = window.open("", "_blank", "width=480,height=720"));
      let url, problem, request;
      do {
        request = pressed();
        url = await linkOf(request, options).catch((error) => {
          problem = error;
        });
        // The page may have changed its order meanwhile.
      } while (host === mine && early !== request);
      if (host !== mine) return; // destroyed: the window is closed
      early = null;
      busy(false);
      if (!url) {
        opened?.close();
        return tell(problem);
      }
      if (opened) opened.opener = null; // nothing there needs a way into the shop's page
      (opened || window).location.href = url; // blocked: the page itself goes there
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
          // The window shows the order before. One that waits for its link is sent to the right one.
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

    // The page took something out of its document: this widget, or something around it, or another thing.
    function look(records) {
      if (!records.find((record) => record.removedNodes.length)) return;
      const seen = host;
      // Later, because a page that moves a thing in two steps puts it back in this task.
      setTimeout(() => {
        if (seen !== host) return;
        if (seen.isConnected) raiseDialog(root);
        else destroyWidget();
      });
    }
  }

  window[NAME] = App;
})();
