//! The binary `permanence`; its commands are in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    permanence_api::cli::main()
}
