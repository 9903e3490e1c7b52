import { loadBanqCheckout } from "banq-checkout";

const server = import.meta.env.VITE_BANQ_SERVER ?? "http://localhost:8080";
const status = document.querySelector("[role=status]");

const BanqCheckout = await loadBanqCheckout();
const app = new BanqCheckout({
  selector: "#pay",
  environment: "local",
  shopName: "Lamps",
  endpoint: `${server}/generate-payment-link`,
  order: { orderId: `module-${Date.now()}`, comment: "Desk lamp", funds: 2 },
  onPaymentSuccess: () => {
    status.textContent = "Paid. Thank you!";
  },
  onError: ({ code }) => {
    status.textContent = code;
  },
});
app.bootstrapApp();
