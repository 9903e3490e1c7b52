"""The shop's pages."""

from html import escape
from string import Template

# The script reads attributes, so that no value has to be escaped as JavaScript.
ORDER_PAGE = Template(
    """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Lamps</title>
    <link rel="icon" href="data:," />
  </head>
  <body
    data-order-id="$order_id"
    data-token="${token}"
    data-endpoint="${server}/generate-payment-link"
    data-environment="${environment}"
  >
    <h1>Desk lamp, $$2.00</h1>
    <div id="pay" style="min-height: 50px"></div>
    <p role="status"></p>
    <script src="${server}/widget/ecommerce.js"></script>
    <script type="module">
      const { orderId, token, endpoint, environment } = document.body.dataset;
      const status = document.querySelector("[role=status]");
      const app = new window.ecommerceBanqWidget({
        selector: "#pay",
        environment,
        shopName: "Lamps",
        endpoint,
        order: { orderId, token },
        // For the shopper's eyes: the shop delivers when its server is notified.
        onPaymentSuccess: () => {
          status.textContent = "Paid. Thank you!";
        },
        onError: ({ code }) => {
          status.textContent = code;
        },
      });
      app.bootstrapApp();
    </script>
  </body>
</html>
"""
)

SORRY_PAGE = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Lamps</title>
  </head>
  <body>
    <p>The shop cannot take payments at the moment. Please try again in a few minutes.</p>
  </body>
</html>
"""


def order_page(server, environment, order_id, token):
    values = {"server": server, "environment": environment, "order_id": order_id, "token": token}
    return ORDER_PAGE.substitute({name: escape(value) for name, value in values.items()})
