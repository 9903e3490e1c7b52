//! The program. `banq-intermediary` alone serves; the other commands set the server up and inspect it.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    banq_intermediary::cli::main()
}
