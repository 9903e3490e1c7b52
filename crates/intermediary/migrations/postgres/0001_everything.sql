-- The same tables as in ../sqlite, where each is explained; text compares by its bytes there, and so here.

CREATE TABLE orders (
    order_id   TEXT COLLATE "C" PRIMARY KEY,
    funds      TEXT NOT NULL,
    currency   TEXT NOT NULL,
    comment    TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE checkouts (
    checkout_id TEXT COLLATE "C" PRIMARY KEY,
    order_id    TEXT COLLATE "C" NOT NULL,
    funds       TEXT NOT NULL,
    currency    TEXT NOT NULL,
    comment     TEXT NOT NULL,
    attempt_key TEXT NOT NULL UNIQUE,
    payment_id  TEXT COLLATE "C" UNIQUE,
    url         TEXT,
    status      TEXT NOT NULL,
    fail_reason TEXT,
    version     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE UNIQUE INDEX one_open_checkout_per_order ON checkouts (order_id)
    WHERE status IN ('pending', 'processing', 'on_hold');
CREATE INDEX checkouts_of_order ON checkouts (order_id);
CREATE INDEX checkouts_by_age ON checkouts (created_at);

CREATE TABLE inbox (
    seq            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id     TEXT COLLATE "C" NOT NULL UNIQUE,
    kind           TEXT NOT NULL,
    payment_id     TEXT COLLATE "C",
    transaction_id TEXT COLLATE "C",
    received_at    BIGINT NOT NULL,
    outcome        TEXT,
    processed_at   BIGINT
);

CREATE INDEX waiting_of_payment ON inbox (payment_id) WHERE outcome IS NULL;
CREATE INDEX waiting_of_transaction ON inbox (transaction_id) WHERE outcome IS NULL;

CREATE TABLE jobs (
    kind         TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    due_at       BIGINT NOT NULL,
    wanted       BIGINT NOT NULL,
    since        BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    faults       BIGINT NOT NULL,
    leased_by    TEXT,
    leased_until BIGINT,
    prompt       TEXT,
    last_error   TEXT,
    PRIMARY KEY (kind, subject)
);

CREATE INDEX due_jobs ON jobs (due_at);

CREATE TABLE audit (
    seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          BIGINT NOT NULL,
    checkout_id TEXT COLLATE "C" NOT NULL,
    order_id    TEXT COLLATE "C" NOT NULL,
    change      TEXT NOT NULL,
    status      TEXT NOT NULL,
    fail_reason TEXT,
    version     BIGINT NOT NULL,
    cause       TEXT NOT NULL,
    cause_id    TEXT
);

CREATE INDEX audit_of_checkout ON audit (checkout_id, seq);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$;

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

CREATE TABLE dead_letters (
    seq            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id     TEXT COLLATE "C" NOT NULL,
    kind           TEXT NOT NULL,
    payment_id     TEXT COLLATE "C",
    transaction_id TEXT COLLATE "C",
    received_at    BIGINT NOT NULL,
    died_at        BIGINT NOT NULL,
    attempts       BIGINT NOT NULL,
    error          TEXT NOT NULL,
    replayed_at    BIGINT
);

CREATE INDEX dead_letters_left ON dead_letters (seq) WHERE replayed_at IS NULL;

CREATE TABLE notifications (
    notification_id TEXT COLLATE "C" PRIMARY KEY,
    order_id        TEXT COLLATE "C" NOT NULL,
    checkout_id     TEXT COLLATE "C" NOT NULL,
    event           TEXT NOT NULL,
    body            TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    state           TEXT NOT NULL,
    attempts        BIGINT NOT NULL,
    last_error      TEXT,
    settled_at      BIGINT,
    UNIQUE (checkout_id, event)
);

CREATE INDEX notifications_by_age ON notifications (created_at);
CREATE INDEX dead_notifications ON notifications (created_at) WHERE state = 'dead';
