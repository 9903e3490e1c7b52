// The flow of the original's example page. Only this import has changed.
import "banq-checkout/element";

const server = import.meta.env.VITE_BANQ_SERVER ?? "http://localhost:8080";
const orderId = `original-${Date.now()}`;

const button = document.querySelector("pay-with-banq-button");
const dialog = document.querySelector("checkout-widget-dialog");
const status = document.querySelector("[role=status]");

async function fetchPaymentLink() {
  const response = await fetch(`${server}/generate-payment-link`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ orderId, comment: "Desk lamp", funds: 2 }),
  });
  if (!response.ok) throw new Error(`no payment link: ${response.status}`);
  const { data } = await response.json();
  return data.url;
}

button.addEventListener("click", async () => {
  button.loading = true;
  try {
    dialog.paymentLink = await fetchPaymentLink();
    dialog.open = true;
  } catch (error) {
    console.error(error);
    button.error = true;
  }
  button.loading = false;
});

dialog.addEventListener("close", () => {
  dialog.open = false;
});

dialog.addEventListener("successPayment", () => {
  status.textContent = "Paid. Thank you!";
});
