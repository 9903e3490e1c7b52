// The kinds of properties. Each has the value before anything is set, and reads an attribute's text or a property's value.

/** A text. */
export const text = (initial) => ({ initial, read: (value) => value });

/** A number. */
export const number = () => ({ read: Number });

/** A boolean. The text "false" is false, as in the original; the text of an attribute without value, "", is true. */
export const flag = (initial = false) => ({
  initial,
  read: (value) => value === "" || (value !== "false" && Boolean(value)),
});

/** An object, or its JSON. Other text is kept: the widget reports it with the option's name. */
export const json = () => ({
  read(value) {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  },
});

/** A property without an attribute. */
export const property = () => ({ hasNoAttribute: true, read: (value) => value });

/** Returns the attribute of an option: `shopName` is `shop-name`. */
export const kebab = (name) => name.replace(/[A-Z]/g, "-$&").toLowerCase();

// A server has no HTMLElement. The classes exist there, so that the module can be imported, and are never used.
const Base = globalThis.HTMLElement ?? class {};

/**
 * Returns a base class of elements with the given properties, each with an attribute. A subclass has a method `changed`,
 * which is called after each change and at the connection.
 */
export function withProperties(kinds, attributeOf = kebab) {
  const names = Object.keys(kinds);
  const byAttribute = new Map(
    names.filter((name) => !kinds[name].hasNoAttribute).map((name) => [attributeOf(name), name]),
  );

  class WithProperties extends Base {
    static observedAttributes = [...byAttribute.keys()];

    #values = Object.fromEntries(names.map((name) => [name, kinds[name].initial]));

    static {
      for (const name of names) {
        Object.defineProperty(this.prototype, name, {
          configurable: true,
          enumerable: true,
          get() {
            return this.#values[name];
          },
          set(value) {
            const { initial, read } = kinds[name];
            const next = value == null ? initial : read(value);
            if (Object.is(next, this.#values[name])) return;
            this.#values[name] = next;
            this.changed();
          },
        });
      }
    }

    // What a page has set before the element was defined. It hides the accessors, and counts more than the attributes.
    #early = {};

    constructor() {
      super();
      for (const name of names) {
        if (!Object.hasOwn(this, name)) continue;
        this.#early[name] = this[name];
        delete this[name];
      }
    }

    /** Returns the values by name. */
    get values() {
      return { ...this.#values };
    }

    attributeChangedCallback(attribute, _before, value) {
      this[byAttribute.get(attribute)] = value;
    }

    connectedCallback() {
      Object.assign(this, this.#early);
      this.#early = {};
      this.changed();
    }
  }
  return WithProperties;
}
