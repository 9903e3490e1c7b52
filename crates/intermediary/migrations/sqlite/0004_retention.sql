-- What is old is deleted, in small batches (src/store/retention.rs): what each batch is found by, and what no
-- batch can delete, not even by a mistake.

CREATE INDEX webhooks_by_age ON inbox (received_at);
CREATE INDEX orders_by_age ON orders (updated_at, order_id);
-- What was paid stays for ever, so an index of it would only grow.
CREATE INDEX unpaid_checkouts_by_age ON checkouts (updated_at)
    WHERE status IN ('declined', 'failed', 'canceled', 'expired');

-- That an order is paid, and is not paid twice, is known by these rows.
CREATE TRIGGER checkouts_with_money_stay BEFORE DELETE ON checkouts
    WHEN OLD.status NOT IN ('declined', 'failed', 'canceled', 'expired')
    BEGIN SELECT RAISE(ABORT, 'a checkout that is paid or may be paid is never deleted'); END;

-- The audit of a checkout lasts as long as the checkout, and so for ever if money ever came.
DROP TRIGGER audit_is_not_deleted;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    WHEN EXISTS (SELECT 1 FROM checkouts WHERE checkout_id = OLD.checkout_id)
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only while its checkout is kept'); END;
