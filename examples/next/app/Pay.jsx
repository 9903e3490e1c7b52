"use client";

import { BanqCheckout } from "banq-checkout/react";
import { useState } from "react";

export function Pay({ endpoint, order }) {
  const [status, setStatus] = useState("");
  return (
    <>
      <BanqCheckout
        id="pay"
        orderKey={order.orderId}
        environment="local"
        shopName="Lamps"
        endpoint={endpoint}
        order={order}
        onPaymentSuccess={() => setStatus("Paid. Thank you!")}
        onError={({ code }) => setStatus(code)}
      />
      <p role="status">{status}</p>
    </>
  );
}
