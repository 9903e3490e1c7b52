// banq checkout: the loader. Defines window.ecommerceBanqWidget at once, so that the page's next line works;
// paints the button the moment bootstrapApp() is called; fetches the widget itself (WebAssembly) when the page
// is idle or the shopper comes near; and where the widget cannot run, opens the payment link without it.
// Contract: ecommerce.d.ts. The parts in the order in which a page meets them:
// the download, the options, the button, the link without the widget, the page that moves things, the app.
(function () {
  "use strict";
  const NAME = "ecommerceBanqWidget";
  if (window[NAME]) {
    console.warn("banq-checkout: ecommerce.js is here twice");
    return;
  }

  // Only while this script runs does the document say which one it is. A page can hold an element named
  // "currentScript", hence the check of the type.
  const script = document.currentScript;
  const { src, nonce } = script instanceof HTMLScriptElement ? script : own();

  // ---- The download: one for all widgets of the page. A failed one is forgotten, so that the next call tries again.

  let loading;
  let requests = 0;

  async function download() {
    if (!src) throw new Error("needs a classic <script src>");
    // The smallest module there is. Throws where the page's policy forbids WebAssembly, or the browser has none:
    // then nothing needs to be downloaded, now or later.
    new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    for (let pause = 300; ; pause *= 4) {
      try {
        // Browsers remember a module that failed, hence a new address for each try.
        const again = requests++ ? "?again=" + requests : "";
        const wasm = quiet(fetch(new URL("banq-checkout_bg.wasm" + again, src)));
        const module = await import(new URL("banq-checkout.js" + again, src).href);
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

  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const once = (event) => new Promise((done) => addEventListener(event, done, { once: true }));

  // Resolves once the page has loaded and has nothing better to do. Safari has no idle callback.
  let idling;
  function idle() {
    const calm = () => new Promise((done) => (window.requestIdleCallback || setTimeout)(done));
    idling ||= document.readyState === "complete" ? calm() : once("load").then(calm);
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

  // What a thing has itself. What it inherits is somebody else's: a script that wrote into Object.prototype must not
  // choose a payment link.
  function own(...things) {
    return Object.assign(Object.create(null), ...things);
  }

  function need(condition, message) {
    if (!condition) throw failure("invalid_option", message, false);
  }

  // What `appearance` may hold, and the CSS property that says which values are good.
  const APPEARANCE = {
    __proto__: null,
    accentColor: "color",
    borderRadius: "border-radius",
    buttonWidth: "width",
    fontFamily: "font-family",
  };

  function check({ nonce, appearance }) {
    need(nonce == null || typeof nonce === "string", "nonce: expected a string");
    for (const key of Object.keys(Object(appearance))) {
      const name = "appearance." + key;
      const property = APPEARANCE[key];
      need(property, name + ": expected one of " + Object.keys(APPEARANCE).join(", "));
      need(appearance[key] == null || CSS.supports(property, appearance[key]), name + ": expected a CSS " + property);
    }
  }

  function find({ selector }) {
    try {
      return selector.nodeType === 1 ? selector : document.querySelector(selector);
    } catch (error) {
      return null; // nothing of the kind
    }
  }

  // ---- The button: the very one of src/view/button.rs.

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const key of Object.keys(Object(attributes))) made.setAttribute(key, attributes[key]);
    made.append(...children);
    return made;
  }

  // BUTTON_CSS is src/view/button.css, put in by the build. A constructed stylesheet needs no permission of the
  // page's policy; Safari before 16.4 cannot construct one.
  const RULES = BUTTON_CSS;
  let sheet;
  function style(shadow, { nonce }) {
    try {
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(RULES);
      shadow.adoptedStyleSheets = [sheet];
    } catch (error) {
      const style = element("style", { nonce }, RULES);
      shadow.append(style);
      return style;
    }
  }

  // ---- The link without the widget.

  const ANYWHERE = /^https:|^http:(localhost|\[::1]|127(\.\d+){3})$/;
  const LOCALLY = /^http:(10\.\d+|192\.168|172\.(1[6-9]|2\d|3[01]))(\.\d+){2}$/;

  // Which links may be opened, and how they are read: the rule of src/payment_info.rs, where the attacks are told.
  function checked(link, environment) {
    try {
      const { protocol, hostname, href } = new URL(link);
      const host = protocol + hostname;
      const allowed = ANYWHERE.test(host) || (environment === "local" && LOCALLY.test(host));
      return allowed && /^\w+:\/\/[^/?#@]+([/?#]|$)/.test(link) && !/[\0- \x7f\\]/.test(link) && href;
    } catch (error) {
      return false; // no URL at all
    }
  }

  // Two of them differ where the page asks for another order.
  function source({ getPaymentInfo, endpoint, order }) {
    return getPaymentInfo || (typeof order === "function" ? order : endpoint + JSON.stringify(order));
  }

  async function link({ getPaymentInfo, endpoint, order, environment }) {
    const ask = async () => {
      const requestId = Math.random().toString(36).slice(2); // finds the request in the server's log
      if (getPaymentInfo) return getPaymentInfo({ requestId });
      const body = JSON.stringify(typeof order === "function" ? await order() : order);
      return (await fetch(endpoint, { method: "POST", headers: { "Content-Type": "application/json", "X-Request-Id": requestId }, body })).json();
    };
    let info;
    try {
      // The widget has the same patience.
      const answer = await Promise.race([ask(), wait(30000).then(() => Promise.reject("no answer in time"))]);
      // A problem that the server told, also by way of a page that passes answers on as they are.
      const { code, status, detail, data } = own(answer);
      if (code && status) throw new Error(status + " " + code + " " + detail);
      info = data || answer;
    } catch (cause) {
      throw failure("link_request_failed", String(cause), true, cause);
    }
    const url = own(info).url || info;
    const href = checked(url, environment);
    if (!href) throw failure("link_invalid", "expected an https: link, got " + url, false);
    return href;
  }

  // ---- The page that moves or removes things: one observer for all widgets, only while there are any.

  const mounted = new Map(); // container → what the app in it can do
  const WATCHED = { childList: true, subtree: true };
  const observer = new MutationObserver((records) => {
    if (records.some((record) => record.removedNodes.length)) mounted.forEach(({ look }) => look());
  });

  // ---- The app.

  function App(options) {
    options = own({ nonce }, options); // a copy, which update() can change
    let run = null; // which start is the current one; null before the first and after the end
    let booting = null; // its promise, while it runs or when it went well
    let wanted = false; // the painted button was clicked, or open() called, and that is still to be answered
    let plain = false; // the widget cannot run
    let widget = null; // the one in WebAssembly
    let place, host, shadow, styled, button, spinner; // what the loader has painted
    let hurry = () => {}; // ends the wait for an idle moment
    let popup = null; // the window of the plain mode
    Object.assign(this, { bootstrapApp, open, close, update, destroyWidget });

    // Tells the page, whose own mistakes harm nothing here. The widget has told its own.
    function tell(error) {
      console.error("banq-checkout:", error);
      const { onError } = options;
      if (error.recoverable != null && onError) {
        new Promise((done) => done(onError({ ...error, message: error.message }))).catch(console.error);
      }
    }

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
          place = find(options);
          if (!place && document.readyState === "loading") {
            await once("DOMContentLoaded");
            if (run !== mine) return;
            place = find(options);
          }
          need(place, "selector: expected an element or its CSS selector, got " + options.selector);
          paint();
        }
        if (!loading && !wanted) await Promise.race([idle(), new Promise((done) => (hurry = done))]);
        if (run !== mine) return;
        const module = await (loading ||= download());
        // A button that is replaced between press and release would swallow the click.
        while (button && button.matches(":active")) await wait(20);
        // Destroyed, or destroyed and started anew, while loading: then this start has nothing to do.
        if (run !== mine) return;
        // Hidden until onReady: Yew may let the browser draw a frame before that.
        const root = element("div", { hidden: "" });
        widget = new module.Widget(forWidget(root), { shadow, root, style: styled });
        if (wanted) widget.open();
      } catch (cause) {
        const error =
          cause.code === "invalid_option"
            ? cause
            : failure("load_failed", "could not be loaded: " + cause, true, cause);
        await null; // so that bootstrapApp() has returned before the page is told
        if (run === mine) {
          booting = null; // the next bootstrapApp() tries again
          if (error === cause) destroyWidget();
          else plain = true;
          tell(error); // the page may destroy the app now
          if (plain && wanted) {
            wanted = false;
            payPlainly();
          }
        }
        throw error;
      }
    }

    function paint() {
      if (mounted.has(place)) mounted.get(place).destroyWidget();
      mounted.set(place, { destroyWidget, look });
      host = element("div");
      shadow = host.attachShadow({ mode: "open" });
      styled = style(shadow, options);
      dress();
      button = element(
        "button",
        { type: "button", class: "pay", part: "button", "aria-haspopup": "dialog" },
        "Pay with ",
        element("span", { class: "tag" }, "banq"),
      );
      spinner = element("span", { class: "spinner" });
      busy(wanted);
      button.onclick = open;
      button.onpointerenter = button.onfocus = () => hurry();
      shadow.append(element("div", { class: "widget", lang: "en" }, button));
      place.append(host);
      // The second differs for a container that is itself inside a shadow tree.
      observer.observe(document, WATCHED);
      observer.observe(place.getRootNode(), WATCHED);
    }

    function dress() {
      for (const key in APPEARANCE) {
        host.style.setProperty("--banq-" + APPEARANCE[key], own(options.appearance)[key] || "");
      }
    }

    function busy(on) {
      wanted = on;
      if (!button) return;
      button.setAttribute("aria-busy", on);
      if (on) button.append(spinner);
      else spinner.remove();
    }

    // The widget draws into `root`, and says onReady when its button is there.
    function forWidget(root) {
      const { onReady } = options;
      const all = { ...options, selector: shadow };
      // Anything but a function is for the widget to refuse.
      if (!onReady || onReady.call) {
        all.onReady = () => {
          if (!button) return; // destroyed meanwhile
          const painted = button;
          button = null;
          root.hidden = false;
          // Only the painted button can have had the focus.
          if (shadow.activeElement) root.querySelector(".pay").focus({ preventScroll: true });
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
        busy(true);
        hurry();
      }
    }

    function close() {
      if (widget) widget.close();
      else if (!plain) busy(false);
    }

    // The window is opened in the click itself, or the browser blocks it; it is sent to the link later.
    async function payPlainly() {
      if (popup && !popup.closed) return popup.focus();
      if (wanted) return;
      const mine = host;
      const opened = (popup = window.open("", "_blank", "popup,width=480,height=720"));
      let url, problem, asked;
      busy(true);
      do {
        asked = source(options);
        problem = null;
        try {
          url = await link(options);
        } catch (error) {
          problem = error;
        }
        // The page may have changed its order meanwhile.
      } while (host === mine && asked !== source(options));
      if (host !== mine) return; // destroyed: the window is closed
      busy(false);
      if (problem) {
        if (opened) opened.close();
        tell(problem);
      } else {
        if (opened) opened.opener = null; // nothing there needs a way into the shop's page
        (opened || window).location.href = url; // blocked: the page itself goes there
      }
    }

    function update(changes) {
      const before = options;
      try {
        options = own(options, changes);
        check(options);
        if (widget) widget.update(forWidget());
        if (host) dress();
        // The window shows the order before. One that waits for its link is sent to the right one.
        if (popup && !wanted && source(before) !== source(options)) {
          popup.close();
          popup = null;
        }
      } catch (error) {
        options = before;
        tell(error);
      }
    }

    function destroyWidget() {
      const [widgetLeft, hostLeft, popupLeft] = [widget, host, popup];
      run = booting = widget = host = button = popup = null;
      wanted = plain = false;
      hurry();
      if (popupLeft) popupLeft.close();
      if (hostLeft) {
        hostLeft.remove();
        mounted.delete(place);
        if (!mounted.size) observer.disconnect();
      }
      if (widgetLeft) {
        try {
          widgetLeft.destroy();
          widgetLeft.free();
        } catch (error) {
          tell(error);
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
      try {
        const dialog = shadow.querySelector("dialog[open]:not(:modal)");
        if (dialog) {
          dialog.removeAttribute("open");
          dialog.showModal();
        }
      } catch (error) {
        // a browser that does not know :modal
      }
    }
  }

  window[NAME] = App;
})();
