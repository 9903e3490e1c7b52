curl -X POST https://pay.your-shop.example/generate-payment-link \
  -H 'Content-Type: application/json' \
  -d '{"orderId": "A7Q2-9XKD", "token": "q3ZBvC0mS9yF1tKx7LwPdg"}'
