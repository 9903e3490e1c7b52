<?php

declare(strict_types=1);

// docs/fulfilment.md says what each type asks of the shop. A type that is not listed here is for orders that repeat,
// which this shop does not sell, or is newer than this shop.
const PAID = ['order.paid', 'order.payment_restored'];
const IN_QUESTION = [
    'order.paid_other_amount',
    'order.paid_after_withdrawal',
    'order.paid_again',
    'order.payment_mismatch',
    'order.payment_in_doubt',
];
const GONE = 'order.reversed';
const GONE_BUT_PAID_OTHERWISE = 'order.payment_reversed';

const HANDLED_TYPES = [...PAID, ...IN_QUESTION, GONE, GONE_BUT_PAID_OTHERWISE];

/** The shop's orders and the notifications about them, in a SQLite file. */
final class Orders
{
    private PDO $database;

    /** Opens the file in this folder, or makes it. */
    public function __construct(string $folder)
    {
        if (!is_dir($folder)) {
            mkdir($folder, recursive: true);
        }
        $this->database = new PDO("sqlite:$folder/orders.sqlite");
        $this->database->exec(<<<'SQL'
            CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY);
            CREATE TABLE IF NOT EXISTS handled (webhook_id TEXT PRIMARY KEY);
            -- The newest notification of each checkout.
            CREATE TABLE IF NOT EXISTS newest
                (checkout_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL);
            SQL);
    }

    public function open(string $orderId): void
    {
        $this->run('INSERT INTO orders (id) VALUES (?)', [$orderId]);
    }

    /** Keeps a notification; returns false if it came before. */
    public function record(string $webhookId, string $type, array $data): bool
    {
        // One transaction: the notification is handled and remembered, or neither. A fault ends the request, and with
        // the connection the transaction.
        $this->database->beginTransaction();
        $first = $this->run('INSERT OR IGNORE INTO handled (webhook_id) VALUES (?)', [$webhookId])->rowCount() === 1;
        if ($first) {
            // Notifications can overtake each other: the higher version is later.
            $this->run(
                'INSERT INTO newest (checkout_id, order_id, version, type) VALUES (?, ?, ?, ?)
                 ON CONFLICT (checkout_id) DO UPDATE SET version = excluded.version, type = excluded.type
                 WHERE excluded.version > newest.version',
                [$data['checkoutId'], $data['orderId'], $data['version'], $type],
            );
        }
        $this->database->commit();
        return $first;
    }

    /** Returns `open`, `paid` or `attention` (do not deliver: a person must look), or null for an unknown order. */
    public function state(string $orderId): ?string
    {
        if (!$this->run('SELECT 1 FROM orders WHERE id = ?', [$orderId])->fetchColumn()) {
            return null;
        }
        $types = $this->run('SELECT type FROM newest WHERE order_id = ?', [$orderId])->fetchAll(PDO::FETCH_COLUMN);
        if (array_intersect($types, IN_QUESTION)) {
            return 'attention';
        }
        if (array_intersect($types, PAID)) {
            return 'paid';
        }
        return in_array(GONE, $types, true) ? 'attention' : 'open';
    }

    private function run(string $sql, array $values): PDOStatement
    {
        $statement = $this->database->prepare($sql);
        $statement->execute($values);
        return $statement;
    }
}
