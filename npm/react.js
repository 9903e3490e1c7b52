"use client";

import { createElement, useCallback, useEffect, useRef, useState } from "react";

import { Mounted } from "./mounted.js";

const CALLBACKS = [
  "onReady",
  "onClick",
  "onPopUpOpen",
  "onPopUpClose",
  "onStatusChange",
  "onAgreed",
  "onPaymentSuccess",
  "onPaymentFailed",
  "onExpired",
  "onError",
];
const SOURCES = ["getPaymentInfo", "order"];

const isFunction = (value) => typeof value === "function";

/** Functions that call the newest ones of the page. To the widget, another source means another order. */
class Latest {
  options;
  #orderKey;
  #callbacks = this.#call(CALLBACKS);
  #sources = this.#call(SOURCES);

  /** Takes the options of a rendering. */
  take(options, orderKey) {
    this.options = options;
    if (orderKey !== this.#orderKey) this.#sources = this.#call(SOURCES);
    this.#orderKey = orderKey;
  }

  /** Returns the options for the app in this container. */
  for(selector) {
    const given = SOURCES.filter((name) => isFunction(this.options[name]));
    const sources = Object.fromEntries(given.map((name) => [name, this.#sources[name]]));
    return { ...this.options, ...this.#callbacks, ...sources, selector };
  }

  #call(names) {
    return Object.fromEntries(names.map((name) => [name, (argument) => this.options[name]?.(argument)]));
  }
}

/**
 * Keeps a widget in the element that gets `ref`. Callbacks may change at each rendering, and objects are compared by
 * their content. Another `orderKey` means another order.
 */
export function useBanqCheckout({ orderKey, ...options }) {
  const [container, ref] = useState(null);
  const [latest] = useState(() => new Latest());
  const mounted = useRef(null);

  useEffect(() => latest.take(options, orderKey));

  useEffect(() => {
    if (!container) return undefined;
    const app = new Mounted(latest.for(container));
    mounted.current = app;
    return () => {
      mounted.current = null;
      app.end();
    };
  }, [container, latest]);

  // JSON leaves functions out.
  const content = JSON.stringify(options);
  useEffect(() => mounted.current?.update(latest.for(container)), [container, content, latest, orderKey]);

  const open = useCallback(() => mounted.current?.open(), []);
  const close = useCallback(() => mounted.current?.close(), []);
  return { ref, open, close };
}

/** The button and its dialog, in a `<div>` that keeps the button's place until it is painted. */
export function BanqCheckout({ id, className, style, ...options }) {
  const { ref } = useBanqCheckout(options);
  const { button, appearance } = options;
  const minHeight = button === false ? undefined : (appearance?.buttonHeight ?? "50px");
  return createElement("div", { ref, id, className, style: { minHeight, ...style } });
}
