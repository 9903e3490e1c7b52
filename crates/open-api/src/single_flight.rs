//! Runs one task per key, and shares its result with all callers.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

type Flights<K, V> = Arc<Mutex<HashMap<K, watch::Receiver<Option<V>>>>>;

/// Runs work in a task of its own, which survives the caller: a shopper who closes the page does not interrupt a
/// payment request half-way.
pub struct SingleFlight<K, V> {
    flights: Flights<K, V>,
    tasks: TaskTracker,
}

/// Whether this call started the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// This call started the task.
    Leader,
    /// Another call had started it.
    Follower,
}

impl<K, V> SingleFlight<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Creates an empty set; tasks are spawned on `tasks`, for which a stop of the server waits.
    pub fn new(tasks: TaskTracker) -> Self {
        Self { flights: Arc::default(), tasks }
    }

    /// Returns the result of the running task of `key`, or of `start` if no task runs. Returns `None` if the task
    /// panicked or its runtime has stopped; the next call starts a new one.
    pub async fn run<F>(&self, key: K, start: impl FnOnce() -> F) -> Option<(V, Role)>
    where
        F: Future<Output = V> + Send + 'static,
    {
        let (mut result, role) = self.join_or_start(key, start);
        let value = result.wait_for(Option::is_some).await.ok()?.clone()?;
        Some((value, role))
    }

    fn join_or_start<F>(&self, key: K, start: impl FnOnce() -> F) -> (watch::Receiver<Option<V>>, Role)
    where
        F: Future<Output = V> + Send + 'static,
    {
        let (sender, receiver) = watch::channel(None);
        {
            let mut flights = lock(&self.flights);
            if let Some(result) = flights.get(&key) {
                return (result.clone(), Role::Follower);
            }
            flights.insert(key.clone(), receiver.clone());
        }
        // The lock is released: a runtime that stops drops the task within `spawn`, and the guard locks again.
        let guard = CompletionGuard { flights: Arc::clone(&self.flights), key };
        let work = start();
        let task = async move {
            let value = work.await;
            // Removed before the result is sent: a later caller must not join a finished task.
            drop(guard);
            sender.send_replace(Some(value));
        };
        self.tasks.spawn(task.in_current_span());
        (receiver, Role::Leader)
    }
}

/// Removes the task from the map, also after a panic.
struct CompletionGuard<K: Eq + Hash, V> {
    flights: Flights<K, V>,
    key: K,
}

impl<K: Eq + Hash, V> Drop for CompletionGuard<K, V> {
    fn drop(&mut self) {
        lock(&self.flights).remove(&self.key);
    }
}

/// Ignores poisoning: the map is consistent after every statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        panic::AssertUnwindSafe,
        sync::atomic::{AtomicU32, Ordering},
        time::Duration,
    };

    use futures_util::FutureExt;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn ten_callers_share_one_task_and_the_next_starts_another() {
        let flight = Arc::new(SingleFlight::<&str, u32>::new(TaskTracker::new()));
        let (count, go) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
        let mut calls = Vec::new();
        for _ in 0..10 {
            let (flight, count, go) = (Arc::clone(&flight), Arc::clone(&count), Arc::clone(&go));
            calls.push(tokio::spawn(async move {
                let work = || async move {
                    go.notified().await;
                    count.fetch_add(1, Ordering::SeqCst)
                };
                flight.run("order", work).await
            }));
        }
        tokio::task::yield_now().await;
        go.notify_one();
        let mut led = 0;
        for call in calls {
            let (value, role) = call.await.unwrap().unwrap();
            assert_eq!(value, 0);
            led += u32::from(role == Role::Leader);
        }
        assert_eq!((led, count.load(Ordering::SeqCst)), (1, 1));
        assert_eq!(flight.run("order", || async { 7 }).await, Some((7, Role::Leader)));
    }

    #[tokio::test]
    async fn task_outlives_its_caller_and_a_panic_blocks_no_later_call() {
        let tasks = TaskTracker::new();
        let flight = SingleFlight::<u8, u8>::new(tasks.clone());
        let (done, finished) = tokio::sync::oneshot::channel();
        let work = || async move {
            tokio::task::yield_now().await;
            done.send(()).unwrap();
            1
        };
        {
            let call = flight.run(1, work);
            tokio::pin!(call);
            assert!(futures_util::poll!(&mut call).is_pending());
        }
        finished.await.unwrap();
        assert_eq!(flight.run(2, || async { panic!("on purpose") }).await, None);
        assert_eq!(flight.run(2, || async { 3 }).await, Some((3, Role::Leader)));
    }

    #[test]
    fn stopped_runtime_or_panic_at_start_leaves_no_lock() {
        let (done, finished) = std::sync::mpsc::channel();
        // In a thread of its own: a lock that is taken twice would never return.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let handle = runtime.handle().clone();
            drop(runtime);
            let _entered = handle.enter();
            let flight = SingleFlight::<u8, u8>::new(TaskTracker::new());
            done.send(flight.run(1, || async { 1 }).now_or_never()).unwrap();
            let call = flight.run(1, || -> std::future::Ready<u8> { panic!("on purpose") });
            assert!(std::panic::catch_unwind(AssertUnwindSafe(|| call.now_or_never())).is_err());
            assert!(lock(&flight.flights).is_empty());
            done.send(flight.run(1, || async { 1 }).now_or_never()).unwrap();
        });
        for _ in 0..2 {
            assert_eq!(finished.recv_timeout(Duration::from_secs(20)), Ok(Some(None)));
        }
    }
}
