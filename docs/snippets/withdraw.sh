curl -X DELETE https://pay.your-shop.example/orders/A7Q2-9XKD -H "Authorization: Bearer $BANQ_API_KEY"
