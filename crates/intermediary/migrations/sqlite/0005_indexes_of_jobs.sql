-- What is due of a kind, and when the next lease ends, without looking at all that is due some time: every paid
-- checkout has a job for weeks.
CREATE INDEX jobs_of_kind ON jobs (kind, due_at);
CREATE INDEX leased_jobs ON jobs (leased_until) WHERE leased_until IS NOT NULL;
DROP INDEX due_jobs;
