import init, { Client } from 'https://pay.your-shop.example/widget/banq-headless.js';
await init();
const client = new Client({ server: 'https://pay.your-shop.example' });
const { checkoutId, url } = await client.createCheckout({ orderId: 'A7Q2-9XKD', token: 'q3ZBvC0mS9yF1tKx7LwPdg' });
const stop = client.watchCheckout(checkoutId, ({ status, transport }) => console.log(status, transport));
