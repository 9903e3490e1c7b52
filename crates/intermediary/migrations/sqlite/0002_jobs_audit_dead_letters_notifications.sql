-- Everything there is to do, one row per thing: the worker knows no other source of work.
CREATE TABLE jobs (
    kind         TEXT NOT NULL,      -- payment: ask about it; transaction: ask whose it is; attempt: ask again
    subject      TEXT NOT NULL,      --   for a link whose answer was lost; notification: tell the shop
    due_at       INTEGER NOT NULL,
    wanted       INTEGER NOT NULL,   -- grows with every wish, so that one that comes while the work is under
                                     --   way is not taken for done with it
    since        INTEGER NOT NULL,   -- when the oldest wish came that nothing has been achieved for
    attempts     INTEGER NOT NULL,   -- since then
    faults       INTEGER NOT NULL,   -- those of them that no outage explains, a death of the process included
    leased_by    TEXT,               -- the instance that works on it; the lease of one that dies ends by itself
    leased_until INTEGER,
    prompt       TEXT,               -- 'operator' when a person asked for it
    last_error   TEXT,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX due_jobs ON jobs (due_at);

INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
    SELECT 'payment', payment_id, MIN(at), 1, MIN(at), 0, 0 FROM (
        SELECT payment_id, next_attempt_at AS at FROM inbox WHERE next_attempt_at IS NOT NULL
        UNION ALL SELECT payment_id, next_check_at FROM checkouts WHERE next_check_at IS NOT NULL
    ) WHERE payment_id IS NOT NULL GROUP BY payment_id;
INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
    SELECT 'transaction', transaction_id, MIN(next_attempt_at), 1, MIN(received_at), 0, 0 FROM inbox
    WHERE next_attempt_at IS NOT NULL AND payment_id IS NULL GROUP BY transaction_id;
INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
    SELECT 'attempt', checkout_id, created_at, 1, created_at, 0, 0 FROM checkouts
    WHERE status = 'pending' AND url IS NULL;

DROP INDEX due_checks;
DROP INDEX due_webhooks;
DROP INDEX webhooks_of_payment;
ALTER TABLE checkouts DROP COLUMN next_check_at;
ALTER TABLE checkouts DROP COLUMN check_attempts;
ALTER TABLE inbox DROP COLUMN next_attempt_at;
ALTER TABLE inbox DROP COLUMN attempts;
CREATE INDEX waiting_of_payment ON inbox (payment_id) WHERE outcome IS NULL;
CREATE INDEX waiting_of_transaction ON inbox (transaction_id) WHERE outcome IS NULL;
CREATE INDEX checkouts_by_age ON checkouts (created_at);

-- Every change of a checkout, in the transaction that made it. Nothing is ever taken out or altered.
CREATE TABLE audit (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    checkout_id TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    change      TEXT NOT NULL,       -- begun, link, renewed, status
    status      TEXT NOT NULL,       -- after it
    fail_reason TEXT,
    version     INTEGER NOT NULL,
    cause       TEXT NOT NULL,       -- webhook, sweep, request, operator
    cause_id    TEXT                 -- the webhook's or the request's
) STRICT;

CREATE INDEX audit_of_checkout ON audit (checkout_id, seq);
CREATE TRIGGER audit_is_not_altered BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- Webhooks that were given up, for a person to look at; one row per death.
CREATE TABLE dead_letters (
    seq            INTEGER PRIMARY KEY,
    webhook_id     TEXT NOT NULL,
    kind           TEXT NOT NULL,
    payment_id     TEXT,
    transaction_id TEXT,
    received_at    INTEGER NOT NULL,
    died_at        INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    error          TEXT NOT NULL,
    replayed_at    INTEGER
) STRICT;

CREATE INDEX dead_letters_left ON dead_letters (seq) WHERE replayed_at IS NULL;

-- What the shop is to be told, written in the transaction that made it true.
CREATE TABLE notifications (
    notification_id TEXT PRIMARY KEY, -- the header webhook-id: the same for every attempt
    order_id        TEXT NOT NULL,
    checkout_id     TEXT NOT NULL,
    event           TEXT NOT NULL,    -- order.paid, order.paid_again, order.reversed
    body            TEXT NOT NULL,    -- the bytes that are signed and sent
    created_at      INTEGER NOT NULL,
    state           TEXT NOT NULL,    -- waiting, delivered, dead
    attempts        INTEGER NOT NULL,
    last_error      TEXT,
    settled_at      INTEGER,
    UNIQUE (checkout_id, event)
) STRICT;

CREATE INDEX notifications_by_age ON notifications (created_at);
CREATE INDEX dead_notifications ON notifications (created_at) WHERE state = 'dead';
