// banq checkout: the loader. Defines window.ecommerceBanqWidget at once, so that the page's next line works,
// and fetches the widget itself (WebAssembly) in the background. Contract: ecommerce.d.ts.
(function () {
  "use strict";
  var NAME = "ecommerceBanqWidget";
  if (window[NAME]) {
    console.warn("banq-checkout: ecommerce.js is in this page twice; the first one is used.");
    return;
  }

  // Only while this script runs does the document say which one it is. A page can hold an element named
  // "currentScript", hence the check of the type.
  var script = document.currentScript;
  var source = script instanceof HTMLScriptElement ? script.src : "";
  var MODULE = "banq-checkout.js";
  var WASM = "banq-checkout_bg.wasm";
  var loading;
  var failures = 0;

  // One download for all widgets of the page. A failure is forgotten, so that the next call tries again,
  // under a new address, because browsers remember a module that failed.
  function load() {
    if (!loading) {
      loading = download().catch(function (cause) {
        loading = undefined;
        failures += 1;
        throw failure("load_failed", "The widget could not be loaded: " + (cause && cause.message), true, cause);
      });
    }
    return loading;
  }

  async function download() {
    if (!source) throw new Error("load ecommerce.js by a classic <script src>, not inline and not as a module");
    var again = failures ? "?again=" + failures : "";
    var module = await import(new URL(MODULE + again, source).href);
    await module.default({ module_or_path: new URL(WASM + again, source) });
    return module;
  }

  function failure(code, message, recoverable, cause) {
    var error = new Error(message, { cause: cause });
    error.code = code;
    error.recoverable = recoverable;
    return error;
  }

  // A page that does not look at a promise must not get an "unhandled rejection" for it.
  function quiet(promise) {
    promise.catch(function () {});
    return promise;
  }

  function App(options) {
    if (!(this instanceof App)) return new App(options);
    this._options = options;
    this._widget = null; // the widget in WebAssembly, once there
    this._early = []; // calls made before
    this._boot = null; // the promise of the running or finished start
  }

  App.prototype = {
    constructor: App,

    bootstrapApp: function () {
      if (!this._boot) {
        var boot = start(this);
        this._boot = quiet(boot);
        var forget = function () {
          if (this._boot === boot) this._boot = null;
        };
        boot.catch(forget.bind(this));
      }
      return this._boot;
    },

    open: function () {
      pass(this, "open");
    },

    close: function () {
      pass(this, "close");
    },

    update: function (options) {
      this._options = Object.assign({}, this._options, options);
      pass(this, "update");
    },

    destroyWidget: function () {
      var widget = this._widget;
      this._widget = this._boot = null;
      this._early = [];
      if (widget) {
        widget.destroy();
        widget.free();
      }
    },
  };

  async function start(app) {
    var module;
    try {
      module = await load();
    } catch (error) {
      if (app._boot) tell(app, error);
      throw error;
    }
    // Destroyed, or destroyed and started anew, while loading: then this start has nothing to do.
    if (!app._boot || app._widget) return;
    var widget = new module.Widget(app._options);
    if (!app._boot) {
      widget.destroy(); // onReady called destroyWidget()
      return;
    }
    app._widget = widget;
    app._early.splice(0).forEach(function (name) {
      pass(app, name);
    });
  }

  // Calls made before the widget is there are kept, and replayed in their order.
  function pass(app, name) {
    if (app._widget) {
      try {
        app._widget[name](app._options);
      } catch (error) {
        console.error("banq-checkout: " + name + "()", error); // a wrong option in update(); onError has it too
      }
    } else {
      app._early.push(name);
    }
  }

  function tell(app, error) {
    console.error("banq-checkout:", error);
    var onError = app._options && app._options.onError;
    if (typeof onError !== "function") return;
    try {
      onError({ code: error.code, message: error.message, recoverable: true, cause: error.cause });
    } catch (thrown) {
      console.error("banq-checkout: onError threw", thrown);
    }
  }

  window[NAME] = App;
})();
