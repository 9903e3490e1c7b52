-- As ../sqlite/0004_retention.sql, where each is explained.

-- The server gives up a statement after ten seconds; an index of years takes longer.
SET LOCAL statement_timeout = 0;

CREATE INDEX webhooks_by_age ON inbox (received_at);
CREATE INDEX orders_by_age ON orders (updated_at, order_id);
CREATE INDEX unpaid_checkouts_by_age ON checkouts (updated_at)
    WHERE status IN ('declined', 'failed', 'canceled', 'expired');

CREATE FUNCTION checkouts_with_money_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a checkout that is paid or may be paid is never deleted';
END $$;

CREATE TRIGGER checkouts_with_money_stay BEFORE DELETE ON checkouts
    FOR EACH ROW WHEN (OLD.status NOT IN ('declined', 'failed', 'canceled', 'expired'))
    EXECUTE FUNCTION checkouts_with_money_stay();
CREATE TRIGGER checkouts_are_not_truncated BEFORE TRUNCATE ON checkouts
    FOR EACH STATEMENT EXECUTE FUNCTION checkouts_with_money_stay();

CREATE FUNCTION audit_lasts_as_its_checkout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM checkouts WHERE checkout_id = OLD.checkout_id) THEN
        RAISE EXCEPTION 'the audit is append-only while its checkout is kept';
    END IF;
    RETURN OLD;
END $$;

DROP TRIGGER audit_is_append_only ON audit;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_lasts_as_its_checkout();
