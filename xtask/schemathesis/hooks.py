"""Signs webhooks as Banq does, so that more than the signature is tested."""

import base64
import hashlib
import hmac
import os

import requests
import schemathesis


class BanqSignature(requests.auth.AuthBase):
    def __call__(self, request):
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        key = os.environ["BANQ_WEBHOOK_SECRET"].encode()
        digest = hmac.new(key, body, hashlib.sha256).digest()
        request.headers["X-Banq-Webhook-Hmac"] = base64.b64encode(digest).decode()
        return request


schemathesis.auth.set_from_requests(BanqSignature()).apply_to(path="/your-web-hooks/payment-status")
