// What libraries of the years before ES6 do to a page, after Prototype.js 1.6 and MooTools 1.2.
(function () {
  const extend = (target, source) => {
    for (const name in source) target[name] = source[name];
    return target;
  };
  // Enumerable, as all of it is: a for-in loop meets them.
  extend(Object.prototype, {
    forEachProperty(act) { for (const name in this) act(this[name], name); },
  });
  Object.keys = (object) => { const keys = []; for (const name in object) keys.push(name); return keys; };
  Object.values = (object) => Object.keys(object).map((name) => object[name]);
  Object.extend = extend;

  const $A = (iterable) => {
    if (!iterable) return [];
    if (iterable.toArray) return iterable.toArray();
    const results = [];
    for (let i = 0; i < iterable.length; i += 1) results.push(iterable[i]);
    return results;
  };
  Array.from = $A;
  extend(Array.prototype, {
    each(act) { for (let i = 0; i < this.length; i += 1) act(this[i], i); return this; },
    toArray() { return this.slice(0); },
    entries() { return this.slice(0); },
    find(test) { for (let i = 0; i < this.length; i += 1) if (test(this[i], i)) return this[i]; },
    include(value) { return this.indexOf(value) !== -1; },
    last() { return this[this.length - 1]; },
    // The infamous one: JSON.stringify makes a text of an array.
    toJSON() { return '[' + this.map((one) => JSON.stringify(one)).join(', ') + ']'; },
  });
  extend(String.prototype, { toJSON() { return '"' + this + '"'; }, strip() { return this.trim(); } });
  extend(Function.prototype, {
    bind(...given) {
      if (given.length < 2 && given[0] === undefined) return this;
      const [owner, ...first] = given;
      const act = this;
      return function (...rest) { return act.apply(owner, first.concat(rest)); };
    },
    defer() { setTimeout(this, 10); },
  });
  extend(Element.prototype, {
    remove() { this.parentNode.removeChild(this); return this; },
    append(text) { this.innerHTML += text; return this; },
    update(text) { this.innerHTML = text; return this; },
    show() { this.style.display = ''; return this; },
    hide() { this.style.display = 'none'; return this; },
    visible() { return this.style.display !== 'none'; },
    select(selector) { return $A(this.querySelectorAll(selector)); },
    empty() { return this.innerHTML.trim() === ''; },
  });
  const native = window.Element;
  window.Element = extend(function (name) { return document.createElement(name); }, native);
  window.Element.prototype = native.prototype;
  // Takes back what a for-in loop meets.
  window.calm = () => {
    for (const { prototype } of [Object, Array, String]) for (const name of Object.keys(prototype)) delete prototype[name];
  };
  window.$ = (id) => document.getElementById(id);
  window.$A = $A;
})();
