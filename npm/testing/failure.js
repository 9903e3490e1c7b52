const RECOVERABLE = new Set([
  "load_failed",
  "integrity_failed",
  "link_request_failed",
  "link_timeout",
  "provider_unavailable",
  "window_blocked",
]);

/** Returns an error as the page's `onError` gets it. */
export function failure(code, message) {
  return { code, message, recoverable: RECOVERABLE.has(code) };
}
