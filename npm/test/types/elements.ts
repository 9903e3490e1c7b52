import {
  BanqCheckoutElement,
  CheckoutWidgetDialogElement,
  CheckoutWidgetElement,
  PayWithBanqButtonElement,
} from "banq-checkout/element";

const checkout = document.createElement("banq-checkout") satisfies BanqCheckoutElement;
checkout.getPaymentInfo = async () => "https://link.banq.com/abc";
checkout.order = { orderId: "A7" };
checkout.appearance = { buttonLabel: "buy" };
checkout.open();
// @ts-expect-error no such presentation
checkout.presentation = "modal";
// @ts-expect-error the element is the container
checkout.selector = "#pay";

const button = document.createElement("pay-with-banq-button") satisfies PayWithBanqButtonElement;
button.loading = "false";
button.mode = "pre-register-flow";
// @ts-expect-error the name that the original's example page used
button.mode = "pre-register";

const dialog = document.querySelector("checkout-widget-dialog") satisfies CheckoutWidgetDialogElement | null;
dialog?.addEventListener("successPayment", ({ detail }) => console.log(detail.type, detail.payload.orderId));
dialog?.addEventListener("paymentSuccess", ({ detail }) => console.log(detail.payload.late satisfies boolean));
if (dialog) dialog.paymentLink = "https://link.banq.com/abc";

const widget = new CheckoutWidgetElement();
widget.environment = "integration";
// @ts-expect-error our word for it
widget.environment = "local";

export { PayWithBanqButtonElement };
