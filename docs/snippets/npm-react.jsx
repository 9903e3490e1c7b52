import { BanqCheckout } from 'banq-checkout/react';

export function Pay({ order, onPaid }) {
  return (
    <BanqCheckout
      id="pay"
      orderKey={order.id}
      endpoint="https://pay.your-shop.example/generate-payment-link"
      order={{ orderId: order.id, token: order.token }}
      onPaymentSuccess={onPaid}
    />
  );
}
