// A shop's own server, which sells one lamp. ../README.md says how to start it.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { isGenuine, signingKey } from "./notification.js";
import { HANDLED_TYPES, Orders } from "./orders.js";
import { orderPage, sorryPage } from "./pages.js";

const LONGEST_BODY = 64 * 1024;

const port = Number(setting("PORT"));
const server = setting("BANQ_SERVER").replace(/\/+$/, "");
const apiKey = setting("BANQ_API_KEY");
const key = signingKey(setting("BANQ_FULFILMENT_SECRET"));
if (!key) refuse("BANQ_FULFILMENT_SECRET must be whsec_ followed by base64");
const environment = process.env.BANQ_ENVIRONMENT || "local";
const orders = new Orders(process.env.SHOP_DATA || "./data");

function setting(name) {
  return process.env[name] || refuse(`${name} is not set`);
}

function refuse(sentence) {
  console.error(sentence);
  process.exit(2);
}

/** Sells a lamp: the browser gets the order's id and token, and never sets the price. */
async function sell(response) {
  // A stranger cannot count through random ids.
  const orderId = randomBytes(16).toString("hex");
  let token;
  try {
    token = await register(orderId);
  } catch (error) {
    console.error(`order ${orderId} was not registered:`, error);
    return send(response, 502, "text/html", sorryPage());
  }
  orders.open(orderId);
  send(response, 200, "text/html", orderPage({ server, environment, orderId, token }));
}

/** Tells the intermediary what the order costs, and returns the order's token. */
async function register(orderId) {
  const answer = await fetch(`${server}/orders/${orderId}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({ funds: "2.00", currency: "USD", comment: "Desk lamp" }),
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  const { data } = await answer.json();
  if (!data?.linkToken) throw new Error("the answer has no linkToken");
  return data.linkToken;
}

/** Takes a notification. The intermediary sends it again until the answer is 2xx. */
async function receive(request, response) {
  const body = await rawBody(request);
  if (!body) return send(response, 413, "text/plain", "too long");
  // The signature covers the raw bytes: verify them before you parse them.
  if (!isGenuine(key, request.headers, body)) return send(response, 401, "text/plain", "wrong signature");
  const { type, data } = JSON.parse(body);
  if (!HANDLED_TYPES.has(type)) {
    console.error(`${data?.orderId}: ignored ${type}`);
  } else if (orders.record(request.headers["webhook-id"], type, data)) {
    console.error(`${data.orderId}: ${type}, now ${orders.state(data.orderId)}`);
  }
  response.writeHead(204).end();
}

/** Returns the bytes of a request, or nothing if there are too many. */
async function rawBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LONGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tell(orderId, response) {
  const state = orders.state(orderId);
  if (!state) return send(response, 404, "text/plain", "no such order");
  send(response, 200, "application/json", JSON.stringify({ orderId, state }));
}

function send(response, status, type, text) {
  response.writeHead(status, { "Content-Type": `${type}; charset=utf-8`, "Cache-Control": "no-store" }).end(text);
}

async function answer(request, response) {
  const [path] = request.url.split("?");
  const orderId = /^\/orders\/([^/]+)$/.exec(path)?.[1];
  if (request.method === "GET" && path === "/") return sell(response);
  if (request.method === "POST" && path === "/notifications") return receive(request, response);
  if (request.method === "GET" && orderId) return tell(orderId, response);
  send(response, 404, "text/plain", "no such page");
}

const shop = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    send(response, 500, "text/plain", "the shop has a fault");
  });
});
shop.listen(port, "127.0.0.1", () => {
  console.log(`shop listens on http://127.0.0.1:${shop.address().port}`);
});
