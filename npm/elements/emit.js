/** Sends an event that every element around this one hears. Returns whether no listener has prevented its default. */
export function emit(element, name, detail, cancelable = false) {
  return element.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, cancelable, detail }));
}
