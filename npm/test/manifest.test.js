import "./dom.js";

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const elements = await import("banq-checkout/element");
const manifest = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve("banq-checkout/custom-elements.json"))));
const declarations = manifest.modules.flatMap((module) => module.declarations);

test("manifest_has_every_element", () => {
  const names = declarations.map(({ name }) => name);
  assert.deepEqual(names.sort(), Object.keys(elements).sort());
  for (const { name, tagName } of declarations) assert.equal(customElements.get(tagName), elements[name]);
});

for (const { name, tagName, attributes, members } of declarations) {
  test(`manifest_of_${tagName}_has_its_attributes_and_members`, () => {
    const Element = elements[name];
    assert.deepEqual(attributes.map((attribute) => attribute.name).sort(), [...Element.observedAttributes].sort());
    const element = document.createElement(tagName);
    for (const { name: member, kind } of members) {
      assert.ok(member in element, member);
      assert.equal(typeof element[member] === "function", kind === "method", member);
    }
    for (const property of Object.keys(element.values)) {
      assert.ok(members.some((member) => member.name === property), property);
    }
    for (const { name: attribute, fieldName } of attributes) {
      if (!fieldName) continue;
      element.setAttribute(attribute, "1");
      assert.notEqual(element[fieldName], undefined, attribute);
    }
  });
}
