<?php

// The signature of a notification: https://www.standardwebhooks.com. docs/fulfilment.md describes it.

declare(strict_types=1);

const OLDEST_SECONDS = 5 * 60;

/** Returns the key of a secret (`whsec_` and base64), or null if the secret is not of this form. */
function signingKey(string $secret): ?string
{
    if (!str_starts_with($secret, 'whsec_')) {
        return null;
    }
    return base64_decode(substr($secret, strlen('whsec_')), true) ?: null;
}

/** Whether the intermediary signed these bytes, with the headers of this request, within the last five minutes. */
function isGenuine(string $key, string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $sent = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if ($id === '' || !preg_match('/^[0-9]{1,12}$/D', $sent) || abs(time() - (int) $sent) > OLDEST_SECONDS) {
        return false;
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$sent.$body", $key, true));
    // There are two signatures while the secret is being replaced.
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $signature) {
        // hash_equals() takes the same time for every signature, which tells a forger nothing.
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}
