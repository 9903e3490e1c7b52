const sheets = new Map();

/** Gives a shadow tree its rules: by a constructed stylesheet, which needs no permission of the page's policy. */
export function addRules(shadow, rules) {
  try {
    if (!sheets.has(rules)) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(rules);
      sheets.set(rules, sheet);
    }
    shadow.adoptedStyleSheets = [sheets.get(rules)];
  } catch {
    // Safari before 16.4.
    const style = document.createElement("style");
    style.nonce = shadow.host.nonce;
    style.textContent = rules;
    shadow.append(style);
  }
}

/**
 * Gives an element a shadow tree that shows the element's own content, for example a link for browsers without scripts,
 * until the app's element is there.
 */
export function addFrame(element) {
  const shadow = element.attachShadow({ mode: "open" });
  addRules(shadow, ":host { display: block; } :host([hidden]) { display: none; }");
  const place = document.createElement("slot");
  place.name = "widget";
  place.append(document.createElement("slot"));
  shadow.append(place);
}

/** Puts the app's element, which the loader has marked, into the frame in place of the element's own content. */
export function showApp(element) {
  for (const child of element.children) {
    if ("ecommerceBanqWidget" in child) child.slot = "widget";
  }
}
