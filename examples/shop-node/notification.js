// The signature of a notification: https://www.standardwebhooks.com. docs/fulfilment.md describes it.

import { createHmac, timingSafeEqual } from "node:crypto";

const OLDEST_SECONDS = 5 * 60;

/** Returns the key of a secret (`whsec_` and base64), or nothing if the secret is not of this form. */
export function signingKey(secret) {
  const base64 = /^whsec_([A-Za-z0-9+/]{2,}={0,2})$/.exec(secret)?.[1];
  return base64 && Buffer.from(base64, "base64");
}

/** Whether the intermediary signed these bytes within the last five minutes. */
export function isGenuine(key, headers, body) {
  const id = headers["webhook-id"];
  const sent = headers["webhook-timestamp"];
  if (!id || !/^[0-9]{1,12}$/.test(sent)) return false;
  if (Math.abs(Date.now() / 1000 - Number(sent)) > OLDEST_SECONDS) return false;

  const expected = createHmac("sha256", key).update(`${id}.${sent}.`).update(body).digest("base64");
  // There are two signatures while the secret is being replaced.
  const signatures = (headers["webhook-signature"] ?? "").split(" ");
  return signatures.some((signature) => isEqual(Buffer.from(signature), Buffer.from(`v1,${expected}`)));
}

/** Takes the same time for every signature of the right length, which tells a forger nothing. */
function isEqual(one, other) {
  return one.length === other.length && timingSafeEqual(one, other);
}
