import { BanqCheckout } from "banq-checkout/react";
import { useEffect, useState } from "react";

const server = import.meta.env.VITE_BANQ_SERVER ?? "http://localhost:8080";
const firstOrder = `react-${Date.now()}`;

/** Renders once a second: each time the callbacks are new functions, and `order` and `appearance` new objects. */
export function Cart() {
  const [seconds, setSeconds] = useState(0);
  const [lamps, setLamps] = useState(1);
  const [status, setStatus] = useState("");

  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);

  const orderId = `${firstOrder}-${lamps}`;
  return (
    <>
      <h1>Desk lamps, ${(2 * lamps).toFixed(2)}</h1>
      <p>{seconds} s in the shop</p>
      <button type="button" onClick={() => setLamps(lamps + 1)}>
        One more lamp
      </button>
      <BanqCheckout
        id="pay"
        orderKey={orderId}
        environment="local"
        shopName="Lamps"
        appearance={{ buttonLabel: "buy" }}
        endpoint={`${server}/generate-payment-link`}
        order={{ orderId, comment: "Desk lamps", funds: 2 * lamps }}
        onPaymentSuccess={() => setStatus(`Paid after ${seconds} s. Thank you!`)}
        onError={({ code }) => setStatus(code)}
      />
      <p role="status">{status}</p>
    </>
  );
}
