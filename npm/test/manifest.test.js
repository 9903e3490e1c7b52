import "./dom.js";

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const elements = await import("banq-checkout/element");
const manifest = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve("banq-checkout/custom-elements.json"))));
const declarations = manifest.modules.flatMap((module) => module.declarations);

test("parts_are_those_of_the_document", async () => {
  const theming = readFileSync(new URL("../../docs/theming.md", import.meta.url), "utf8");
  const rows = theming.split("## Parts")[1].matchAll(/^\| (`.*?) \|/gm);
  const documented = [...rows].flatMap(([, names]) => names.replaceAll("`", "").split(", "));
  const { cssParts } = declarations.find(({ tagName }) => tagName === "banq-checkout");
  assert.deepEqual(cssParts.map(({ name }) => name), documented);
  const { PARTS } = await import("./node_modules/banq-checkout/elements/frame.js");
  assert.equal(PARTS, documented.join(", "));
});

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
