//! Runs an example.

use std::{future::Future, path::PathBuf};

use banq_testkit::{PATIENCE, Program, Settings, command, within};

/// Returns the output of a future, which must come within [`PATIENCE`]: an example is slow to start.
pub(crate) async fn within_deadline<T>(future: impl Future<Output = T>) -> T {
    within(PATIENCE, future).await
}

/// Starts an example with these variables and no others.
pub(crate) async fn start_example(name: &str, settings: &Settings) -> Program {
    Program::start(command(program(name), settings)).await
}

/// The program that cargo built of an example. It lies beside the folder of this test's own program.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    let path = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "{} is missing: `cargo build -p banq-intermediary --examples` makes it",
        path.display()
    );
    path
}
