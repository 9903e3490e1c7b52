# The intermediary's settings, and how each of the three shops is started.
# ANCHOR: intermediary
export BANQ_ENVIRONMENT=local BANQ_CLIENT_ID=demo-client BANQ_USERNAME=demo-merchant BANQ_PASSWORD=demo-password
export BANQ_ACCOUNT_GUID=5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42 BANQ_ACCOUNT_SPACE_ID=1
export BANQ_WEBHOOK_SECRET=a-secret-of-yours BANQ_API_KEY=a-key-of-yours
export BANQ_FULFILMENT_URL=http://127.0.0.1:8090/notifications
export BANQ_FULFILMENT_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
# ANCHOR_END: intermediary
# ANCHOR: shops
export BANQ_API_KEY=a-key-of-yours BANQ_FULFILMENT_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
PORT=8090 BANQ_SERVER=http://127.0.0.1:8080 node server.js           # shop-node
PORT=8090 BANQ_SERVER=http://127.0.0.1:8080 python3 server.py        # shop-python
BANQ_SERVER=http://127.0.0.1:8080 php -S 127.0.0.1:8090 shop.php     # shop-php
# ANCHOR_END: shops
