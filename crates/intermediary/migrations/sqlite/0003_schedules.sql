-- How often an order is to be paid: "once", "monthly 2021-06-15", "monthly 2021-06-15 2022-06-15".
ALTER TABLE orders ADD COLUMN schedule TEXT NOT NULL DEFAULT 'once';
ALTER TABLE checkouts ADD COLUMN schedule TEXT NOT NULL DEFAULT 'once';
