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
