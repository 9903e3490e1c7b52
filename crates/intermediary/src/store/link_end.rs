//! When a link ends, if that turns out to be later than it was written.

use super::{CheckoutId, Store, query::sql};
use crate::{domain::time::Millis, store::Error};

impl Store {
    /// Moves the end of an open checkout's link to `end`; never back.
    pub(crate) async fn move_end(&self, id: &CheckoutId, end: Millis) -> Result<(), Error> {
        sql("UPDATE checkouts SET expires_at = $1 WHERE checkout_id = $2 AND status = 'pending' AND expires_at < $1")
            .bind(end)
            .bind(id.as_str())
            .run(self.db.writer())
            .await?;
        Ok(())
    }
}
