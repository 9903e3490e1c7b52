//! Brings what other instances changed to the streams that are held here.

use std::{sync::Arc, time::Duration};

use crate::{
    error::Error,
    http::state::App,
    store::{Wakeup, Wakeups},
};

/// The wait before the listening connection is tried again; streams then learn of changes so much later.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens until the server stops; ends at once where there are no other instances.
pub(crate) async fn run(app: Arc<App>) {
    let stopping = app.stopping.clone();
    stopping.run_until_cancelled(listen(&app)).await;
}

async fn listen(app: &App) {
    loop {
        match app.store.wakeups().await {
            Ok(None) => return,
            Ok(Some(mut wakeups)) => {
                if let Err(error) = pass_on(app, &mut wakeups).await {
                    tracing::warn!(%error, "lost the connection that says what other instances changed");
                }
            }
            Err(error) => tracing::warn!(%error, "cannot listen for what other instances change yet"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn pass_on(app: &App, wakeups: &mut Wakeups) -> Result<(), Error> {
    // Whatever changed before this connection listened.
    let mut wakeup = Wakeup::Missed;
    loop {
        let ids = match wakeup {
            Wakeup::Changed(id) if app.hub.is_watched(&id) => vec![id],
            Wakeup::Changed(_) => Vec::new(),
            Wakeup::Missed => app.hub.all_watched(),
        };
        for checkout in app.store.read(&ids).await? {
            app.hub.publish(&checkout);
        }
        wakeup = wakeups.next().await?;
    }
}
