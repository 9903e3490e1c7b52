// banq checkout: the loader. It defines window.ecommerceBanqWidget at once, so that the page's next line works; paints
// the button when bootstrapApp() is called; fetches the widget itself (WebAssembly) when the page is idle or when the
// pointer or the focus reaches the button; requests the payment link at a click that comes before the widget is
// loaded; and fetches banq-plain.js, which opens the link itself, if the widget cannot run. Contract: ecommerce.d.ts.
//
// The parts: helpers, the widget's files, the language, the button, the payment link, the app. Pages replace and
// extend the browser's objects (Prototype.js, MooTools, a variable named URL or Map), so all parts use syntax and the
// oldest DOM methods if there is a choice.
(() => {
  "use strict";
  const NAME = "ecommerceBanqWidget";
  // The type is checked because an element with this id has this name in `window` too.
  if (typeof window[NAME] === "function") {
    console.warn("banq twice");
    return;
  }

  // ---- Helpers

  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const once = (event) => new Promise((done) => addEventListener(event, done));

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

  function remove(node) {
    node.parentNode?.removeChild(node);
  }

  // Resolves when the page has loaded and is idle. Safari has no idle callback.
  async function idle() {
    if (document.readyState !== "complete") await once("load");
    return new Promise((done) => (window.requestIdleCallback || setTimeout)(done));
  }

  // Both are known only while this script runs. A page can hold an element named "currentScript", hence the check.
  const script = document.currentScript;
  const { src, nonce } = script instanceof HTMLScriptElement ? script : own();
  // The default of the option with the same name. The npm package sets its own, because it has no such script.
  App.assetsUrl = document.querySelector("script[data-assets-url]")?.dataset.assetsUrl;

  // ---- The widget's files: one download for all widgets of the page. A failed download can be tried again.

  // The hashes of the files, by name: `cargo xtask dist` writes them into the loader of one version (banq-pinned.js),
  // which runs no file with another hash. The usual loader has none, and nothing of what depends on them.
  const HASHES = null;

  let loading;
  let requests = 0;

  // Returns the address of a file: that of the page's function, or else in the folder that the page names, in the folder
  // of this script, or, if the script has no address, in the folder of the page.
  function file(name, { assetsUrl }) {
    const named = assetsUrl || App.assetsUrl;
    if (typeof named === "function") return named(name);
    // The browser makes the address absolute, as one of the document.
    return element("a", { href: named ? named + "/" : src || "" }).href.replace(/\/*[^/]*(\?.*)?$/, "/") + name;
  }

  // The part of the loader of one version alone.
  let pinned;
  if (HASHES) {
    pinned = {
      // Fetches a file; one with another hash is refused.
      get: (name, options, again = "") => fetch(file(name, options) + again, { integrity: HASHES[name] }),
      // Lets a script element check a module, and returns its address. An import of that address gets the checked module.
      async check(name, options, again = "") {
        const src = file(name, options) + again;
        const script = element("script", { type: "module", crossorigin: "", integrity: HASHES[name], src });
        script.nonce = options.nonce || nonce || "";
        document.head.appendChild(script);
        await new Promise((done, failed) => {
          script.onload = done;
          script.onerror = failed;
        }).finally(() => remove(script));
        return src;
      },
      // Returns an error for the first of these files that is there with another hash.
      async changed(options, ...names) {
        for (const name of names) {
          const there = await fetch(file(name, options)).catch(own);
          const whole = await pinned.get(name, options).catch(own);
          if (there.ok && !whole.ok) return failure("integrity_failed", name + " was changed", true);
        }
      },
    };
  }

  async function download(options) {
    // The smallest possible module. This throws if the page's policy forbids WebAssembly, or the browser has none: then
    // nothing needs to be downloaded.
    new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    for (let pause = 300; ; pause *= 4) {
      try {
        // Browsers remember a module that failed, so each attempt needs a new address.
        const again = requests++ ? "?again=" + requests : "";
        const wasm = quiet(
          HASHES
            ? pinned.get("banq-checkout_bg.wasm", options, again)
            : fetch(file("banq-checkout_bg.wasm", options) + again),
        );
        const glue = import(
          /* webpackIgnore: true */
          HASHES ? await pinned.check("banq-checkout.js", options, again) : file("banq-checkout.js", options) + again
        );
        // A browser takes up to 0.1 s to format its first amount: do it now, and not between a click and its QR code.
        (0).toLocaleString();
        const module = await glue;
        await module.default({ module_or_path: wasm });
        return module;
      } catch (error) {
        if (pause > 1200) {
          loading = null;
          if (HASHES) throw (await pinned.changed(options, "banq-checkout.js", "banq-checkout_bg.wasm")) || error;
          throw error;
        }
        await wait(pause); // 300 ms, then 1200
      }
    }
  }

  // ---- The language

  // The languages of the texts, at the beginning of a tag in a list of tags. English needs no file: it is built in.
  const LANGUAGE = /(?:^|,)((en|ar|de|es|fr|he|hi|it|ja|ko|nl|pl|pt-br|pt|tr|uk|zh)\b[^,]*)/;
  const texts = own(); // the texts that have been fetched, by language

  // Returns the shopper's locale and the language of the texts: those of the option, of the page around the button, or of
  // the browser. A region without texts of its own gets its language's.
  function languageOf({ locale }, place) {
    const page = place.closest("[lang]") || document.documentElement;
    const wanted = String(locale || page.lang || navigator.languages).toLowerCase().replace("_", "-");
    const [, tag = wanted, code = "en"] = LANGUAGE.exec(wanted) || [];
    return { tag, code, texts: texts[code] };
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
/* The original's gradient, with a red that is one shade darker, so that the contrast of the white words is 4.5 : 1. The
   page's direction decides where the button stands, and the language's, how its words are read. */
.pay {
  display: var(--banq-button,inline-flex);
  align-items: center;
  justify-content: center;
  gap: 8px;
  width: var(--banq-button-width,286px);
  max-width: 100%;
  min-height: var(--banq-button-height,50px);
  padding: 8px 16px;
  border: 1px solid #0000;
  border-radius: var(--banq-button-radius,var(--banq-border-radius,8px));
  color: var(--banq-on-accent-color,#fff);
  background: var(--banq-accent-color,linear-gradient(90deg,#e02106,#7622a9 69%));
  font: 16px/1.5 var(--banq-font-family,system-ui,sans-serif);
  cursor: pointer;
}
.pay:disabled { opacity: .5; }
.pay:hover { filter: brightness(.92); }
/* Two rings, a light and a dark one, because the page behind them can have any colour. */
.pay:focus-visible { outline: 3px solid #7622a9; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
.tag { padding: 0 8px; border-radius: 6px; background: var(--banq-on-accent-color,#fff); color: var(--banq-accent-color,#7622a9); font-weight: 700; }
/* The spinner takes no room, so the words do not move when it appears. */
[aria-busy=true]:after {
  content: "";
  width: 12px;
  height: 12px;
  margin-inline-end: -26px;
  border: 3px solid;
  border-inline-end-color: #0000;
  border-radius: 50%;
}
@keyframes spin { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: no-preference) { [aria-busy=true]:after { animation: spin 1s linear infinite; } }
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

  // Sets the values of `appearance` as custom properties of the host: accentColor is --banq-accent-color, with black or
  // white words on it. Wrong values are left out; the widget reports them to the page (src/appearance.rs).
  function dress(host, { button, appearance }, before) {
    const set = (name, value) => host.style.setProperty("--banq-" + name, value);
    const look = own(appearance);
    for (const key in own(before, look)) {
      const name = key.replace(/[A-Z]/g, "-$&").toLowerCase();
      // The CSS property that decides which values are good.
      const [property] = /color|border-radius|font-family/.exec(name) || ["width"];
      const probe = element("div").style;
      probe.setProperty(property, look[key] || "");
      set(name, probe.getPropertyValue(property));
    }
    set("button", button === false ? "none" : "");
    for (const end of ["accent-color", "accent-color-dark"]) {
      const color = getComputedStyle(host).getPropertyValue("--banq-" + end);
      set("on-" + end, color && ink(host.shadowRoot, color));
    }
  }

  // Returns black or white, whichever has the higher contrast with a color; that is at least 4.5 : 1.
  function ink(shadow, color) {
    const probe = shadow.appendChild(element("i"));
    probe.style.color = color;
    // A newer browser converts any color to "color(srgb 0.5 0 1)", an older one knows only "rgb(127, 0, 255)".
    probe.style.color = `color-mix(in srgb, ${color}, ${color})`;
    const computed = getComputedStyle(probe).color;
    remove(probe);
    const [r, g, b] = computed.match(/[\d.]+/g).map((part) => (part / (/s/.test(computed) ? 1 : 255)) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000" : "#fff";
  }

  // Writes the text around the brand's name, or only the brand's name.
  function label(button, code, text) {
    const [before, after = ""] = text.split("{brand}");
    button.lang = code;
    button.dir = /ar|he/.test(code) ? "rtl" : "ltr";
    button.textContent = before;
    button.appendChild(element("span", { class: "tag" }, "banq"));
    button.appendChild(document.createTextNode(after));
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

  // ---- The app

  function App(given) {
    let options = own(given); // a copy, which update() can change
    let run; // identifies the current start; none before the first and after the end
    let booting; // the promise of the current start, while it runs or after it succeeded
    let host; // the element in the page's container
    let button; // the painted button, until the widget's own is shown
    let styled; // the <style>, if there is one
    let language; // the shopper's, with its texts as soon as they are there
    let spoken; // the promise of the texts
    let root; // the element that the widget draws into
    let widget; // the widget in WebAssembly
    let wanted = false; // the painted button was clicked, or open() called, and the dialog is not open yet
    let early; // the link request of this click
    let plain; // what opens the link if the widget cannot run
    let hurry = () => {}; // ends the wait for an idle moment
    const observer = new MutationObserver(look);
    Object.assign(this, { bootstrapApp, open, close, update, destroyWidget });

    // Reports an error to the page. An error in the page's function does no harm here. The widget reports its own
    // errors.
    function tell(error) {
      console.error("banq-checkout:", error);
      if (error.recoverable != null) {
        (async () => options.onError?.({ ...error, message: error.message }))().catch(console.error);
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
        const module = await (loading ||= download(options));
        await Promise.race([spoken, wait(2000)]);
        if (run !== mine) return booting;
        // The element is hidden until onReady, because Yew may let the browser draw a frame before that.
        root = element("div", { hidden: "" });
        widget = new module.Widget(forWidget(), {
          shadow: host.shadowRoot,
          root,
          language,
          style: styled,
          early,
        });
        early = null;
      } catch (cause) {
        const error = cause.recoverable == null ? failure("load_failed", String(cause), true, cause) : cause;
        await null; // so that bootstrapApp() has returned before the page is told
        if (run !== mine) return booting;
        booting = null; // the next bootstrapApp() tries again
        if (error.recoverable) plain = await fall();
        else destroyWidget();
        tell(error); // the page may destroy the app now
        if (plain && wanted) plain.pay();
        throw error;
      }
    }

    function paint(place) {
      // An app that is already in this container ends.
      for (const child of place.children) child[NAME]?.();
      host = element("div");
      host[NAME] = destroyWidget;
      button = element("button", { class: "pay", type: "button", part: "button", "aria-haspopup": "dialog" });
      button.onclick = async () => {
        try {
          if (!options.onClick || (await options.onClick()) !== false) open();
        } catch (error) {
          tell(error);
        }
      };
      button.onpointerenter = button.onfocus = () => hurry();
      place.appendChild(host);
      speak();
      // The two trees differ if the container itself is inside a shadow tree.
      for (const tree of [document, place.getRootNode()]) observer.observe(tree, { subtree: true, childList: true });
      try {
        const shadow = host.attachShadow({ mode: "open" });
        shadow.appendChild(button);
        styled = style(shadow, options.nonce || nonce);
        dress(host, options);
      } catch (error) {
        // A shop must never be without its button. Without a shadow tree the widget cannot run, and the button opens the
        // link.
        if (!host.shadowRoot) host.appendChild(button);
      }
    }

    // Writes the button's text. While the texts are being fetched, it says only the brand's name; without them, English.
    function speak() {
      if (!host) return;
      const { appearance, messages } = options;
      const key = own(appearance).buttonLabel || "pay";
      language = languageOf(options, host.parentNode);
      const { code, texts: known = code + key === "enpay" && own() } = language;
      if (button) label(button, code, (known && (own(messages)[key] || known[key] || "Pay with {brand}")) || "");
      busy(wanted);
      if (!known) {
        const answer = HASHES
          ? pinned.get("banq-" + code + ".json", options)
          : fetch(file("banq-" + code + ".json", options));
        if (HASHES) {
          const changed = () => pinned.changed(options, "banq-" + code + ".json");
          answer.catch(changed).then((error) => error?.code === "integrity_failed" && tell(error));
        }
        spoken = answer.then((answer) => answer.json()).catch(own).then((found) => {
          texts[code] = found;
          speak();
        });
        return spoken;
      }
    }

    function busy(on) {
      wanted = on;
      if (!button) return;
      const { disabled, loading: working } = options;
      button.disabled = disabled || working;
      button.setAttribute("aria-busy", !!(on || working));
    }

    // Shows the spinner, and requests the link, once.
    function pressed() {
      busy(true);
      return (early ||= ask(options));
    }

    function done() {
      busy((early = null));
    }

    // Returns the options for the widget, which draws into `root` and calls onReady when its button is there.
    function forWidget() {
      const { onReady } = options;
      const painted = button;
      const swap = () => {
        if (!painted || painted !== button) return; // destroyed meanwhile
        // A button that is removed between press and release would lose the click.
        if (painted.matches(":active")) return void setTimeout(swap, 20);
        root.hidden = false;
        if (host.shadowRoot.activeElement === painted) root.querySelector(".pay").focus({ preventScroll: true });
        remove(painted);
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
        plain.pay();
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
        done();
      }
    }

    // Called when the widget cannot run: fetches the part that opens the payment link without it.
    async function fall() {
      const mine = host;
      // The newest request, or false if the app has ended.
      const newest = () => host === mine && early;
      try {
        const { plain } = await import(
          /* webpackIgnore: true */
          HASHES ? await pinned.check("banq-plain.js", options) : file("banq-plain.js", options)
        );
        return plain(() => options, pressed, newest, done, tell);
      } catch (error) {
        return { pay: leave };
      }
    }

    // Opens the link in place of the page. This is left if not even banq-plain.js can be fetched.
    async function leave() {
      const said = await pressed().answer.catch(own);
      const { data = said } = own(said.json ? await said.json() : said);
      done();
      if (/^https:\/\/[\w.-]+\//.test(data.url)) location = data.url;
    }

    function update(changes) {
      const before = options;
      try {
        options = own(options, changes);
        const another = source(before) !== source(options);
        if (host) {
          dress(host, options, before.appearance);
          speak()?.then(() => widget?.update(forWidget(), language));
        }
        widget?.update(forWidget(), language);
        if (another) {
          early = wanted && !plain ? ask(options) : null;
          plain?.changed?.();
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
      plain?.end?.();
      if (host) remove(host);
      run = booting = widget = host = button = plain = null;
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
      if (!records.some((record) => record.removedNodes.length)) return;
      const seen = host;
      // Checked later, because a page that moves an element in two steps puts it back in this task.
      setTimeout(() => {
        if (seen !== host) return;
        if (!seen.isConnected) destroyWidget();
        else widget?.raise();
      });
    }
  }

  window[NAME] = App;
})();
