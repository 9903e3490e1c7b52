import { randomUUID } from "node:crypto";
import { connection } from "next/server";

import { Pay } from "./Pay.jsx";

/** Runs on the shop's server, once for each visit. */
export default async function Page() {
  await connection();
  const server = process.env.BANQ_SERVER ?? "http://localhost:8080";
  // The demo takes the price from the page. A shop registers it here instead, and passes the order's token on: see
  // ../../shop-node.
  const order = { orderId: `next-${randomUUID()}`, comment: "Desk lamp", funds: 2 };
  return (
    <>
      <h1>Desk lamp, $2.00</h1>
      <Pay endpoint={`${server}/generate-payment-link`} order={order} />
    </>
  );
}
