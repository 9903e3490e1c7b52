import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";

// docs/fulfilment.md says what each type asks of the shop. A type that is not listed here is for orders that repeat,
// which this shop does not sell, or is newer than this shop.
const PAID = new Set(["order.paid", "order.payment_restored"]);
const IN_QUESTION = new Set([
  "order.paid_other_amount",
  "order.paid_after_withdrawal",
  "order.paid_again",
  "order.payment_mismatch",
  "order.payment_in_doubt",
]);
const GONE = "order.reversed";
const GONE_BUT_PAID_OTHERWISE = "order.payment_reversed";

export const HANDLED_TYPES = new Set([...PAID, ...IN_QUESTION, GONE, GONE_BUT_PAID_OTHERWISE]);

/** The shop's orders and the notifications about them, in a file of JSON lines. A real shop uses its database. */
export class Orders {
  #file;
  #ids = new Set();
  #handled = new Set();
  /** The newest notification of each checkout. */
  #newest = new Map();

  /** Reads the file in this folder, or begins it. */
  constructor(folder) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, "orders.jsonl");
    if (!existsSync(this.#file)) return;
    const text = readFileSync(this.#file, "utf8");
    // The shop was stopped while it wrote the rest, and has promised nothing of it to anybody.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    truncateSync(this.#file, Buffer.byteLength(whole));
    for (const line of whole.split("\n").slice(0, -1)) this.#apply(JSON.parse(line));
  }

  open(orderId) {
    this.#write({ opened: orderId });
  }

  /** Keeps a notification; returns false if it came before. */
  record(webhookId, type, { orderId, checkoutId, version }) {
    if (this.#handled.has(webhookId)) return false;
    if (!orderId || !checkoutId || !Number.isInteger(version)) throw new Error(`${type} names no checkout's version`);
    this.#write({ webhookId, type, orderId, checkoutId, version });
    return true;
  }

  /** Returns `open`, `paid` or `attention` (do not deliver: a person must look), or nothing for an unknown order. */
  state(orderId) {
    if (!this.#ids.has(orderId)) return undefined;
    const types = [...this.#newest.values()].filter((about) => about.orderId === orderId).map(({ type }) => type);
    if (types.some((type) => IN_QUESTION.has(type))) return "attention";
    if (types.some((type) => PAID.has(type))) return "paid";
    return types.includes(GONE) ? "attention" : "open";
  }

  #write(entry) {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`, { flush: true });
    this.#apply(entry);
  }

  #apply(entry) {
    if (entry.opened) return this.#ids.add(entry.opened);
    this.#handled.add(entry.webhookId);
    // Notifications can overtake each other: the higher version is later.
    const before = this.#newest.get(entry.checkoutId);
    if (!before || before.version < entry.version) this.#newest.set(entry.checkoutId, entry);
  }
}
