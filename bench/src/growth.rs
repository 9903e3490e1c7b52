//! The part `growth`: what a payment costs beside many old checkouts.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use hyper::Method;
use hyper::body::Bytes;

use crate::client::Client;
use crate::figure::Figure;
use crate::load::Load;
use crate::stack::Stack;

/// Old checkouts in the file, which are paid.
const OLD: [u32; 3] = [0, 100_000, 1_000_000];
/// Runs of each file.
const RUNS: usize = 2;
const LOAD: Load = Load { payments: 600, rate: Some(100) };

/// Measures on a copy of each file.
pub(crate) async fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().unwrap();
    let mut figures = Vec::new();
    let mut empty = Vec::new();
    for old in OLD {
        let file = folder.path().join(format!("{old}.sqlite"));
        make(&file, old, folder.path()).await;
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            runs.push(LOAD.on(&Stack::SqliteCopy(file.clone())).await);
        }
        std::fs::remove_file(&file).unwrap();
        let processor: Vec<f64> = runs.iter().map(|run| run.processor_ms).collect();
        let medians = runs.iter().map(|run| run.median).collect();
        let what = |figure: &str| format!("beside {old} old checkouts, 100/s: {figure}");
        let figure = Figure::less("growth", what("processor time a payment"), "ms", processor.clone());
        if old == 0 {
            empty.clone_from(&processor);
            figures.push(figure);
        } else {
            figures.push(figure.beside("an empty file", empty.clone()));
        }
        figures.push(Figure::less("growth", what("webhook to event, p50"), "ms", medians));
    }
    figures
}

/// Lets a server make the file, and fills it.
async fn make(file: &Path, old: u32, folder: &Path) {
    let running = Stack::Sqlite.start();
    let database = format!("sqlite://{}", file.display());
    let server = crate::stack::ours(&running.simulator, &database, &[], folder);
    // It listens before it has made its tables.
    let client = Client::new(server.address, 1);
    while !client.send(Method::GET, "/readyz", &[], Bytes::new()).await.status.is_success() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(server);
    if old > 0 {
        let fill = include_str!("growth.sql").replace("{{old}}", &old.to_string());
        let script = folder.join("fill.sql");
        std::fs::write(&script, fill).unwrap();
        let read = format!(".read {}", script.display());
        let filled = Command::new("sqlite3").arg(file).arg(read).stdout(Stdio::null()).status().unwrap();
        assert!(filled.success(), "sqlite3 did not fill {}", file.display());
    }
    // The next server finds one whole file: what the killed one left in the log beside it is moved into it.
    let moved = Command::new("sqlite3").arg(file).arg("PRAGMA wal_checkpoint(TRUNCATE)").output().unwrap();
    assert!(moved.status.success());
}
