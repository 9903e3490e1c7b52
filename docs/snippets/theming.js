const app = new window.ecommerceBanqWidget({
  selector: '#pay-with-banq',
  endpoint: 'https://pay.your-shop.example/generate-payment-link',
  order: { orderId: 'A7Q2-9XKD', token: 'q3ZBvC0mS9yF1tKx7LwPdg' },
  appearance: { accentColor: '#0a7', buttonLabel: 'buy' },
});
app.bootstrapApp();
