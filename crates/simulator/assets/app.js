// The phone app: lists payments and answers them. Rows are kept and changed in place, so that the focus
// stays where it is while the list updates itself.
"use strict";

const POLL_MS = 2000;
const RECENT = 10;
const OPEN = ["Created", "Accepted", "OnHold"];
const DONE = { accept: "Paid", decline: "Declined", hold: "Put on hold", resume: "Resumed", cancel: "Canceled" };

// The API's words in the shopper's; a word that is not listed is its own.
const WORDS = { Created: "To pay", Accepted: "Processing", OnHold: "On hold", Completed: "Paid" };

const rows = new Map(); // payment id → its <li>
let payments = [];
let asked = 0; // how many lists were asked for
let drawn = 0; // which of them is on the screen

const byId = (id) => document.getElementById(id);

function dollars(text) {
  const [whole, cents = ""] = String(text).split(".");
  return "$" + whole + "." + cents.padEnd(2, "0");
}

function say(text, bad) {
  byId("status").textContent = text;
  byId("status").classList.toggle("bad", Boolean(bad));
}

function row(payment) {
  let item = rows.get(payment.id);
  if (!item) {
    item = byId("payment").content.firstElementChild.cloneNode(true);
    item.id = "payment-" + payment.id;
    item.tabIndex = -1;
    item.querySelector(".amount").textContent = dollars(payment.funds);
    item.querySelector(".comment").textContent = payment.comment;
    item.querySelector(".order").textContent = "Order " + (payment.externalOrderCode || "–");
    for (const button of item.querySelectorAll("button")) {
      button.dataset.payment = payment.id;
      button.setAttribute("aria-label", button.textContent + " " + dollars(payment.funds) + " for " + payment.comment);
    }
    rows.set(payment.id, item);
  }
  const word = item.querySelector(".word");
  const said = WORDS[payment.status] || payment.status;
  word.textContent = payment.failReason ? said + ": " + payment.failReason : said;
  word.dataset.status = payment.status;
  for (const button of item.querySelectorAll("button")) {
    button.hidden = !payment.actions.includes(button.dataset.action);
  }
  return item;
}

// Puts the rows into the list in this order and moves only those that stand elsewhere.
function arrange(list, wanted) {
  wanted.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] || null);
  });
  while (list.children.length > wanted.length) list.lastElementChild.remove();
}

function draw() {
  const newestFirst = [...payments].reverse();
  const waiting = newestFirst.filter((payment) => OPEN.includes(payment.status));
  const recent = newestFirst.filter((payment) => !OPEN.includes(payment.status)).slice(0, RECENT);
  arrange(byId("waiting"), waiting.map(row));
  arrange(byId("recent"), recent.map(row));
  byId("none").hidden = waiting.length > 0;
  byId("over").hidden = recent.length === 0;
}

// An answer that is overtaken by a later one is not drawn: it would bring back what was before.
async function refresh() {
  const mine = ++asked;
  const response = await fetch("/simulator/payments");
  const latest = (await response.json()).data;
  if (mine < drawn) return;
  drawn = mine;
  payments = latest;
  draw();
}

async function act(button) {
  const { payment, action } = button.dataset;
  button.disabled = true;
  try {
    const response = await fetch("/simulator/payments/" + payment + "/" + action, { method: "POST" });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.message);
    await refresh();
    say(DONE[action] + ": " + dollars(answer.data.funds) + " for " + answer.data.comment);
    if (button.hidden) rows.get(payment).focus();
  } catch (error) {
    say(error.message, true);
  } finally {
    button.disabled = false;
  }
}

// A link's last part is the payment's code, whatever address it was made under.
function open(link) {
  const code = link.trim().replace(/[?#].*$/, "").replace(/\/+$/, "").split("/").pop();
  const payment = code && payments.find((known) => known.url.endsWith("/pay/" + code));
  document.querySelectorAll(".found").forEach((item) => item.classList.remove("found"));
  const item = payment && rows.get(payment.id);
  if (!item || !item.isConnected) return say("No payment has this link.", true);
  item.classList.add("found");
  item.scrollIntoView({ block: "center" });
  (item.querySelector("button:not([hidden])") || item).focus();
  say("Found: " + dollars(payment.funds) + " for " + payment.comment);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-payment]");
  if (button) act(button);
});

byId("open").addEventListener("submit", async (event) => {
  event.preventDefault();
  await refresh().catch(() => {});
  open(byId("link").value);
});

(async function watch() {
  try {
    await refresh();
  } catch {
    say("The simulator does not answer.", true);
  }
  setTimeout(watch, POLL_MS);
})();
