import type {} from "banq-checkout/types/vue";
import { h, type GlobalComponents } from "vue";

type Props<Tag extends keyof GlobalComponents> = InstanceType<GlobalComponents[Tag]>["$props"];

export const checkout: Props<"banq-checkout"> = {
  id: "pay",
  endpoint: "/link",
  order: { orderId: "A7" },
  "onBanq:paid": ({ detail }) => console.log(detail.late satisfies boolean),
};
export const dialog: Props<"checkout-widget-dialog"> = {
  open: true,
  paymentLink: "https://link.banq.com/abc",
  onSuccessPayment: ({ detail }) => console.log(detail.payload.orderId),
  onClose: ({ detail }) => console.log(detail.payload.reason),
};
export const button: Props<"pay-with-banq-button"> = { loading: true, onClick: () => {} };
// @ts-expect-error no such environment
export const widget: Props<"checkout-widget"> = { environment: "local" };
// @ts-expect-error a text is no order
export const wrong: Props<"banq-checkout"> = { endpoint: "/link", order: "A7" };
export const node = h("banq-checkout", { id: "pay" });
