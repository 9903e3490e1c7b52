-- Old checkouts that are paid, and what belongs to each: an order, three webhooks, three lines of the audit, a
-- notification, and the job that asks about the payment again.
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TEMP TABLE old (number INTEGER PRIMARY KEY, at INTEGER);
INSERT INTO old WITH RECURSIVE numbers (number) AS (
    SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {{old}}
) SELECT number, (unixepoch() - 30 * 86400) * 1000 FROM numbers;
CREATE TEMP TABLE three (nth INTEGER);
INSERT INTO three VALUES (1), (2), (3);

INSERT INTO orders (order_id, funds, currency, comment, updated_at)
    SELECT 'old' || number, '2.00', 'USD', 'Desk lamp', at FROM old;
INSERT INTO checkouts (checkout_id, order_id, funds, currency, comment, attempt_key, payment_id, url, status, version,
    expires_at, created_at, updated_at, covers, told, order_code)
    SELECT printf('%032x', number), 'old' || number, '2.00', 'USD', 'Desk lamp', 'key' || number,
        printf('banq:70000000-0000-0000-0000-%012x', number), 'https://link.example/' || number, 'paid', 3, at, at, at,
        1, 1, 'old' || number FROM old;
INSERT INTO inbox (webhook_id, kind, payment_id, received_at, outcome, processed_at)
    SELECT 'banq:old' || number || '-' || nth, 'Payment Completed',
        printf('banq:70000000-0000-0000-0000-%012x', number), at, 'changed', at FROM old, three;
INSERT INTO audit (at, checkout_id, order_id, change, status, version, cause)
    SELECT at, printf('%032x', number), 'old' || number, 'status', 'paid', nth, 'webhook' FROM old, three;
INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
    SELECT 'payment', printf('banq:70000000-0000-0000-0000-%012x', number), (unixepoch() + 86400) * 1000 + number, 1,
        at, 0, 0 FROM old;
INSERT INTO notifications (notification_id, order_id, checkout_id, event, body, created_at, state, attempts, settled_at)
    SELECT 'old' || number, 'old' || number, printf('%032x', number), 'order.paid', '{}', at, 'delivered', 1, at FROM old;
