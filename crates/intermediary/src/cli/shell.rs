//! `completions` and `man`: what a package installs for shells and for `man`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, failure::Failure};

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell that reads them.
    shell: Shell,
}

pub(super) fn completions(arguments: &Completions) -> Result<ExitCode, Failure> {
    // Into memory first: clap's writer panics where the reader has closed the pipe.
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "banq-intermediary", &mut text);
    print(&text)
}

pub(super) fn manual() -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    print(&text)
}

fn print(text: &[u8]) -> Result<ExitCode, Failure> {
    match io::stdout().lock().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
    }
}
