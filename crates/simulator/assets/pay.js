// The hosted pay page: log in, pay or decline, and tell the page that opened this one.
"use strict";

const page = document.getElementById("pay");
const here = "/pay/" + encodeURIComponent(page.dataset.code);
const POLL_MS = 2000;

// What each status is called here; a status that is not listed is still open to the shopper.
const SENTENCES = {
  Accepted: "Your payment is being processed.",
  Completed: "Paid. Thank you!",
  Declined: "You declined this payment.",
  OnHold: "This payment is on hold.",
  Canceled: "This payment was canceled.",
  Expired: "This payment link has expired.",
  Failed: "The payment failed.",
  Reversed: "This payment was taken back.",
};

let loggedIn = false;
let answered = false; // here, and so for good: from then on nothing that was asked before counts
let payment = { id: page.dataset.id, status: page.dataset.status };

// The exact origin to tell: as the opener says it in ?origin=, or else where the visit came from. Without
// either nobody is told: "*" would tell anybody.
function listenerOrigin() {
  const said = new URLSearchParams(location.search).get("origin") || document.referrer;
  try {
    const url = new URL(said);
    return url.protocol === "https:" || url.protocol === "http:" ? url.origin : null;
  } catch {
    return null;
  }
}

function tell(type) {
  const listener = window.opener || (window.parent !== window ? window.parent : null);
  const origin = listenerOrigin();
  if (listener && origin) listener.postMessage({ type, payload: { paymentId: payment.id } }, origin);
}

function show() {
  const open = payment.status === "Created";
  page.dataset.status = payment.status;
  document.getElementById("login").hidden = !open || loggedIn;
  document.getElementById("confirm").hidden = !open || !loggedIn;
  document.getElementById("result").hidden = open;
  document.getElementById("sentence").textContent = SENTENCES[payment.status] || payment.status;
  document.getElementById("reason").textContent = payment.failReason ? "Reason: " + payment.failReason : "";
}

function say(text, bad) {
  const status = document.getElementById("status");
  status.textContent = text;
  status.classList.toggle("bad", Boolean(bad));
}

async function ask(path, method) {
  const response = await fetch(here + path, { method });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer.data;
}

async function answer(action) {
  const buttons = document.querySelectorAll("#confirm button");
  buttons.forEach((button) => (button.disabled = true));
  say("One moment…");
  try {
    payment = await ask("/" + action, "POST");
    answered = true;
    say("");
    show();
    if (payment.status === "Completed") tell("successPayment");
    document.querySelector("#result button").focus();
  } catch (error) {
    say(error.message, true);
  } finally {
    buttons.forEach((button) => (button.disabled = false));
  }
}

document.getElementById("login").addEventListener("submit", (event) => {
  event.preventDefault();
  loggedIn = true;
  show();
  tell("login");
  document.querySelector('[data-action="pay"]').focus();
});

document.addEventListener("click", (event) => {
  const action = event.target.dataset.action;
  if (action === "pay" || action === "decline") answer(action);
  if (action === "close") {
    tell("close");
    // Works in a popup only; a frame is closed by its owner, and a tab by the shopper.
    window.close();
    say("You can close this page now.");
  }
});

// The phone, the merchant or the clock may answer first.
async function watch() {
  try {
    const wasAnswered = answered;
    const latest = await ask("/status", "GET");
    if (answered === wasAnswered) payment = latest;
    show();
  } catch {
    // The next look may succeed.
  }
  setTimeout(watch, POLL_MS);
}

show();
watch();
