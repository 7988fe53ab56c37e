//! The program `kmz-meet`.

mod allocator;

use std::process::ExitCode;

fn main() -> ExitCode {
    kmz_meet_server::cli::main()
}
