curl -X PUT https://pay.your-shop.example/orders/A7Q2-9XKD \
  -H "Authorization: Bearer $BANQ_API_KEY" -H 'Content-Type: application/json' \
  -d '{"funds": "2.00", "currency": "USD", "comment": "Desk lamp"}'
