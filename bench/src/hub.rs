//! The part `streams`: many open streams, beside nchan, which only passes on what is published.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use banq_testkit::free_port;
use hyper::Method;

use crate::client::Client;
use crate::figure::{Figure, quantile};
use crate::load::{Load, PAID, PATIENCE, at_rate, latencies, sorted};
use crate::program::{Program, given};
use crate::stack::Stack;
use crate::streams::Streams;

const PART: &str = "streams";
const NCHAN: &str = "nchan";
/// Open streams, each of which gets one event; fewer where the system allows a process fewer open files.
const STREAMS: [usize; 3] = [1_000, 5_000, 20_000];
/// Open files beside the streams: the database, requests, the log.
const SPARE_FILES: usize = 1_000;
/// Events a second.
const RATE: u32 = 500;

/// Measures both with each number of streams.
pub(crate) async fn measure() -> Vec<Figure> {
    let mut figures = Vec::new();
    for streams in STREAMS.map(|streams| streams.min(open_files().saturating_sub(SPARE_FILES))) {
        let load = Load { payments: streams, rate: Some(RATE) };
        let ours = load.on(&Stack::Sqlite).await;
        let hub = nchan(streams).await;
        let what = |figure: &str| format!("{streams} streams, {RATE} events/s: {figure}");
        let lost = [streams - ours.events, streams - hub.events].map(|lost| vec![lost as f64]);
        let [ours_lost, hub_lost] = lost;
        figures.extend([
            Figure::less(PART, what("memory a stream"), "KiB", vec![ours.kib_per_stream])
                .beside(NCHAN, vec![hub.kib_per_stream]),
            Figure::less(PART, what("webhook (nchan: publication) to event, p50"), "ms", vec![ours.median])
                .beside(NCHAN, vec![hub.median]),
            Figure::less(PART, what("the same, p99"), "ms", vec![ours.p99]).beside(NCHAN, vec![hub.p99]),
            Figure::less(PART, what("events that did not come"), "events", ours_lost).beside(NCHAN, hub_lost),
        ]);
    }
    figures
}

/// Returns how many files this process, and so each that it starts, may open.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    // "unlimited", and systems without this file.
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(usize::MAX)
}

struct Hub {
    kib_per_stream: f64,
    events: usize,
    median: f64,
    p99: f64,
}

async fn nchan(count: usize) -> Hub {
    let folder = tempfile::tempdir().unwrap();
    let nginx = start(folder.path());
    let idle = nginx.memory();
    let paths = (0..count).map(|number| (nginx.address, format!("/sub/{number}")));
    let streams = Streams::open(paths.collect(), PAID).await;
    let kib_per_stream = (nginx.memory() - idle) / count as f64;
    let client = Client::new(nginx.address, 32);
    let publications = (0..count).map(|number| {
        let client = Arc::clone(&client);
        async move {
            let (path, body) = (format!("/pub/{number}"), format!("{{\"checkoutId\":\"{number}\",{PAID}}}"));
            client.send(Method::POST, &path, &[], body.into()).await.expect_success("pub");
        }
    });
    let sent = at_rate(RATE, publications).await;
    streams.until(count, PATIENCE).await;
    let took = sorted(latencies(&streams.times(), &sent));
    Hub { kib_per_stream, events: took.len(), median: quantile(&took, 0.5), p99: quantile(&took, 0.99) }
}

/// Starts nginx with nchan, whose programs xtask has unpacked.
fn start(folder: &Path) -> Program {
    let (home, port) = (given("BANQ_BENCH_NGINX"), free_port());
    let settings = include_str!("../yardsticks/nchan.conf")
        .replace("{{modules}}", &home.join("usr/lib/nginx/modules").display().to_string())
        .replace("{{port}}", &port.to_string());
    std::fs::write(folder.join("nchan.conf"), settings).unwrap();
    let libraries = std::fs::read_dir(home.join("usr/lib")).unwrap().map(|entry| entry.unwrap().path());
    let mut command = Command::new(home.join("usr/sbin/nginx"));
    command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap());
    command.arg("-p").arg(folder).args(["-c", "nchan.conf", "-e", "stderr"]);
    Program::start(&mut command, port, folder)
}
