-- 1: what came was what the order cost when it came. The price may change later; that it was paid does not.
ALTER TABLE checkouts ADD COLUMN covers INTEGER NOT NULL DEFAULT 0;
UPDATE checkouts SET covers = 1 WHERE status IN ('paid', 'reversed') AND NOT EXISTS (
    SELECT 1 FROM notifications WHERE notifications.checkout_id = checkouts.checkout_id
        AND event = 'order.paid_other_amount'
);
