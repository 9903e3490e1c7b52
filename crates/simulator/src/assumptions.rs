//! Lists everything that no vendor document states, and what the simulator assumes.
//!
//! The documents are the Open API quickstart (000), the Open API reference's introduction (001) and the checkout
//! widget's "Dynamic Integration" (002). A client must not depend on one of these guesses; it should read leniently.
//!
//! - **Envelope.** Single resources are answered as `{"data": …}`. 002 reads `data.data.url`, where one of the two is
//!   the HTTP client's or the merchant's own, so this is likely but not stated.
//! - **Payment.** 002 names the fields of the request. The answer repeats them and adds `id`, `url`, `status`,
//!   `createdAtUtc`, `expiresAtUtc` and, after a failure, `failReason`.
//! - **Status words.** Taken from the webhook actions, plus `Failed` and `Reversed`, for which there is no payment
//!   webhook: the transaction's `Failed` and `Updated` are the only sign. Read literally, 000 lets a payment become
//!   `Completed` even after its transaction has failed; here it becomes `Failed`.
//! - **Hold.** `Resumed` is an action and not a status: after it the payment has its earlier status again.
//! - **Transaction.** Webhooks of type Transaction carry the transaction's id, so there must be a way from it to the
//!   payment: `GET /v1/transactions/{id}` answers `{id, paymentId, status, failReason, funds, createdAtUtc}` with the
//!   status words `Created`, `Failed` and `Reversed`.
//! - **Link lifetime.** A link expires; the lifetime is configured here (15 minutes by default).
//! - **users/me.** `accountSpaces: [{id, name}]` and `banqAccounts: [{guid, accountSpaceId, name}]`, each only when
//!   `include` asks for it. 002 says only that they are found there.
//! - **Frequencies.** 002 writes `once` and "recurrent". Here: once, daily, weekly, monthly, yearly.
//! - **Recurring payments.** Accepting one pays its first day; each further day is a transaction of its own; a day can
//!   be skipped (`OccurrenceCanceled`); the payment is `Accepted` until its last day and then `Completed`. `endDate`
//!   must be after `startDate`. The answer lists `occurrences`.
//! - **get-paid-direct.** `source.banqGuid` names the app that receives the request; the simulator sends all requests
//!   to its one phone app.
//! - **Lists.** `GET /v1/payments` and `GET /v1/transactions`, newest first, `pageSize` 1 to 100, 20 by default.
//! - **webhook-config.** PUT changes what POST has registered, and is 404 before; GET shows it.
//! - **Limits.** At most two decimals in `funds`, at most 500 characters in `comment`, at most 20 in `retryCount`.
//! - **Webhook secret.** 000 and 001 put `SharedSecret` in the body of webhook-config, 002 leaves it out: without it
//!   the earlier secret stays in force, and without any the header is not sent.
//! - **Retries.** `retryCount` retries after the first attempt, each wait twice the one before.
//! - **Errors.** `{"message": "…"}`: 000 says that a message is returned, but not its name.

/// The maximum length of `comment`, in characters.
pub(crate) const COMMENT_LIMIT: usize = 500;

/// The maximum `retryCount` of webhook-config.
pub(crate) const RETRY_LIMIT: u32 = 20;

/// The maximum decimals in `funds`: whole cents.
pub(crate) const FUNDS_DECIMALS: u32 = 2;
