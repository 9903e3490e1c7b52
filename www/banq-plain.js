// banq checkout: opens the payment link in a window, without the widget. The loader (ecommerce.js) fetches this if the
// widget cannot run: the page's policy forbids WebAssembly, the browser has none, or a file is missing.

// Copies the own properties. A script that wrote into Object.prototype must not choose a payment link.
const own = (value) => ({ __proto__: null, ...value });

function failure(code, message, recoverable, cause) {
  return Object.assign(new Error(message), { code, recoverable, cause });
}

// Resolves to a link that may be opened; rejects if the request failed or the link is not safe to open.
async function linkOf({ answer }, { getPaymentInfo, environment }) {
  let info;
  try {
    const read = async () => (getPaymentInfo ? answer : (await answer).json());
    // The widget has the same timeout.
    const said = await Promise.race([read(), new Promise((_, fail) => setTimeout(fail, 30000, "timeout"))]);
    // The server answered with a problem, perhaps through a page that passes answers on unchanged.
    const { code, status, detail, data } = own(said);
    if (code && status) throw new Error(status + " " + code + " " + detail);
    info = data || said;
  } catch (cause) {
    throw failure("link_request_failed", String(cause), true, cause);
  }
  const url = own(info).url || info;
  const href = checked(url, environment);
  if (!href) throw failure("link_invalid", "not an https: link: " + url, false);
  return href;
}

// Returns the link as the browser reads it, if it may be opened: the rule of src/payment_url.rs, which describes the
// attacks. Removes the server's mark for the widget at the link's end, which is not for the payment page.
function checked(link, environment) {
  if (!/^\w+:\/\/[^/?#@]+([/?#]|$)/.test(link) || /[\0- \x7f-\x9f\s\\]/.test(link)) return;
  const parsed = document.createElement("a");
  parsed.setAttribute("href", link);
  const { protocol, hostname, href } = parsed;
  const host = protocol + hostname;
  if (
    /^https:|^http:(localhost|\[::1]|127\.[\d.]+)$/.test(host) ||
    (environment === "local" && /^http:(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+$/.test(host))
  ) {
    return href.replace(/[#&]banq-checkout=[^&]*$/, "");
  }
}

// Resolves to whether the page has Cross-Origin-Opener-Policy: same-origin. With it, the browser calls a window closed
// as soon as it shows another origin, and the page cannot tell that from a shopper who closes it.
async function isIsolated() {
  try {
    const { headers } = await fetch(location, { method: "HEAD" });
    return /same-origin(?!-allow)/.test(headers.get("Cross-Origin-Opener-Policy"));
  } catch (error) {
    // An unknown policy counts as none.
  }
}

// Returns what the loader calls: `pay` at a press, `changed` when the page sells another order, `end` at the end.
//
// The loader's part: `options()` are the page's; `press()` shows the spinner and returns the request for a link;
// `newest()` returns the newest request, or false if the app has ended; `done()` ends the spinner; `tell(error)` reports
// to the page.
export function plain(options, press, newest, done, tell) {
  let popup; // the payment window
  let lost; // whether the browser cuts the window off from the page
  let waiting = false; // whether a link is on its way

  // The window is opened in the click itself, or the browser blocks it; it is sent to the link later.
  async function pay() {
    if (popup && !popup.closed) return popup.focus();
    if (waiting) return;
    waiting = true;
    // A window that was cut off can still be open, so no second one is opened.
    const opened = popup && lost ? null : (popup = window.open("", "_blank", "width=480,height=720"));
    let url, problem, request;
    do {
      request = press();
      url = await linkOf(request, options()).catch((error) => {
        problem = error;
      });
      // The page may have changed its order meanwhile.
    } while (newest() !== request && newest() !== false);
    waiting = false;
    if (newest() === false) return; // destroyed: end() has closed the window
    done();
    if (!url) {
      opened?.close();
      return tell(problem);
    }
    if (opened) opened.opener = null; // the payment page needs no access to the shop's page
    (opened || window).location.href = url; // if the window was blocked, the page itself goes to the link
    lost = await isIsolated();
    if (lost) console.warn("banq-checkout: use Cross-Origin-Opener-Policy: same-origin-allow-popups");
  }

  // The window shows the earlier order. A window that still waits for its link will be sent to the new one.
  function changed() {
    if (popup && !waiting) {
      popup.close();
      popup = null;
    }
  }

  return { pay, changed, end: () => popup?.close() };
}
