import { loadBanqCheckout, type BanqApp, type BanqAppClass, type BanqError } from "banq-checkout";
import init, { Client, type ClientError } from "banq-checkout/headless";
import { installBanqDouble, type DoubleApp } from "banq-checkout/testing";

const App: BanqAppClass = await loadBanqCheckout();
await loadBanqCheckout({ assetsUrl: "/widget/" });
await loadBanqCheckout({ assetsUrl: (name) => `/static/${name}` });
// @ts-expect-error a number is no address
await loadBanqCheckout({ assetsUrl: 1 });

const app: BanqApp = new App({
  selector: "#pay",
  getPaymentInfo: async ({ requestId }) => `https://link.banq.com/${requestId}`,
  onPaymentSuccess: ({ late, orderId }) => console.log(late satisfies boolean, orderId satisfies string | undefined),
  onError: (error: BanqError) => console.log(error.code),
});
await app.bootstrapApp();
app.update({ theme: "dark" });
new App({ selector: document.body, endpoint: "/link", order: { orderId: "A7" }, appearance: { accentColor: "#0a7" } });
new window.ecommerceBanqWidget({ selector: "#pay", endpoint: "/link", order: async () => ({ orderId: "A7" }) });

// @ts-expect-error the source of the link is missing
new App({ selector: "#pay" });
// @ts-expect-error the order is missing
new App({ selector: "#pay", endpoint: "/link" });
// @ts-expect-error no such theme
app.update({ theme: "black" });
// @ts-expect-error no such color
app.update({ appearance: { accent: "#0a7" } });

await init();
const client = new Client({ server: "https://pay.shop.example", environment: "sandbox" });
const { checkoutId, url } = await client.createCheckout({ orderId: "A7" });
const stop: () => void = client.watchCheckout(checkoutId, ({ status, transport }) => console.log(status, transport, url));
stop();
const refused: ClientError = Object.assign(new Error("refused"), { code: "order_rejected", recoverable: false });
// @ts-expect-error the server is missing
new Client({ environment: "sandbox" });
console.log(refused);

const banq = installBanqDouble({ loadFails: false });
const double: DoubleApp = banq.app;
await double.press();
double.play("declined", { failReason: "insufficient_funds" });
double.refuseNextLink("order_already_paid");
// @ts-expect-error no such status
double.play("refused");
// @ts-expect-error only the double decides
double.isOpen = true;

document.body.addEventListener("banq:paid", ({ detail }) => console.log(detail.late satisfies boolean));
document.body.addEventListener("banq:click", (event) => event.preventDefault());
