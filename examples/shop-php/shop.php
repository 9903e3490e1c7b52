<?php

// A shop's own server, which sells one lamp. ../README.md says how to start it.

declare(strict_types=1);

require __DIR__ . '/notification.php';
require __DIR__ . '/orders.php';

const LONGEST_BODY = 64 * 1024;

// Faults go to the log, not into pages.
ini_set('display_errors', '0');
ini_set('log_errors', '1');

function setting(string $name): string
{
    return getenv($name) ?: refuse("$name is not set");
}

function refuse(string $sentence): never
{
    error_log($sentence);
    send(500, 'text/plain', $sentence);
    exit(2);
}

function send(int $status, string $type, string $text): void
{
    http_response_code($status);
    header("Content-Type: $type; charset=utf-8");
    header('Cache-Control: no-store');
    echo $text;
}

function escape(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5);
}

/** Sells a lamp: the browser gets the order's id and token, and never sets the price. */
function sell(Orders $orders, string $server, string $apiKey): void
{
    // A stranger cannot count through random ids.
    $orderId = bin2hex(random_bytes(16));
    try {
        $token = register($orderId, $server, $apiKey);
    } catch (RuntimeException | JsonException $error) {
        error_log("order $orderId was not registered: {$error->getMessage()}");
        send(502, 'text/html', file_get_contents(__DIR__ . '/sorry-page.html'));
        return;
    }
    $orders->open($orderId);
    $environment = getenv('BANQ_ENVIRONMENT') ?: 'local';
    ob_start();
    require __DIR__ . '/order-page.php';
    send(200, 'text/html', ob_get_clean());
}

/** Tells the intermediary what the order costs, and returns the order's token. */
function register(string $orderId, string $server, string $apiKey): string
{
    $context = stream_context_create(['http' => [
        'method' => 'PUT',
        'header' => ["Authorization: Bearer $apiKey", 'Content-Type: application/json'],
        'content' => json_encode(['funds' => '2.00', 'currency' => 'USD', 'comment' => 'Desk lamp']),
        'timeout' => 10,
        'follow_location' => 0,
        'ignore_errors' => true,
    ]]);
    // fopen() warns where it fails; the exception says the same.
    $answer = @fopen("$server/orders/$orderId", 'r', false, $context);
    if ($answer === false) {
        throw new RuntimeException(error_get_last()['message']);
    }
    $body = stream_get_contents($answer);
    $status = stream_get_meta_data($answer)['wrapper_data'][0];
    if (!preg_match('#^HTTP/[0-9.]+ 2#', $status)) {
        throw new RuntimeException("$status: $body");
    }
    return json_decode($body, true, flags: JSON_THROW_ON_ERROR)['data']['linkToken']
        ?? throw new RuntimeException("no linkToken: $body");
}

/** Takes a notification. The intermediary sends it again until the answer is 2xx. */
function receive(Orders $orders, string $key): void
{
    $body = file_get_contents('php://input', length: LONGEST_BODY + 1);
    if (strlen($body) > LONGEST_BODY) {
        send(413, 'text/plain', 'too long');
        return;
    }
    // The signature covers the raw bytes: verify them before you parse them.
    if (!isGenuine($key, $body)) {
        send(401, 'text/plain', 'wrong signature');
        return;
    }
    ['type' => $type, 'data' => $data] = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    if (!in_array($type, HANDLED_TYPES, true)) {
        error_log("{$data['orderId']}: ignored $type");
    } elseif ($orders->record($_SERVER['HTTP_WEBHOOK_ID'], $type, $data)) {
        error_log("{$data['orderId']}: $type, now {$orders->state($data['orderId'])}");
    }
    http_response_code(204);
}

function tell(Orders $orders, string $orderId): void
{
    $state = $orders->state($orderId);
    if ($state === null) {
        send(404, 'text/plain', 'no such order');
        return;
    }
    send(200, 'application/json', json_encode(['orderId' => $orderId, 'state' => $state]));
}

$server = rtrim(setting('BANQ_SERVER'), '/');
$apiKey = setting('BANQ_API_KEY');
$key = signingKey(setting('BANQ_FULFILMENT_SECRET'))
    ?? refuse('BANQ_FULFILMENT_SECRET must be whsec_ followed by base64');
$orders = new Orders(getenv('SHOP_DATA') ?: './data');

$path = explode('?', $_SERVER['REQUEST_URI'])[0];
$method = $_SERVER['REQUEST_METHOD'];
if ($method === 'GET' && $path === '/') {
    sell($orders, $server, $apiKey);
} elseif ($method === 'POST' && $path === '/notifications') {
    receive($orders, $key);
} elseif ($method === 'GET' && preg_match('#^/orders/([^/]+)$#D', $path, $found)) {
    tell($orders, $found[1]);
} else {
    send(404, 'text/plain', 'no such page');
}
