//! The binary `permanence`; its commands are in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Answers are made of many small texts: a third of the time of judging a caseload went into the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    permanence_api::cli::main()
}
