-- As ../sqlite/0007_money_in_question.sql, where each is explained.
SET LOCAL statement_timeout = 0;

ALTER TABLE checkouts ADD COLUMN issue TEXT;
ALTER TABLE checkouts ADD COLUMN issue_detail TEXT;
ALTER TABLE checkouts ADD COLUMN settled_at BIGINT;
ALTER TABLE checkouts ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
UPDATE checkouts SET told = GREATEST(
    (SELECT COUNT(*) FROM notifications WHERE notifications.checkout_id = checkouts.checkout_id),
    CASE status WHEN 'paid' THEN 1 WHEN 'reversed' THEN 2 ELSE 0 END
);
ALTER TABLE checkouts ADD COLUMN order_code TEXT COLLATE "C";
UPDATE checkouts SET order_code = order_id;
-- No default: an instance of the version before does not know that the provider may call the order by a code.
ALTER TABLE checkouts ALTER COLUMN order_code SET NOT NULL;

CREATE INDEX money_in_question ON checkouts (updated_at)
    WHERE settled_at IS NULL AND (issue IS NOT NULL OR (status = 'paid' AND covers = 0));

DROP TRIGGER checkouts_with_money_stay ON checkouts;
CREATE TRIGGER checkouts_with_money_stay BEFORE DELETE ON checkouts
    FOR EACH ROW
    WHEN (OLD.status NOT IN ('declined', 'failed', 'canceled', 'expired') OR OLD.issue IS NOT NULL)
    EXECUTE FUNCTION checkouts_with_money_stay();

ALTER TABLE audit ADD COLUMN issue TEXT;
ALTER TABLE audit ADD COLUMN detail TEXT;

ALTER TABLE notifications DROP CONSTRAINT notifications_checkout_id_event_key;
CREATE INDEX notifications_of_checkout ON notifications (checkout_id);
