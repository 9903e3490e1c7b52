"""The shop's orders and the notifications about them, in a SQLite file."""

import os
import sqlite3
from contextlib import closing

# docs/fulfilment.md says what each type asks of the shop. A type that is not listed here is for orders that repeat,
# which this shop does not sell, or is newer than this shop.
PAID = {"order.paid", "order.payment_restored"}
IN_QUESTION = {
    "order.paid_other_amount",
    "order.paid_after_withdrawal",
    "order.paid_again",
    "order.payment_mismatch",
    "order.payment_in_doubt",
}
GONE = "order.reversed"
GONE_BUT_PAID_OTHERWISE = "order.payment_reversed"

HANDLED_TYPES = PAID | IN_QUESTION | {GONE, GONE_BUT_PAID_OTHERWISE}

SCHEMA = """
    CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS handled (webhook_id TEXT PRIMARY KEY);
    -- The newest notification of each checkout.
    CREATE TABLE IF NOT EXISTS newest
        (checkout_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL);
"""

# Notifications can overtake each other: the higher version is later.
REMEMBER = """
    INSERT INTO newest (checkout_id, order_id, version, type) VALUES (:checkoutId, :orderId, :version, :type)
    ON CONFLICT (checkout_id) DO UPDATE SET version = excluded.version, type = excluded.type
    WHERE excluded.version > newest.version
"""


class Orders:
    def __init__(self, folder):
        """Opens the file in this folder, or makes it."""
        os.makedirs(folder, exist_ok=True)
        self.file = os.path.join(folder, "orders.sqlite")
        with closing(self.connect()) as database:
            database.executescript(SCHEMA)

    def connect(self):
        return sqlite3.connect(self.file)

    def open(self, order_id):
        with closing(self.connect()) as database, database:
            database.execute("INSERT INTO orders (id) VALUES (?)", [order_id])

    def record(self, webhook_id, kind, data):
        """Keeps a notification; returns False if it came before."""
        # One transaction: the notification is handled and remembered, or neither.
        with closing(self.connect()) as database, database:
            first = database.execute("INSERT OR IGNORE INTO handled (webhook_id) VALUES (?)", [webhook_id])
            if first.rowcount == 0:
                return False
            about = {name: data[name] for name in ("checkoutId", "orderId", "version")}
            database.execute(REMEMBER, {**about, "type": kind})
            return True

    def state(self, order_id):
        """Returns `open`, `paid` or `attention` (do not deliver: a person must look), or None for an unknown order."""
        with closing(self.connect()) as database:
            if not database.execute("SELECT 1 FROM orders WHERE id = ?", [order_id]).fetchone():
                return None
            rows = database.execute("SELECT type FROM newest WHERE order_id = ?", [order_id])
            types = {kind for (kind,) in rows}
        if types & IN_QUESTION:
            return "attention"
        if types & PAID:
            return "paid"
        return "attention" if GONE in types else "open"
