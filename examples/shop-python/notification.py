"""The signature of a notification: https://www.standardwebhooks.com. docs/fulfilment.md describes it."""

import base64
import binascii
import hashlib
import hmac
import re
import time

OLDEST_SECONDS = 5 * 60


def signing_key(secret):
    """Returns the key of a secret (`whsec_` and base64), or None if the secret is not of this form."""
    if not secret.startswith("whsec_"):
        return None
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True) or None
    except binascii.Error:
        return None


def is_genuine(key, headers, body):
    """Whether the intermediary signed these bytes within the last five minutes."""
    webhook_id = headers.get("webhook-id", "")
    sent = headers.get("webhook-timestamp", "")
    if not webhook_id or not re.fullmatch("[0-9]{1,12}", sent):
        return False
    if abs(time.time() - int(sent)) > OLDEST_SECONDS:
        return False

    signed = f"{webhook_id}.{sent}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    # There are two signatures while the secret is being replaced.
    signatures = headers.get("webhook-signature", "").split(" ")
    # compare_digest takes the same time for every signature, which tells a forger nothing.
    return any(hmac.compare_digest(signature.encode(), expected) for signature in signatures)
