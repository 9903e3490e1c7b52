//! Every log line of one test.

use std::{
    cell::RefCell,
    io,
    sync::{Arc, Mutex, Once},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

type Lines = Arc<Mutex<Vec<u8>>>;

thread_local! {
    /// Where this thread's lines go.
    static LINES: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// Keeps every line of the server, down to TRACE, as long as it lives. A test's own runtime has one thread,
/// and so the server logs in the test's thread and nowhere else.
pub(crate) struct Log {
    lines: Lines,
}

impl Log {
    /// To be made before the server starts.
    pub(crate) fn start() -> Self {
        install();
        let lines = Lines::default();
        LINES.set(Some(Arc::clone(&lines)));
        Self { lines }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.lines.lock().unwrap().clone()).unwrap()
    }

    /// The first line that has all these words.
    pub(crate) fn line(&self, words: &[&str]) -> Option<String> {
        self.text().lines().find(|line| words.iter().all(|word| line.contains(word))).map(str::to_owned)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        LINES.set(None);
    }
}

/// One subscriber for all tests of the process: several that come and go would miss lines of each other.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("banq_intermediary=trace,warn"))
            .with_ansi(false)
            .with_writer(ThisThread)
            .init();
    });
}

struct ThisThread;

/// Keeps lines, or forgets them where nobody listens.
struct Writer(Option<Lines>);

impl<'a> MakeWriter<'a> for ThisThread {
    type Writer = Writer;

    fn make_writer(&'a self) -> Writer {
        Writer(LINES.with_borrow(Clone::clone))
    }
}

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(lines) = &self.0 {
            lines.lock().unwrap().extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
