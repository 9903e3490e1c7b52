-- When the shop took the order back; it gets no link and is not to be delivered. NULL: it is for sale.
ALTER TABLE orders ADD COLUMN withdrawn_at INTEGER;

-- How often in a row the work began and its end was never written down: the process died. The next try waits longer
-- each time.
ALTER TABLE jobs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
-- When the first of the faults was; NULL without one.
ALTER TABLE jobs ADD COLUMN faults_since INTEGER;
UPDATE jobs SET faults_since = due_at WHERE faults > 0;
-- How often in a row the job was given up, to be tried again an hour later; a person is told.
ALTER TABLE jobs ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
CREATE INDEX given_up_jobs ON jobs (due_at) WHERE given_up > 0;

-- Webhooks that a person can have worked on again.
CREATE INDEX unmatched_webhooks ON inbox (seq) WHERE outcome = 'unmatched';

-- What link tokens are made with: one row, written by the first server that starts.
CREATE TABLE link_key (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL                -- 32 random bytes in hex
) STRICT;
