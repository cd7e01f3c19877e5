//! The door: reads the arguments and the clock once, runs the command, and ends with its exit code.

use qcert::cli::{self, Clock};
use std::process::ExitCode;
use time::{OffsetDateTime, UtcOffset};

#[expect(clippy::disallowed_methods, reason = "arguments and clock are read here and nowhere else")]
fn main() -> ExitCode {
    // Before any thread is started: the system's time zone cannot be read safely afterwards.
    let clock =
        Clock { now: OffsetDateTime::now_utc(), offset: UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC) };
    cli::main(std::env::args_os(), clock).into()
}
