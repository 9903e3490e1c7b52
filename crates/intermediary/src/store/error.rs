//! The errors of the store.

/// Why nothing was read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The commit failed that several operations share.
    #[error("{0}")]
    Commit(std::sync::Arc<Error>),
    /// This version cannot read a row; the text names the column.
    #[error("the database holds what this version cannot read: {0}")]
    Row(&'static str),
    /// A value cannot be written as JSON.
    #[error("a value cannot be written as JSON: {0}")]
    Encode(serde_json::Error),
    /// The operating system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// The provider named a payment that belongs to another checkout.
    #[error("the payment is another checkout's")]
    PaymentTaken,
    /// The order's state does not allow the change.
    #[error(transparent)]
    Order(#[from] OrderRefusal),
}

/// Why an order cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OrderRefusal {
    #[error("no price was registered for this order")]
    NotFound,
    #[error("the order is paid already")]
    AlreadyPaid,
    #[error("a link of the order was paid at another price")]
    PaidOtherAmount,
    #[error("money for the order is in question")]
    PaymentInQuestion,
}

impl Error {
    /// Returns whether the database is unreachable or too busy. Such a failure is transient, and a retry helps.
    pub(crate) fn is_away(&self) -> bool {
        let error = match self {
            Self::Database(error) => error,
            Self::Commit(error) => return error.is_away(),
            Self::Row(_) | Self::Encode(_) | Self::Random(_) | Self::PaymentTaken | Self::Order(_) => {
                return false;
            }
        };
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed => true,
            sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| is_away(&code)),
            _ => false,
        }
    }
}

/// PostgreSQL also reports this code when its files are on a read-only file system.
const DENIED: &str = "42501";

/// Returns whether a database's error code means that it cannot work now. PostgreSQL's codes have five characters,
/// SQLite's are numbers.
fn is_away(code: &str) -> bool {
    /// Connections; a read-only server; a transaction that was idle or took too long; logins refused; no such database;
    /// deadlocks; a read-only file system; out of resources; a lock that was not free; shut down, starting, or out of
    /// time; a disk error.
    const POSTGRES: [&str; 12] =
        ["08", "25006", "25P03", "25P04", "28", "3D000", "40", DENIED, "53", "55P03", "57", "58"];
    /// Busy, locked, out of memory, read-only, a disk error, disk full, a file that cannot be opened, a locking error.
    const SQLITE: [u32; 8] = [5, 6, 7, 8, 10, 13, 14, 15];
    is_one_of(code, &POSTGRES, &SQLITE)
}

/// Returns whether only the statement itself is at fault: the connection stays usable, and its transaction can be
/// rolled back.
pub(super) fn is_statements_own(error: &sqlx::Error) -> bool {
    // PostgreSQL: invalid data, constraints, wrong SQL; SQLite: constraints.
    let code = error.as_database_error().and_then(|refusal| refusal.code());
    code.is_some_and(|code| code != DENIED && is_one_of(&code, &["22", "23", "42"], &[19]))
}

/// Returns whether the other connections to the database are probably as bad as the one with this error.
pub(super) fn has_server_changed(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| {
            // SQLite: read-only, a disk error, a file that cannot be opened.
            is_one_of(&code, &["08", "25006", "57P01", "57P02", "57P03"], &[8, 10, 14])
        }),
        _ => false,
    }
}

/// Returns whether a code is in a list. PostgreSQL's codes begin with their class; only the lowest eight bits of
/// SQLite's name the kind of error.
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
    fn database_that_is_away_is_told_from_one_that_refuses() {
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
