import { BanqCheckout, useBanqCheckout, type BanqCheckoutProps } from "banq-checkout/react";
import type { BanqCheckoutElement } from "banq-checkout/element";
import type {} from "banq-checkout/types/react";
import { createRef, type ReactElement } from "react";

const link = async () => "https://link.banq.com/abc";

export const components: ReactElement[] = [
  <BanqCheckout getPaymentInfo={link} orderKey="A7" onPaymentSuccess={({ late }) => console.log(late)} />,
  <BanqCheckout endpoint="/link" order={{ orderId: "A7" }} className="pay" style={{ marginTop: 8 }} button={false} />,
  // @ts-expect-error the source of the link is missing
  <BanqCheckout orderKey="A7" />,
  // @ts-expect-error the component is the container
  <BanqCheckout getPaymentInfo={link} selector="#pay" />,
  // @ts-expect-error one source only
  <BanqCheckout getPaymentInfo={link} endpoint="/link" order={{}} />,
  // @ts-expect-error no such callback
  <BanqCheckout getPaymentInfo={link} onPaid={() => {}} />,
];

export const props: BanqCheckoutProps = { getPaymentInfo: link, id: "pay" };

export function Own(): ReactElement {
  const { ref, open } = useBanqCheckout({ getPaymentInfo: link, button: false });
  return <div ref={ref} onClick={open} />;
}

const checkout = createRef<BanqCheckoutElement>();
const handlers = { "onbanq:paid": (event: HTMLElementEventMap["banq:paid"]) => console.log(event.detail.late) };

export const elements: ReactElement[] = [
  <banq-checkout ref={checkout} id="pay" getPaymentInfo={link} shopName="Lamps" loading {...handlers} />,
  <pay-with-banq-button loading={true} onClick={() => {}} />,
  <checkout-widget-dialog
    open
    paymentLink="https://link.banq.com/abc"
    onsuccessPayment={(event) => console.log(event.detail.payload.orderId)}
    onclose={({ detail }) => console.log(detail.payload.reason)}
  />,
  <checkout-widget theme="dark" tips="false" />,
  // @ts-expect-error no such theme
  <checkout-widget theme="auto" />,
  // @ts-expect-error a text is no order
  <banq-checkout endpoint="/link" order="A7" />,
  // @ts-expect-error no such property
  <checkout-widget-dialog isOpen />,
];
