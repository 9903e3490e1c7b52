<?php // The script reads attributes, so that no value has to be escaped as JavaScript. ?>
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Lamps</title>
    <link rel="icon" href="data:," />
  </head>
  <body
    data-order-id="<?= escape($orderId) ?>"
    data-token="<?= escape($token) ?>"
    data-endpoint="<?= escape($server) ?>/generate-payment-link"
    data-environment="<?= escape($environment) ?>"
  >
    <h1>Desk lamp, $2.00</h1>
    <div id="pay" style="min-height: 50px"></div>
    <p role="status"></p>
    <script src="<?= escape($server) ?>/widget/ecommerce.js"></script>
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
