//! Everything that can go wrong while a request is answered. How a page sees it: [`crate::http::problem`].

use std::{sync::Arc, time::Duration};

use wire::ProblemCode;

use crate::provider::ProviderError;

/// Why a request failed, or the server did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The body is not the JSON object that is asked for; the text says what is expected.
    #[error("{0}")]
    InvalidJson(String),
    /// A field is missing or wrong; the text names it and says what is expected.
    #[error("{0}")]
    InvalidField(String),
    /// No price was registered for this order.
    #[error("no price was registered for this order")]
    OrderNotFound,
    /// The page sent a price, and this server takes prices from the shop only.
    #[error("the page sent a price for an order that is not registered")]
    ClientAmountNotAllowed,
    /// The order is paid.
    #[error("the order is paid already")]
    OrderAlreadyPaid,
    /// A link at another price than the order has now was paid.
    #[error("a link of the order was paid at another price")]
    OrderPaidOtherAmount,
    /// Money for the order is in question.
    #[error("money for the order is in question")]
    OrderPaymentInQuestion,
    /// The link token is missing or wrong.
    #[error("the link token is missing or wrong")]
    LinkTokenInvalid,
    /// The shop took the order back.
    #[error("the order was withdrawn")]
    OrderWithdrawn,
    /// No such checkout.
    #[error("no such checkout")]
    CheckoutNotFound,
    /// No such address.
    #[error("no such address")]
    NotFound,
    /// Not for this method.
    #[error("the address exists, but not for this method")]
    MethodNotAllowed,
    /// API key missing or wrong.
    #[error("the API key is missing or wrong")]
    Unauthorized,
    /// Webhook signature missing or wrong.
    #[error("the webhook's signature is missing or wrong")]
    InvalidSignature,
    /// Signed, but not a webhook.
    #[error("signed, but not a webhook")]
    NotAWebhook,
    /// The body is larger than is read.
    #[error("the body is larger than is read")]
    PayloadTooLarge,
    /// The body did not arrive in time, or broke off.
    #[error("the body did not arrive")]
    BodyLost,
    /// A page of an origin that is not on the list.
    #[error("the page's origin is not on the list")]
    OriginNotAllowed,
    /// This address asks too often.
    #[error("too many requests of one address")]
    TooManyRequests(Duration),
    /// The payment provider failed.
    #[error("the payment provider failed: {0}")]
    Provider(ProviderFailure),
    /// The provider's link is not one to show.
    #[error("the payment provider's link is unsafe: {0}")]
    UnsafeLink(&'static str),
    /// The shop's own code cannot say what an order costs.
    #[error("the order source failed: {0}")]
    OrderSource(String),
    /// The server is stopping, or busy to its limit.
    #[error("the server is stopping or busy to its limit")]
    Unavailable,
    /// The database failed.
    #[error("the database failed: {0}")]
    Store(#[from] sqlx::Error),
    /// A row that this version cannot read.
    #[error("the database holds what this version cannot read: {0}")]
    Row(&'static str),
    /// The system has no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// A task died.
    #[error("a task died")]
    TaskPanicked,
    /// No link, because money came for this order.
    #[error("order {0}: {1}")]
    OfOrder(String, Box<Error>),
    /// The failure of work that several requests waited for.
    #[error(transparent)]
    Shared(#[from] Arc<Error>),
}

/// A provider's failure. Its cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub(crate) struct ProviderFailure(pub(crate) ProviderError);

impl From<ProviderError> for Error {
    fn from(error: ProviderError) -> Self {
        Self::Provider(ProviderFailure(error))
    }
}

impl Error {
    /// With the order's id, where a page that waited for a payment asks whether it was that one's.
    pub(crate) fn of_order(self, order_id: String) -> Self {
        match self.code() {
            ProblemCode::OrderAlreadyPaid
            | ProblemCode::OrderPaidOtherAmount
            | ProblemCode::OrderPaymentInQuestion => Self::OfOrder(order_id, Box::new(self)),
            _ => self,
        }
    }

    /// Whether the database is away or too busy: that passes by itself, and asking again then helps.
    pub(crate) fn is_database_away(&self) -> bool {
        match self {
            Self::Store(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => true,
            Self::Store(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed) => true,
            Self::Store(sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed) => true,
            Self::Store(sqlx::Error::Database(refusal)) => refusal.code().is_some_and(|code| is_away(&code)),
            Self::OfOrder(_, error) => error.is_database_away(),
            Self::Shared(error) => error.is_database_away(),
            _ => false,
        }
    }
}

/// PostgreSQL says this also when its files are on a read-only file system.
const DENIED: &str = "42501";

/// Whether a database says by this code that it cannot work now. PostgreSQL's have five characters, SQLite's are
/// numbers.
fn is_away(code: &str) -> bool {
    /// Connections; a read-only server; a transaction that did nothing or took too long; logins refused; no such
    /// database; deadlocks; a read-only file system; out of resources; a lock that was not free; shut down, starting,
    /// or out of time; an error of the disk.
    const POSTGRES: [&str; 12] =
        ["08", "25006", "25P03", "25P04", "28", "3D000", "40", DENIED, "53", "55P03", "57", "58"];
    /// Busy, locked, out of memory, read-only, an error of the disk, that it is full, that a file cannot be opened or
    /// locked.
    const SQLITE: [u32; 8] = [5, 6, 7, 8, 10, 13, 14, 15];
    is_one_of(code, &POSTGRES, &SQLITE)
}

/// Whether a statement failed for a reason of its own: the connection is as good as before, and a transaction of it can
/// be rolled back.
pub(crate) fn is_statements_own(error: &sqlx::Error) -> bool {
    // Data that is refused, constraints, wrong SQL; SQLite's constraints.
    let code = error.as_database_error().and_then(|refusal| refusal.code());
    code.is_some_and(|code| code != DENIED && is_one_of(&code, &["22", "23", "42"], &[19]))
}

/// Whether the other connections to the database are probably as bad as the one on which this happened.
pub(crate) fn has_server_changed(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| {
            // Of SQLite: read-only, an error of the disk, a file that cannot be opened.
            is_one_of(&code, &["08", "25006", "57P01", "57P02", "57P03"], &[8, 10, 14])
        }),
        _ => false,
    }
}

/// PostgreSQL's codes begin with their class; the bits of SQLite's above the lowest eight say more.
fn is_one_of(code: &str, postgres: &[&str], sqlite: &[u32]) -> bool {
    if code.len() == 5 {
        return postgres.iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|code| sqlite.contains(&(code & 0xff)))
}

#[cfg(test)]
mod tests {
    use super::is_away;

    #[test]
    fn a_database_that_cannot_work_now_is_told_from_one_that_refuses() {
        for code in
            ["57P01", "57P02", "57P03", "57014", "25P03", "53300", "08006", "40P01", "5", "517", "13", "778"]
        {
            assert!(is_away(code), "{code}");
        }
        for code in [
            "25006", "42501", "25P04", "28P01", "3D000", "55P03", "58030", "8", "1032", "14", "15", "10",
            "522",
        ] {
            assert!(is_away(code), "{code}");
        }
        for code in ["23505", "42P01", "25P02", "1555", "2067", "1", "11", ""] {
            assert!(!is_away(code), "{code}");
        }
    }
}
