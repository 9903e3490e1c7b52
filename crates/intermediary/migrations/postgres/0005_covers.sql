-- See ../sqlite/0006_covers.sql.
ALTER TABLE checkouts ADD COLUMN covers BIGINT NOT NULL DEFAULT 0;
UPDATE checkouts SET covers = 1 WHERE status IN ('paid', 'reversed') AND NOT EXISTS (
    SELECT 1 FROM notifications WHERE notifications.checkout_id = checkouts.checkout_id
        AND event = 'order.paid_other_amount'
);

-- An instance of the version before, which knows no schedules, must not sell a payment that repeats as one that is
-- made once: what it writes is refused.
ALTER TABLE orders ALTER COLUMN schedule DROP DEFAULT;
ALTER TABLE checkouts ALTER COLUMN schedule DROP DEFAULT;
