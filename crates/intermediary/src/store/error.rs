//! How the store can fail.

/// Why nothing was read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A row that this version cannot read; the text names the column.
    #[error("the database holds what this version cannot read: {0}")]
    Row(&'static str),
    /// The system has no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// The provider named a payment that belongs to another checkout.
    #[error("the payment is another checkout's")]
    PaymentTaken,
    /// The order does not allow it.
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
    /// Whether the database is away or too busy: that passes by itself, and a retry then helps.
    pub(crate) fn is_away(&self) -> bool {
        let Self::Database(error) = self else { return false };
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed => true,
            sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| is_away(&code)),
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
pub(super) fn is_statements_own(error: &sqlx::Error) -> bool {
    // Data that is refused, constraints, wrong SQL; SQLite's constraints.
    let code = error.as_database_error().and_then(|refusal| refusal.code());
    code.is_some_and(|code| code != DENIED && is_one_of(&code, &["22", "23", "42"], &[19]))
}

/// Whether the other connections to the database are probably as bad as the one on which this happened.
pub(super) fn has_server_changed(error: &sqlx::Error) -> bool {
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
