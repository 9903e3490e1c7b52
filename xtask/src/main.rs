//! The project's own commands, run as `cargo xtask …`:
//!
//! - [`setup`]: installs what is missing, and says in a line what and why
//! - [`dist`]: the release bundle of the widget, its size table and budget ([`size`]), with [`names`] shortened, and the
//!   hashes of its files ([`integrity`]);
//!   [`bundle`] builds it with trunk alone, for the demo
//! - [`npm_package`]: the npm package, filled with that bundle, and its tests; [`examples`]: pages built with it
//! - [`package`]: the archive and the Debian package of the server, with the widget in the program
//! - [`demo`]: runs shop, intermediary and simulator on this machine
//! - [`test`](mod@test): runs all steps of CI; [`outcome`] reads the test results
//! - [`chaos`]: the fault test at full size
//! - [`words`]: checks spelling and banned phrases, as a part of the step `fmt` of [`test`](mod@test)
//! - [`mod@book`]: the book of `docs/`; [`documents`] checks [`links`] and [`snippets`], with [`mod@include`];
//!   [`proxies`] their settings
//! - [`sbom`]: the software bills of materials
//! - [`mod@bench`]: the measurements of `bench/`, beside its yardsticks
//! - [`schemathesis`]: tests the server against its own OpenAPI document
//!
//! [`tools`], [`debian`] and [`python_tools`] know the tools and their versions, [`browsers`] the browsers of the
//! tests, [`wasm_std`] the standard library for WebAssembly, [`mod@run`] runs programs, [`paths`] knows the folders,
//! [`files`] reads them.

mod bench;
mod book;
mod browsers;
mod bundle;
mod chaos;
mod debian;
mod demo;
mod dist;
mod documents;
mod error;
mod examples;
mod files;
mod include;
mod integrity;
mod links;
mod names;
mod npm_package;
mod outcome;
mod package;
mod paths;
mod proxies;
mod python_tools;
mod run;
mod sbom;
mod schemathesis;
mod setup;
mod size;
mod snippets;
mod test;
mod tools;
mod wasm_std;
mod words;

use std::process::ExitCode;

use crate::error::Error;

const USAGE: &str = "\
cargo xtask setup            installs what demo and test need; does nothing the second time
cargo xtask dist             builds the widget's release bundle into dist/ and prints its size table
cargo xtask package          builds an archive and a Debian package of the server, with the widget in the program
cargo xtask book             checks the documents, and makes the book in target/book
cargo xtask sbom             lists the packages in the server and in the widget (CycloneDX), in target/sbom
cargo xtask csp --server URL
                             prints the content security policy of a page with the widget; --help: its options
cargo xtask demo [--lan]     runs shop, intermediary and simulator; --lan: under this machine's LAN address
cargo xtask test [STEP...]   runs everything that CI runs, or only: fmt clippy doc book deny sbom dist npm native wasm frameworks
cargo xtask test --all       runs everything that CI runs, and the step frameworks: the examples of Angular and Next.js
cargo xtask chaos [PAYMENTS [KILLS]]
                             kills the intermediary at random during 1000 payments, and looks whether anything is lost
cargo xtask bench [PART...]  measures the project beside what a developer would write instead, or only: bytes page
                             payments instances ledger streams growth; table, JSON and SVG. Or one load:
                             load sqlite|postgres|node RATE|full PAYMENTS
cargo xtask schemathesis     asks every route of /openapi.json what it should not, for some minutes";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = run(&arguments);
    tools::remove_builds();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Asks the intermediary's program, which knows the policy.
fn csp(options: &[&str]) -> Result<(), Error> {
    run::show(run::cargo().args(["run", "--quiet", "-p", "banq-intermediary", "--", "csp"]).args(options))
}

fn run(arguments: &[String]) -> Result<(), Error> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["setup"] => setup::everything(),
        ["dist"] => dist::bundle(),
        ["package"] => package::package(),
        ["book"] => book::build(),
        ["sbom"] => sbom::write().map(drop),
        ["bench", parts @ ..] => bench::measure(parts),
        ["csp", options @ ..] => csp(options),
        ["demo"] => demo::start(demo::Reach::ThisMachine),
        ["demo", "--lan"] => demo::start(demo::Reach::Lan),
        ["schemathesis"] => schemathesis::ask(),
        ["test", steps @ ..] => test::steps(steps),
        ["chaos"] => chaos::start(None, None),
        ["chaos", payments] => chaos::start(Some(payments), None),
        ["chaos", payments, kills] => chaos::start(Some(payments), Some(kills)),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(Error::Usage(USAGE)),
    }
}
