// banq checkout: the loader. Defines window.ecommerceBanqWidget at once, so that the page's next line works;
// paints the button the moment bootstrapApp() is called; fetches the widget itself (WebAssembly) when the page
// is idle or the shopper comes near; and where the widget cannot run, opens the payment link without it.
// Contract: ecommerce.d.ts. The parts in the order in which a page meets them:
// the download, the options, the button, the link without the widget, the page that moves things, the app.
(function () {
  "use strict";
  const NAME = "ecommerceBanqWidget";
  if (window[NAME]) {
    console.warn("banq-checkout: ecommerce.js is in this page twice; the first one is used.");
    return;
  }

  // Only while this script runs does the document say which one it is. A page can hold an element named
  // "currentScript", hence the check of the type.
  const script = document.currentScript;
  const source = script instanceof HTMLScriptElement ? script.src : "";

  // ---- The download: one for all widgets of the page. A failure is forgotten, so that the next call tries again.

  const PAUSES = [300, 1200]; // milliseconds before the second and the third try
  let loading;
  let requests = 0;

  function load() {
    loading ||= download().catch((cause) => {
      loading = null;
      throw failure("load_failed", "The widget could not be loaded: " + cause.message, true, cause);
    });
    return loading;
  }

  async function download() {
    if (!source) throw new Error("load ecommerce.js by a classic <script src>, not inline and not as a module");
    // The smallest module there is. Throws where the page's policy forbids WebAssembly, or the browser has none:
    // then nothing needs to be downloaded.
    new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    for (let tries = 0; ; tries++) {
      try {
        // Browsers remember a module that failed, hence a new address for each try.
        const again = requests++ ? "?again=" + requests : "";
        const wasm = quiet(fetch(new URL("banq-checkout_bg.wasm" + again, source)));
        const module = await import(new URL("banq-checkout.js" + again, source).href);
        await module.default({ module_or_path: wasm });
        return module;
      } catch (error) {
        if (tries === PAUSES.length) throw error;
        await new Promise((done) => setTimeout(done, PAUSES[tries]));
      }
    }
  }

  // Resolves once the page has loaded and has nothing better to do. Safari has no idle callback.
  let idling;
  function idle() {
    idling ||= new Promise((done) => {
      const soon = () =>
        window.requestIdleCallback ? requestIdleCallback(done, { timeout: 2000 }) : setTimeout(done, 200);
      if (document.readyState === "complete") soon();
      else window.addEventListener("load", soon, { once: true });
    });
    return idling;
  }

  // A page that does not look at a promise must not get an "unhandled rejection" for it.
  function quiet(promise) {
    promise.catch(() => {});
    return promise;
  }

  // ---- The options that the loader needs itself; the widget checks the others.

  function failure(code, message, recoverable, cause) {
    return Object.assign(new Error(message), { code, recoverable, cause });
  }

  function expected(name, what, got) {
    const kind = got === null ? "null" : typeof got;
    return failure("invalid_option", name + ": expected " + what + ", got " + (kind === "string" ? got : kind), false);
  }

  // What `appearance` may hold, and the CSS property that says which values are good.
  const APPEARANCE = {
    accentColor: "color",
    borderRadius: "border-radius",
    buttonWidth: "width",
    fontFamily: "font-family",
  };

  function check(options) {
    if (Object(options) !== options) throw expected("options", "an object", options);
    const { selector, nonce, appearance } = options;
    if (typeof selector !== "string" && !(selector && selector.nodeType === 1)) {
      throw expected("selector", "a CSS selector or an element", selector);
    }
    if (nonce != null && typeof nonce !== "string") throw expected("nonce", "a string", nonce);
    if (appearance == null) return;
    if (typeof appearance !== "object") throw expected("appearance", "an object", appearance);
    for (const [key, value] of Object.entries(appearance)) {
      const property = Object.keys(APPEARANCE).includes(key) && APPEARANCE[key];
      if (!property) throw expected("appearance", "one of " + Object.keys(APPEARANCE).join(", "), key);
      if (value != null && !(typeof value === "string" && CSS.supports(property, value))) {
        throw expected("appearance." + key, "a value of CSS's " + property, value);
      }
    }
  }

  function find(selector) {
    if (typeof selector !== "string") return selector;
    try {
      return document.querySelector(selector);
    } catch (error) {
      return null; // not a selector at all
    }
  }

  // Tells the page, whose own mistakes harm nothing here.
  function tell(options, error) {
    const { code, message, recoverable, cause } = error;
    console.error("banq-checkout:", error);
    const onError = options && options.onError;
    if (typeof onError !== "function") return;
    new Promise((done) => done(onError({ code, message, recoverable, cause }))).catch((thrown) => {
      console.error("banq-checkout: onError threw", thrown);
    });
  }

  // ---- The button: the very one of src/view/button.rs.

  function element(name, className, ...children) {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  }

  // BUTTON_CSS is src/view/button.css, put in by the build. A constructed stylesheet needs no permission of the
  // page's policy; Safari before 16.4 cannot construct one.
  let sheet;
  function style(shadow, nonce) {
    try {
      if (!sheet) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(BUTTON_CSS);
      }
      shadow.adoptedStyleSheets = [sheet];
    } catch (error) {
      sheet = null;
      const made = element("style", "", BUTTON_CSS);
      made.nonce = nonce;
      shadow.append(made);
    }
  }

  // ---- The link without the widget.

  const PATIENCE = 30000; // milliseconds, as the widget's
  const LOOPBACK = /^(localhost|\[::1]|127(\.\d+){3})$/;
  const PRIVATE = /^(10(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2})$/;

  // Which links may be opened: the rule of src/payment_info.rs, where the attack is told.
  function safe(link, environment) {
    let url = {};
    try {
      url = new URL(link);
    } catch (error) {
      // no URL: no protocol
    }
    const { protocol, hostname } = url;
    const local = LOOPBACK.test(hostname) || (environment === "local" && PRIVATE.test(hostname));
    if (
      typeof link !== "string" ||
      /[\0- \x7f]/.test(link) ||
      !(protocol === "https:" || (protocol === "http:" && local)) ||
      url.username + url.password
    ) {
      throw failure("link_invalid", "expected a payment link that begins with https:", false);
    }
    return link;
  }

  async function ask({ getPaymentInfo, endpoint, order }) {
    if (getPaymentInfo) return getPaymentInfo();
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(typeof order === "function" ? await order() : order),
    });
    return response.ok
      ? response.json()
      : { code: "http", ...(await response.json().catch(() => {})), status: response.status };
  }

  // The answer may be a problem that the server told, also by way of a page that passes answers on as they are.
  function linkIn(answer, environment) {
    const { code, status, detail, data } = Object(answer);
    if (code && status) {
      const rejected = code === "provider_rejected" || (status < 500 && status !== 429);
      throw failure(
        code === "order_already_paid" ? code : rejected ? "order_rejected" : "provider_unavailable",
        "HTTP " + status + " " + (detail || ""),
        code !== "order_already_paid" && !rejected,
      );
    }
    const info = data || answer;
    return safe(typeof info === "string" ? info : Object(info).url, environment);
  }

  function link(options) {
    return new Promise((done, refuse) => {
      const late = failure("link_timeout", "no answer to the request for a payment link", true);
      const timer = setTimeout(refuse, PATIENCE, late);
      ask(options)
        .catch((cause) => {
          throw failure("link_request_failed", (cause && cause.message) || String(cause), true, cause);
        })
        .then((answer) => done(linkIn(answer, options.environment)))
        .catch(refuse)
        .then(() => clearTimeout(timer));
    });
  }

  // ---- The page that moves or removes things: one observer for all widgets, only while there are any.

  const places = new WeakMap(); // container → the app in it
  const mounted = new Set(); // for each widget in the page, what looks after it
  const observer = new MutationObserver((records) => {
    if (records.some((record) => record.removedNodes.length)) mounted.forEach((look) => look());
  });

  function watch(look, place) {
    mounted.add(look);
    // The second differs for a container that is itself inside a shadow tree.
    for (const root of [document, place.getRootNode()]) observer.observe(root, { childList: true, subtree: true });
  }

  function unwatch(look) {
    mounted.delete(look);
    if (!mounted.size) observer.disconnect();
  }

  // ---- The app.

  function create(options) {
    let run = null; // which start is the current one; null before the first and after the end
    let booting = null; // its promise, while it runs or when it went well
    let wanted = false; // clicked, or open() called, before there was a widget
    let plain = false; // the widget cannot run
    let widget = null; // the one in WebAssembly
    let place, host, shadow, button, spinner; // what the loader has painted
    let hurry = () => {}; // ends the wait for an idle moment
    let held = null; // a promise while the painted button is held down: its click is still to come
    let release = () => {};
    let popup = null; // the window of the plain mode
    let asking = false;
    const app = { bootstrapApp, open, close, update, destroyWidget };

    function bootstrapApp() {
      if (!booting) {
        run = {};
        booting = quiet(start(run));
      }
      return booting;
    }

    async function start(mine) {
      try {
        if (!host) {
          check(options);
          if (!find(options.selector) && document.readyState === "loading") {
            await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
            if (run !== mine) return;
          }
          paint();
        }
        if (!loading && !wanted) await Promise.race([idle(), new Promise((done) => (hurry = done))]);
        if (run !== mine) return;
        const module = await load();
        while (held) await held;
        // Destroyed, or destroyed and started anew, while loading: then this start has nothing to do.
        if (run !== mine) return;
        mount(module);
      } catch (error) {
        await null; // so that bootstrapApp() has returned before the page is told
        if (run === mine) {
          booting = null; // the next bootstrapApp() tries again
          const pay = wanted;
          if (error.code === "load_failed") plain = true;
          else leave();
          if ("recoverable" in error) tell(options, error); // the widget tells its own
          if (pay && run === mine) payPlainly();
        }
        throw error;
      }
    }

    function paint() {
      place = find(options.selector);
      if (!place) throw failure("invalid_option", "selector: nothing in this page matches " + options.selector, false);
      if (places.has(place)) places.get(place).destroyWidget();
      places.set(place, app);
      host = document.createElement("div");
      shadow = host.attachShadow({ mode: "open" });
      style(shadow, nonce());
      dress();
      button = element("button", "pay", "Pay with ", element("span", "tag", "banq"));
      spinner = element("span", "spinner");
      spinner.ariaHidden = "true";
      const attributes = { type: "button", part: "button", "aria-haspopup": "dialog" };
      for (const name in attributes) button.setAttribute(name, attributes[name]);
      busy(wanted);
      const on = (names, act) => names.split(" ").forEach((name) => button.addEventListener(name, act));
      on("click", open);
      on("pointerenter touchstart focus", () => hurry());
      // A button that is replaced between press and release would swallow the click.
      on("pointerdown keydown", () => {
        held ||= new Promise((done) => {
          release = () =>
            setTimeout(() => {
              held = null;
              done();
            });
        });
      });
      on("pointerup pointercancel pointerleave keyup blur", () => release());
      shadow.append(element("div", "widget", button));
      place.append(host);
      watch(look, place);
    }

    function nonce() {
      return options.nonce || (script && script.nonce) || "";
    }

    function dress() {
      for (const key in APPEARANCE) {
        host.style.setProperty("--banq-" + APPEARANCE[key], (options.appearance || {})[key] || "");
      }
    }

    function busy(on) {
      button.setAttribute("aria-busy", on);
      if (on) button.append(spinner);
      else spinner.remove();
    }

    // The widget draws into the same shadow root, and says onReady when its button is there.
    function mount(module) {
      try {
        widget = new module.Widget(forWidget());
      } catch (cause) {
        throw cause.code === "invalid_option"
          ? cause
          : failure("load_failed", "The widget could not start: " + cause.message, true, cause);
      }
      if (wanted) widget.open();
    }

    function forWidget() {
      const { onReady } = options;
      const all = { ...options, selector: shadow, nonce: nonce() };
      if (onReady == null || typeof onReady === "function") {
        all.onReady = () => {
          if (!button) return; // destroyed meanwhile
          const painted = button;
          button = null;
          if (shadow.activeElement === painted) {
            [...shadow.querySelectorAll(".pay")].pop().focus({ preventScroll: true });
          }
          painted.parentNode.remove();
          return onReady && onReady();
        };
      }
      return all;
    }

    function open() {
      if (widget) {
        widget.open();
      } else if (plain) {
        payPlainly();
      } else if (run) {
        wanted = true;
        if (button) busy(true);
        hurry();
      }
    }

    function close() {
      if (widget) widget.close();
      wanted = false;
      if (button && !asking) busy(false);
    }

    // The window is opened in the click itself, or the browser blocks it; it is sent to the link later.
    async function payPlainly() {
      if (popup && !popup.closed) return popup.focus();
      if (asking) return;
      const mine = host;
      const opened = window.open("", "_blank", "popup,width=480,height=720");
      const blocked = !opened || opened.closed;
      popup = opened;
      asking = true;
      busy(true);
      try {
        const url = await link(options);
        if (host !== mine) return; // destroyed: leave() has closed the window
        if (blocked) {
          location.href = url;
        } else if (!opened.closed) {
          opened.opener = null;
          opened.location.href = url;
        }
      } catch (error) {
        if (host !== mine) return;
        if (opened) opened.close();
        tell(options, error);
      }
      if (host === mine) {
        asking = wanted = false;
        busy(false);
      }
    }

    function update(changes) {
      const before = options;
      try {
        const next = { ...options, ...changes };
        if (host) next.selector = options.selector; // cannot be changed
        check(next);
        options = next;
        if (widget) widget.update(forWidget());
        if (host) dress();
      } catch (error) {
        options = before;
        if ("recoverable" in error) tell(options, error);
        else console.error("banq-checkout: update()", error); // the widget has told onError
      }
    }

    function destroyWidget() {
      run = booting = null;
      leave();
    }

    function leave() {
      const [widgetLeft, hostLeft, popupLeft] = [widget, host, popup];
      widget = host = button = popup = null;
      wanted = plain = asking = false;
      hurry();
      release();
      if (popupLeft) popupLeft.close();
      if (hostLeft) {
        hostLeft.remove();
        unwatch(look);
        if (places.get(place) === app) places.delete(place);
      }
      if (widgetLeft) {
        try {
          widgetLeft.destroy();
          widgetLeft.free();
        } catch (error) {
          console.error("banq-checkout:", error);
        }
      }
    }

    // The page took something out of its document: this widget, or something around it, or another thing.
    function look() {
      const seen = host;
      if (seen.isConnected) {
        show();
      } else {
        // Whoever moves a thing in two steps puts it back in this task.
        setTimeout(() => {
          if (seen !== host) return;
          if (seen.isConnected) show();
          else destroyWidget();
        });
      }
    }

    // A dialog whose tree was moved is still open, but no longer above the page. Closing it the usual way would
    // tell the widget that the shopper did.
    function show() {
      const dialog = shadow.querySelector("dialog[open]");
      try {
        if (dialog && !dialog.matches(":modal")) {
          dialog.removeAttribute("open");
          dialog.showModal();
        }
      } catch (error) {
        // a browser that does not know :modal
      }
    }

    return app;
  }

  const apps = new WeakMap();
  function App(options) {
    if (!(this instanceof App)) return new App(options);
    apps.set(this, create(options));
  }
  ["bootstrapApp", "open", "close", "update", "destroyWidget"].forEach((name) => {
    App.prototype[name] = function (argument) {
      return apps.get(this)[name](argument);
    };
  });

  window[NAME] = App;
})();
