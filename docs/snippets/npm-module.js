import { loadBanqCheckout } from 'banq-checkout';

const BanqCheckout = await loadBanqCheckout();
const app = new BanqCheckout({
  selector: '#pay-with-banq',
  endpoint: 'https://pay.your-shop.example/generate-payment-link',
  order: { orderId: 'A7Q2-9XKD', token: 'q3ZBvC0mS9yF1tKx7LwPdg' },
  onPaymentSuccess: () => location.assign('/thanks'),
});
app.bootstrapApp();
