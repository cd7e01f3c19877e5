//! Ctrl-C, and the signals that ask a process to end: nothing half-made stays behind, and the terminal echoes again.

use super::stage::Stages;
use super::{platform, threads};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};

/// 128 + SIGINT, as shells report it.
const INTERRUPTED: i32 = 130;

/// The stages to abandon: a process has one handler, and one run. The run itself ends when its work does.
static STAGES: Mutex<Weak<Stages>> = Mutex::new(Weak::new());
static HANDLER: Once = Once::new();

/// From now on an interrupt removes what is staged and ends the process. A folder being placed is placed first.
pub fn abandon_on_interrupt(stages: &Arc<Stages>) {
    *STAGES.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(stages);
    install();
}

/// For the time of a question the terminal does not echo; an interrupt must not leave it so.
pub(super) fn restore_terminal_on_interrupt() {
    platform::remember_terminal();
    install();
}

fn install() {
    HANDLER.call_once(|| {
        if let Err(error) = ctrlc::set_handler(end) {
            // Then an interrupt ends the process at once, and the next run clears away.
            tracing::debug!("no interrupt handler: {error}");
        }
    });
}

fn end() {
    let stages = STAGES.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
    if let Some(stages) = stages {
        stages.abandon_all();
    }
    platform::restore_terminal();
    threads::prepare_to_end();
    std::process::exit(INTERRUPTED);
}
