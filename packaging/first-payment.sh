#!/bin/sh
# Starts the demo of a banq-intermediary that has nothing else beside it, pays one order, and says how long that took.
#
#   first-payment.sh PATH-OF-banq-intermediary
#
# Needs curl.
set -eu

program=$(realpath "$1")
folder=$(mktemp -d)
start=$(date +%s%N)
cd "$folder"
env -i TMPDIR="$folder" "$program" demo --json --port 0 --banq-port 0 > addresses &
demo=$!
trap 'kill $demo 2>/dev/null || true; wait $demo || true; rm -rf "$folder"' EXIT

# Prints the text of a member of JSON.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

until grep -q shop addresses 2>/dev/null; do
  kill -0 $demo
  sleep 0.05
done
shop=$(member shop < addresses)
server=${shop%/widget/}
curl -sSf -o loader.js "${shop}ecommerce.js"
order='{"orderId":"first","funds":"12.50","comment":"Coffee"}'
curl -sSf -H 'Content-Type: application/json' -d "$order" "$server/generate-payment-link" > link
page=$(member url < link)
checkout=$(member checkoutId < link)
curl -sSf -o paid.html -X POST "${page%%#*}/pay"
until curl -sSf "$server/checkouts/$checkout" | grep -q '"status":"paid"'; do
  kill -0 $demo
  sleep 0.05
done
echo "paid $(( ($(date +%s%N) - start) / 1000000 )) ms after the start of $(du -h "$program" | cut -f1) in one file"
