/** Defines an element, unless the page runs on a server or has an element of this name already. */
export function define(name, Element) {
  const registry = globalThis.customElements;
  if (registry && !registry.get(name)) registry.define(name, Element);
}
