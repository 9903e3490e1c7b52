-- Times are Unix milliseconds. Money is a canonical decimal text ("2.00"), major units.
-- Ids that a payment provider gave carry its name in front ("banq:9bf4…"), so that providers cannot collide.

-- What the merchant's own server says an order costs.
CREATE TABLE orders (
    order_id   TEXT PRIMARY KEY,
    funds      TEXT NOT NULL,
    currency   TEXT NOT NULL,
    comment    TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- One attempt to be paid for an order. The row exists before the provider is asked, so that a crash in
-- between can never make a second payment: the attempt key is the provider's idempotency key.
CREATE TABLE checkouts (
    checkout_id    TEXT PRIMARY KEY,
    order_id       TEXT NOT NULL,
    funds          TEXT NOT NULL,
    currency       TEXT NOT NULL,
    comment        TEXT NOT NULL,
    attempt_key    TEXT NOT NULL UNIQUE,
    payment_id     TEXT UNIQUE,          -- NULL until the provider's answer is recorded
    url            TEXT,                 -- likewise
    status         TEXT NOT NULL,
    fail_reason    TEXT,
    version        INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    next_check_at  INTEGER,              -- when to ask the provider unprompted; NULL: not at all
    check_attempts INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_open_checkout_per_order ON checkouts (order_id)
    WHERE status IN ('pending', 'processing', 'on_hold');
CREATE INDEX checkouts_of_order ON checkouts (order_id);
CREATE INDEX due_checks ON checkouts (next_check_at) WHERE next_check_at IS NOT NULL;

-- Every webhook whose signature was right, once.
CREATE TABLE inbox (
    seq             INTEGER PRIMARY KEY,
    webhook_id      TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL,       -- the provider's words, for people
    payment_id      TEXT,                -- NULL while only its transaction is known
    transaction_id  TEXT,
    received_at     INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,             -- NULL once there is an outcome
    outcome         TEXT,                -- NULL while there is work to do
    processed_at    INTEGER
) STRICT;

CREATE INDEX due_webhooks ON inbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhooks_of_payment ON inbox (payment_id) WHERE next_attempt_at IS NOT NULL;
