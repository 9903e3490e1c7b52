import { failure } from "./failure.js";

// The codes of a server's refusal that the page hears as they are.
const MONEY = new Set(["order_already_paid", "order_paid_other_amount", "order_payment_in_question"]);

/** Requests the payment link as the widget does: returns `{info}`, or `{error}` for `onError`. */
export async function requestLink({ getPaymentInfo, endpoint, order, environment }) {
  let answer;
  try {
    answer = getPaymentInfo
      ? await getPaymentInfo({ requestId: "test-request" })
      : await post(endpoint, typeof order === "function" ? await order() : order);
  } catch (error) {
    return { error: failure("link_request_failed", String(error)) };
  }
  if (answer?.code && answer.status) return { error: refusal(answer) };
  const info = answer?.data ?? answer;
  const fields = typeof info === "string" ? { url: info } : info;
  if (!isAllowed(fields?.url, environment)) {
    return { error: failure("link_invalid", `not a payment link: ${fields?.url}`) };
  }
  return { info: fields };
}

async function post(endpoint, order) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Request-Id": "test-request" },
    body: JSON.stringify(order),
  });
  return response.json();
}

function refusal({ code, status, detail }) {
  const message = `HTTP ${status} ${detail ?? ""}`;
  if (MONEY.has(code)) return failure(code, message);
  if (code === "provider_timeout") return failure("link_timeout", message);
  const isFinal = code === "provider_rejected" || (status >= 400 && status < 500 && status !== 429);
  return failure(isFinal ? "order_rejected" : "provider_unavailable", message);
}

// The private addresses are allowed in development only.
function isAllowed(link, environment) {
  if (typeof link !== "string" || !URL.canParse(link)) return false;
  const { protocol, hostname } = new URL(link);
  if (protocol === "https:") return true;
  const isLoopback = /^(localhost|\[::1\]|127\.[\d.]+)$/.test(hostname);
  const isPrivate = /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+$/.test(hostname);
  return protocol === "http:" && (isLoopback || (environment === "local" && isPrivate));
}
