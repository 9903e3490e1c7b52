-- See ../sqlite/0009_withdrawals_and_deaths.sql.
ALTER TABLE orders ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE jobs ADD COLUMN deaths BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN faults_since BIGINT;
UPDATE jobs SET faults_since = due_at WHERE faults > 0;
CREATE TABLE link_key (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL
);
