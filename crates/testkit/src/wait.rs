//! Waits for an event, and looks for a state that has no event.

use std::{future::Future, time::Duration};

use tokio::time::{sleep, timeout};

/// The time limit of [`within_deadline`]. Only a fault takes longer. It is shorter than a long poll (25 s), which an
/// event must end earlier.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// The time limit where servers die, and where programs and browsers start. It is longer than a lease (20 s), and
/// generous because machines that run tests are slow and busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the output of a future, which must come within [`DEADLINE`].
pub async fn within_deadline<T>(future: impl Future<Output = T>) -> T {
    within(DEADLINE, future).await
}

/// Returns the output of a future, which must come within `limit`.
pub async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> T {
    timeout(limit, future).await.unwrap_or_else(|_| panic!("nothing happened for {limit:?}"))
}

/// Looks until the state holds, for at most [`DEADLINE`]. `what` names the state.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let looking = async {
        while !holds().await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(timeout(DEADLINE, looking).await.is_ok(), "waited in vain: {what}");
}

/// Looks until there is a value, for at most [`PATIENCE`], and returns it.
pub async fn until<F: Future<Output = Option<T>>, T>(mut look: impl FnMut() -> F) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    within(PATIENCE, looking).await
}
