//! How the tests wait for what comes in its own time: a window, a picture, a text, a callback.

use std::time::{Duration, Instant};

pub use banq_testkit::PATIENCE;

/// Between two looks at what has no event.
const PAUSE: Duration = Duration::from_millis(50);

/// The end of a wait.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// Begins a wait of [`PATIENCE`].
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now() + PATIENCE)
    }

    /// Says whether the wait is over.
    #[must_use]
    pub fn is_over(self) -> bool {
        Instant::now() > self.0
    }
}

/// Waits a moment before the next look.
pub async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

/// Looks until what is seen equals what is expected, and fails like `assert_eq!` when it never does.
///
/// A single look (`assert_eq!(page.run(…).await, …)`) is right only for what the test itself has just done, or to
/// prove that something did not happen before an event that was waited for.
#[macro_export]
macro_rules! becomes {
    ($look:expr, $expected:expr $(,)?) => {
        $crate::becomes!($look, $expected, "{}", stringify!($look))
    };
    ($look:expr, $expected:expr, $($words:tt)+) => {{
        let expected = $expected;
        let deadline = $crate::Deadline::start();
        loop {
            // Read before the look, so that the last look begins when the wait is over.
            let over = deadline.is_over();
            match &$look {
                seen if *seen == expected => break,
                seen if over => {
                    assert_eq!(*seen, expected, $($words)+);
                    break;
                }
                _ => {}
            }
            $crate::pause().await;
        }
    }};
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    #[tokio::test]
    async fn a_value_that_comes_later_is_waited_for() {
        let looks = Cell::new(0);
        let look = async || {
            looks.set(looks.get() + 1);
            looks.get()
        };
        becomes!(look().await, 3, "the third look");
        assert_eq!(looks.get(), 3, "and no look more");
    }
}
