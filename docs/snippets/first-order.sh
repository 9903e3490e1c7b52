curl -X PUT http://127.0.0.1:8090/orders/A7Q2-9XKD \
  -H 'Authorization: Bearer a-key-of-yours' -H 'Content-Type: application/json' \
  -d '{"funds": "2.00", "currency": "USD", "comment": "Desk lamp"}'
