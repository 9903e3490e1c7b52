import { BanqCheckoutElement } from "./elements/banq-checkout.js";
import { CheckoutWidgetDialogElement } from "./elements/checkout-widget-dialog.js";
import { CheckoutWidgetElement } from "./elements/checkout-widget.js";
import { define } from "./elements/define.js";
import { PayWithBanqButtonElement } from "./elements/pay-with-banq-button.js";

define("banq-checkout", BanqCheckoutElement);
define("pay-with-banq-button", PayWithBanqButtonElement);
define("checkout-widget-dialog", CheckoutWidgetDialogElement);
define("checkout-widget", CheckoutWidgetElement);

export { BanqCheckoutElement, CheckoutWidgetDialogElement, CheckoutWidgetElement, PayWithBanqButtonElement };
