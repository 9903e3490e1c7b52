-- See ../sqlite/0009_withdrawals_and_deaths.sql.
-- The server gives up a statement after ten seconds; an index of years takes longer.
SET LOCAL statement_timeout = 0;
ALTER TABLE orders ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE jobs ADD COLUMN deaths BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN faults_since BIGINT;
ALTER TABLE jobs ADD COLUMN given_up BIGINT NOT NULL DEFAULT 0;
CREATE INDEX given_up_jobs ON jobs (due_at) WHERE given_up > 0;
CREATE INDEX unmatched_webhooks ON inbox (seq) WHERE outcome = 'unmatched';
UPDATE jobs SET faults_since = due_at WHERE faults > 0;
CREATE TABLE link_key (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL
);
