import init, { Client } from "banq-checkout/headless";
import { generate } from "lean-qr";

const WORDS = {
  pending: "Scan the code to pay",
  processing: "Your payment is being confirmed",
  on_hold: "Your payment is on hold",
  paid: "Paid. Thank you!",
  declined: "The payment was declined",
  failed: "The payment failed",
  canceled: "The payment was canceled",
  expired: "The code has expired",
  reversed: "The money went back to you",
};

const ANOTHER_TRY = new Set(["declined", "failed", "canceled", "expired"]);

const server = import.meta.env.VITE_BANQ_SERVER ?? "http://localhost:8080";
// The same for each try: the server gives a paid order no other link.
const order = { orderId: `headless-${Date.now()}`, comment: "Desk lamp", funds: 2 };
const find = (selector) => document.querySelector(selector);
const button = find("button");

function show({ status, issue }) {
  find("[role=status]").textContent = issue ? "Please do not pay again, and contact the shop" : WORDS[status];
  find("#link").hidden = Boolean(issue) || status !== "pending";
  button.disabled = Boolean(issue) || !ANOTHER_TRY.has(status);
}

await init();
const client = new Client({ server, environment: "local" });

button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    const { checkoutId, url } = await client.createCheckout(order);
    generate(url).toCanvas(find("canvas"));
    find("a").href = url;
    client.watchCheckout(checkoutId, show);
  } catch (error) {
    find("[role=status]").textContent = error.code;
    button.disabled = !error.recoverable;
  }
});
