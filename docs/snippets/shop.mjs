// A shop's own server in one file, for Node.js 20.10 or newer. It sells one lamp.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const SERVER = 'http://127.0.0.1:8090';
const API_KEY = 'a-key-of-yours';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

// Tells the intermediary what the order costs, and returns the order's token.
async function register(orderId) {
  const answer = await fetch(`${SERVER}/orders/${orderId}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ funds: '2.00', currency: 'USD', comment: 'Desk lamp' }),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return (await answer.json()).data.linkToken;
}

// The id is hexadecimal and the token is base64url, so neither needs an escape.
const page = (orderId, token) => `<!doctype html>
<meta charset="utf-8">
<title>Lamps</title>
<h1>Desk lamp, $2.00</h1>
<div id="pay-with-banq" style="min-height: 50px"></div>
<p role="status"></p>
<script src="${SERVER}/widget/ecommerce.js"></script>
<script>
  const app = new window.ecommerceBanqWidget({
    selector: '#pay-with-banq',
    environment: 'local',
    shopName: 'Lamps',
    endpoint: '${SERVER}/generate-payment-link',
    order: { orderId: '${orderId}', token: '${token}' },
    onPaymentSuccess: () => {
      document.querySelector('[role=status]').textContent = 'Paid. Thank you!';
    },
  });
  app.bootstrapApp();
</script>`;

// Whether the intermediary signed these bytes within the last five minutes.
function isGenuine({ 'webhook-id': id, 'webhook-timestamp': sent, 'webhook-signature': signatures = '' }, body) {
  if (!(Math.abs(Date.now() / 1000 - Number(sent)) < 300)) return false;
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const hash = createHmac('sha256', key).update(`${id}.${sent}.`).update(body).digest('base64');
  const expected = Buffer.from(`v1,${hash}`);
  return signatures
    .split(' ')
    .map((signature) => Buffer.from(signature))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
}

// A real shop keeps both in its database.
const handled = new Set();
const paid = new Set();

// Returns the status of the answer. The intermediary sends the notification again until that is 2xx.
function receive(headers, body) {
  if (!isGenuine(headers, body)) return 401;
  const { type, data } = JSON.parse(body);
  if (handled.has(headers['webhook-id'])) return 204;
  handled.add(headers['webhook-id']);
  if (type === 'order.paid') paid.add(data.orderId);
  console.log(`${data.orderId}: ${type}`);
  return 204;
}

const shop = createServer(async (request, response) => {
  try {
    if (request.method === 'GET' && request.url === '/') {
      const orderId = randomBytes(16).toString('hex');
      const html = page(orderId, await register(orderId));
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }).end(html);
    } else if (request.method === 'POST' && request.url === '/notifications') {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      response.writeHead(receive(request.headers, Buffer.concat(chunks))).end();
    } else {
      response.writeHead(404).end();
    }
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});
shop.listen(8000, '127.0.0.1', () => console.log('the shop is at http://127.0.0.1:8000/'));
