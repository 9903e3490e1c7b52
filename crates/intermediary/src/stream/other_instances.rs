//! Publishes changes made by other instances to the streams of this one.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    store::Error,
    store::{ChangeListener, ChangeNotification, Store},
    stream::hub::Hub,
};

/// The pause before the listening connection is reopened; streams learn of changes so much later.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens until the server stops; returns at once if the database cannot have other instances. `sweep`: how often the
/// watched checkouts are read without a notification.
pub(crate) async fn run(store: &Store, hub: &Hub, sweep: Duration, stopping: &CancellationToken) {
    stopping.run_until_cancelled(listen(store, hub, sweep)).await;
}

async fn listen(store: &Store, hub: &Hub, sweep: Duration) {
    loop {
        match store.wakeups(sweep).await {
            Ok(None) => return,
            Ok(Some(mut wakeups)) => {
                if let Err(error) = pass_on(store, hub, &mut wakeups).await {
                    tracing::warn!(%error, "lost the connection that says what other instances changed");
                }
            }
            Err(error) => tracing::warn!(%error, "cannot listen for what other instances change yet"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn pass_on(store: &Store, hub: &Hub, wakeups: &mut ChangeListener) -> Result<(), Error> {
    // Changes from before this connection listened.
    let mut wakeup = ChangeNotification::Missed;
    loop {
        let ids = match wakeup {
            ChangeNotification::Changed(id) if hub.is_watched(&id) => vec![id],
            ChangeNotification::Changed(_) => Vec::new(),
            ChangeNotification::Missed => hub.all_watched(),
        };
        for checkout in store.read(&ids).await? {
            hub.publish(&checkout);
        }
        wakeup = wakeups.next().await?;
    }
}
