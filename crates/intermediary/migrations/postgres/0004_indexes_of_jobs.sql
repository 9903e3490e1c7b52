-- See ../sqlite/0005_indexes_of_jobs.sql.
CREATE INDEX jobs_of_kind ON jobs (kind, due_at);
CREATE INDEX leased_jobs ON jobs (leased_until) WHERE leased_until IS NOT NULL;
DROP INDEX due_jobs;
