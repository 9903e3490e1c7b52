//! Checks whether the servers that share the database agree.

use super::{Check, Doctor};
use crate::{health::deployment, store::Store};

impl Doctor {
    /// Compares these settings with those of the running servers.
    pub(super) async fn instances(&self, store: &Store) -> Check {
        let examined = match deployment::examine(store, &self.config).await {
            Ok(examined) => examined,
            Err(error) => {
                let fix = "look at the database";
                return Check::warn("instances", format!("their settings cannot be read: {error}"), fix);
            }
        };
        if !examined.another.is_empty() {
            let fix = "set BANQ_DATABASE_URL to this environment's and merchant's own database";
            return Check::fail("instances", examined.another.join("; "), fix);
        }
        if !examined.unlike.is_empty() {
            let names = examined.unlike.into_iter().collect::<Vec<_>>().join(", ");
            let fix = "give all servers on one database the same settings (BANQ_LISTEN and limits may differ), and \
                       start them again";
            return Check::fail("instances", format!("a running server has another {names}"), fix);
        }
        Check::ok("instances", "every running server has these settings")
    }
}
