// The server that a developer would write instead: Node.js, one SQLite file, events from the same process. It keeps
// each webhook before it answers 200, asks the simulator of Banq, and tells the page. It has no prices of its own, no
// retries and no notification, and forgets its work when it is killed between answer and question.
//
//   node server.mjs PORT SIMULATOR-URL DATABASE-FILE WEBHOOK-SECRET
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

import Database from 'better-sqlite3';
import { Pool } from 'undici';

const [port, simulator, file, secret] = process.argv.slice(2);

const database = new Database(file);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  CREATE TABLE webhooks (id TEXT PRIMARY KEY, body TEXT NOT NULL, received_at INTEGER NOT NULL);
  CREATE TABLE checkouts (id TEXT PRIMARY KEY, order_id TEXT, payment TEXT UNIQUE, status TEXT, version INTEGER);
`);
const keepWebhook = database.prepare('INSERT OR IGNORE INTO webhooks VALUES (?, ?, ?)');
const addCheckout = database.prepare("INSERT INTO checkouts VALUES (?, ?, ?, 'pending', 1)");
const byId = database.prepare('SELECT * FROM checkouts WHERE id = ?');
const byPayment = database.prepare('SELECT * FROM checkouts WHERE payment = ?');
const change = database.prepare('UPDATE checkouts SET status = ?, version = version + 1 WHERE id = ? AND status <> ?');

const banq = new Pool(simulator, { connections: 16 });
const json = { 'content-type': 'application/json' };
let token;
const getToken = () =>
  (token ??= banq
    .request({ path: '/oauth/token', method: 'POST', headers: json, body: JSON.stringify({
      grant_type: 'password', audience: 'https://banq.com/open/api/',
      client_id: 'demo-client', username: 'demo-merchant', password: 'demo-password',
    }) })
    .then((answer) => answer.body.json())
    .then((answer) => answer.access_token));
async function ask(method, path, body) {
  const headers = { ...json, authorization: `Bearer ${await getToken()}` };
  const answer = await banq.request({ path: `/api/v1${path}`, method, headers, body: body && JSON.stringify(body) });
  return (await answer.body.json()).data;
}

const readers = new Map();
const event = ({ id, order_id, status, version }) =>
  `event: status\nid: ${version}\ndata: ${JSON.stringify({ checkoutId: id, orderId: order_id, status, version })}\n\n`;
const STATUS = { Created: 'pending', Accepted: 'processing', Completed: 'paid' };

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

async function makeLink(request, response) {
  const { orderId } = JSON.parse(await bodyOf(request));
  const payment = await ask('POST', '/payments/get-paid-link', {
    destination: { banqGuid: '5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42' },
    comment: 'Desk lamp', funds: 2, externalOrderCode: orderId, frequency: 'once',
  });
  const checkoutId = randomBytes(16).toString('hex');
  addCheckout.run(checkoutId, orderId, payment.id);
  response.writeHead(201, json).end(JSON.stringify({ data: { url: payment.url, checkoutId } }));
}

async function takeWebhook(request, response) {
  const body = await bodyOf(request);
  const signature = Buffer.from(request.headers['x-banq-webhook-hmac'] ?? '', 'base64');
  const expected = createHmac('sha256', secret).update(body).digest();
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    return response.writeHead(401).end();
  }
  const { id, resourceId } = JSON.parse(body);
  keepWebhook.run(id, body.toString(), Date.now());
  response.end();
  const checkout = byPayment.get(resourceId);
  const status = checkout && STATUS[(await ask('GET', `/payments/${resourceId}`)).status];
  if (status && change.run(status, checkout.id, status).changes) {
    readers.get(checkout.id)?.write(event(byId.get(checkout.id)));
  }
}

function openStream(id, response) {
  const checkout = byId.get(id);
  if (!checkout) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event(checkout));
  readers.set(id, response);
  response.on('close', () => readers.delete(id));
}

createServer((request, response) => {
  const stream = /^\/checkouts\/(\w+)\/events$/.exec(request.url);
  if (stream) return openStream(stream[1], response);
  const handler = { '/generate-payment-link': makeLink, '/your-web-hooks/payment-status': takeWebhook }[request.url];
  if (!handler) return response.writeHead(404).end();
  handler(request, response).catch((error) => response.headersSent || response.writeHead(500).end(String(error)));
}).listen(Number(port), '127.0.0.1');
