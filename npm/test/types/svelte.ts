import type {} from "banq-checkout/types/svelte";
import type { SvelteHTMLElements } from "svelte/elements";

export const checkout: SvelteHTMLElements["banq-checkout"] = {
  id: "pay",
  endpoint: "/link",
  order: { orderId: "A7" },
  "onbanq:paid": ({ detail }) => console.log(detail.late satisfies boolean),
};
export const dialog: SvelteHTMLElements["checkout-widget-dialog"] = {
  open: true,
  onsuccessPayment: ({ detail }) => console.log(detail.payload.orderId),
  onclose: ({ detail }) => console.log(detail.payload.reason),
};
export const button: SvelteHTMLElements["pay-with-banq-button"] = { loading: true, onclick: () => {} };
// @ts-expect-error no such environment
export const widget: SvelteHTMLElements["checkout-widget"] = { environment: "local" };
// @ts-expect-error a text is no order
export const wrong: SvelteHTMLElements["banq-checkout"] = { endpoint: "/link", order: "A7" };
