//! Ctrl-C, and the signals that ask a process to end: nothing half-made stays behind.

use super::stage::Stages;
use std::sync::{Mutex, PoisonError};

/// 128 + SIGINT, as shells report it.
const INTERRUPTED: i32 = 130;

/// The stages to abandon: a process has one handler, and one run.
static STAGES: Mutex<Option<Stages>> = Mutex::new(None);

/// From now on an interrupt removes what is staged and ends the process. A folder being placed is placed first.
pub fn abandon_on_interrupt(stages: &Stages) {
    *STAGES.lock().unwrap_or_else(PoisonError::into_inner) = Some(stages.clone());
    let handled = ctrlc::set_handler(|| {
        if let Some(stages) = STAGES.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            stages.abandon_all();
        }
        std::process::exit(INTERRUPTED);
    });
    if let Err(error) = handled {
        // Then an interrupt ends the process at once, and the next run clears away.
        tracing::debug!("no interrupt handler: {error}");
    }
}
