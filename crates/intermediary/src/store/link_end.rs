//! Moves the end of a link, if it turns out to be later than recorded.

use super::{CheckoutId, Store, statement::sql};
use crate::{domain::time::Millis, store::Error};

impl Store {
    /// Moves the end of an open checkout's link to `end`; never to an earlier time.
    pub(crate) async fn move_end(&self, id: &CheckoutId, end: Millis) -> Result<(), Error> {
        sql("UPDATE checkouts SET expires_at = $1 WHERE checkout_id = $2 AND status = 'pending' AND expires_at < $1")
            .bind(end)
            .bind(id.as_str())
            .run(self.db.writer())
            .await?;
        Ok(())
    }
}
