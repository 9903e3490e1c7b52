//! Measures the project beside what a developer would write instead; `cargo xtask bench` builds and calls it.
//!
//! - [`bytes`] and [`page`]: what a page loads, and its timings, in the [`shop`] of both pages
//! - [`payments`], [`instances`], [`growth`] and [`ledger`]: the server's [`load`], by a [`stack`] of [`program`]s and
//!   a [`client`]
//! - [`hub`]: many [`streams`]
//! - [`figure`] and [`chart`]: the result
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot be made ends the program"
)]

mod bytes;
mod chart;
mod client;
mod figure;
mod growth;
mod hub;
mod instances;
mod ledger;
mod load;
mod page;
mod payments;
mod program;
mod shop;
mod stack;
mod streams;

use std::time::Instant;

/// All parts, in the order in which they run.
const PARTS: [&str; 7] = ["bytes", "page", "payments", "instances", "ledger", "streams", "growth"];

/// Runs the parts that are named, or all, one after the other; writes the result to the folder `BANQ_BENCH_OUT`. Or runs
/// one load: `load STACK RATE PAYMENTS`.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let named: Vec<String> = std::env::args().skip(1).collect();
    if let [one, stack, rate, payments] = &named[..]
        && one == "load"
    {
        return payments::one(stack, rate, payments).await;
    }
    let parts = PARTS.into_iter().filter(|part| named.is_empty() || named.iter().any(|name| name == part));
    let mut figures = Vec::new();
    for part in parts {
        let started = Instant::now();
        let measured = match part {
            "bytes" => bytes::measure(),
            "page" => page::measure().await,
            "payments" => payments::measure().await,
            "instances" => instances::measure().await,
            "ledger" => ledger::measure().await,
            "streams" => hub::measure().await,
            _ => growth::measure().await,
        };
        println!("{part}: {} s\n{}", started.elapsed().as_secs(), figure::table(&measured));
        figures.extend(measured);
    }
    let folder = program::given("BANQ_BENCH_OUT");
    std::fs::write(folder.join("bench.json"), serde_json::to_string_pretty(&figures).unwrap()).unwrap();
    std::fs::write(folder.join("bench.svg"), chart::svg(&figures)).unwrap();
    println!("{} and bench.svg beside it", folder.join("bench.json").display());
}
