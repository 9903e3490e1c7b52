-- Why the status alone does not tell the whole truth about the money (the wire's word), and what a person reads of it.
ALTER TABLE checkouts ADD COLUMN issue TEXT;
ALTER TABLE checkouts ADD COLUMN issue_detail TEXT;
-- When an operator closed the case; NULL while it is open. Any further news opens it again.
ALTER TABLE checkouts ADD COLUMN settled_at INTEGER;
-- How many events the shop was told of this checkout, at least (old notifications are deleted): the next one's id
-- follows from it.
ALTER TABLE checkouts ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
UPDATE checkouts SET told = MAX(
    (SELECT COUNT(*) FROM notifications WHERE notifications.checkout_id = checkouts.checkout_id),
    CASE status WHEN 'paid' THEN 1 WHEN 'reversed' THEN 2 ELSE 0 END
);
-- What the provider was told to call the order, and has to say back byte for byte.
ALTER TABLE checkouts ADD COLUMN order_code TEXT NOT NULL DEFAULT '';
UPDATE checkouts SET order_code = order_id;

CREATE INDEX money_in_question ON checkouts (updated_at)
    WHERE settled_at IS NULL AND (issue IS NOT NULL OR (status = 'paid' AND covers = 0));

DROP TRIGGER checkouts_with_money_stay;
CREATE TRIGGER checkouts_with_money_stay BEFORE DELETE ON checkouts
    WHEN OLD.status NOT IN ('declined', 'failed', 'canceled', 'expired') OR OLD.issue IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a checkout that is paid or may be paid is never deleted'); END;

ALTER TABLE audit ADD COLUMN issue TEXT;
ALTER TABLE audit ADD COLUMN detail TEXT;

-- Money can turn more than once: an event may be told of a checkout again, under another id.
CREATE TABLE notifications_new (
    notification_id TEXT PRIMARY KEY, -- the header webhook-id: the same for every attempt
    order_id        TEXT NOT NULL,
    checkout_id     TEXT NOT NULL,
    event           TEXT NOT NULL,    -- docs/fulfilment.md lists them
    body            TEXT NOT NULL,    -- the bytes that are signed and sent
    created_at      INTEGER NOT NULL,
    state           TEXT NOT NULL,    -- waiting, delivered, dead
    attempts        INTEGER NOT NULL,
    last_error      TEXT,
    settled_at      INTEGER
) STRICT;
INSERT INTO notifications_new SELECT notification_id, order_id, checkout_id, event, body, created_at, state, attempts,
    last_error, settled_at FROM notifications;
DROP TABLE notifications;
ALTER TABLE notifications_new RENAME TO notifications;
CREATE INDEX notifications_by_age ON notifications (created_at);
CREATE INDEX dead_notifications ON notifications (created_at) WHERE state = 'dead';
CREATE INDEX notifications_of_checkout ON notifications (checkout_id);
