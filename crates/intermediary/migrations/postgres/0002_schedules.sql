-- See ../sqlite/0003_schedules.sql.
ALTER TABLE orders ADD COLUMN schedule TEXT NOT NULL DEFAULT 'once';
ALTER TABLE checkouts ADD COLUMN schedule TEXT NOT NULL DEFAULT 'once';
