"""A shop's own server, which sells one lamp. ../README.md says how to start it."""

import json
import os
import re
import secrets
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

from notification import is_genuine, signing_key
from orders import HANDLED_TYPES, Orders
from pages import SORRY_PAGE, order_page

LONGEST_BODY = 64 * 1024


def refuse(sentence):
    print(sentence, file=sys.stderr)
    sys.exit(2)


def setting(name):
    return os.environ.get(name) or refuse(f"{name} is not set")


PORT = int(setting("PORT"))
SERVER = setting("BANQ_SERVER").rstrip("/")
API_KEY = setting("BANQ_API_KEY")
KEY = signing_key(setting("BANQ_FULFILMENT_SECRET"))
if KEY is None:
    refuse("BANQ_FULFILMENT_SECRET must be whsec_ followed by base64")
ENVIRONMENT = os.environ.get("BANQ_ENVIRONMENT") or "local"
ORDERS = Orders(os.environ.get("SHOP_DATA") or "./data")


def register(order_id):
    """Tells the intermediary what the order costs, and returns the order's token."""
    terms = {"funds": "2.00", "currency": "USD", "comment": "Desk lamp"}
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    request = Request(f"{SERVER}/orders/{order_id}", json.dumps(terms).encode(), headers, method="PUT")
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)["data"]["linkToken"]


class Shop(BaseHTTPRequestHandler):
    # A client that sends nothing more does not keep its thread.
    timeout = 15

    def do_GET(self):
        self.route()

    def do_POST(self):
        self.route()

    def route(self):
        path = self.path.split("?")[0]
        try:
            if (self.command, path) == ("GET", "/"):
                self.sell()
            elif (self.command, path) == ("POST", "/notifications"):
                self.receive()
            elif self.command == "GET" and (found := re.fullmatch("/orders/([^/]+)", path)):
                self.tell(found[1])
            else:
                self.answer(404, "text/plain", "no such page")
        except Exception:
            traceback.print_exc()
            self.answer(500, "text/plain", "the shop has a fault")

    def sell(self):
        """Sells a lamp: the browser gets the order's id and token, and never sets the price."""
        # A stranger cannot count through random ids.
        order_id = secrets.token_hex(16)
        try:
            token = register(order_id)
        except Exception as error:
            self.log_error("order %s was not registered: %s", order_id, error)
            return self.answer(502, "text/html", SORRY_PAGE)
        ORDERS.open(order_id)
        self.answer(200, "text/html", order_page(SERVER, ENVIRONMENT, order_id, token))

    def receive(self):
        """Takes a notification. The intermediary sends it again until the answer is 2xx."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,9}", length):
            return self.answer(411, "text/plain", "no length")
        if int(length) > LONGEST_BODY:
            return self.answer(413, "text/plain", "too long")
        body = self.rfile.read(int(length))
        # The signature covers the raw bytes: verify them before you parse them.
        if not is_genuine(KEY, self.headers, body):
            return self.answer(401, "text/plain", "wrong signature")
        notification = json.loads(body)
        kind, data = notification["type"], notification["data"]
        if kind not in HANDLED_TYPES:
            self.log_message("%s: ignored %s", data.get("orderId"), kind)
        elif ORDERS.record(self.headers["webhook-id"], kind, data):
            self.log_message("%s: %s, now %s", data["orderId"], kind, ORDERS.state(data["orderId"]))
        self.send_response(204)
        self.end_headers()

    def tell(self, order_id):
        state = ORDERS.state(order_id)
        if state is None:
            return self.answer(404, "text/plain", "no such order")
        self.answer(200, "application/json", json.dumps({"orderId": order_id, "state": state}))

    def answer(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", PORT), Shop) as shop:
        print(f"shop listens on http://127.0.0.1:{shop.server_port}", flush=True)
        try:
            shop.serve_forever()
        except KeyboardInterrupt:
            pass
