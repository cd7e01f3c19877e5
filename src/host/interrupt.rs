//! Ctrl-C, and the signals that ask a process to end: nothing half-made stays behind, and the terminal echoes again.

use super::stage::Stages;
use super::{platform, threads};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};

/// 128 + SIGINT, as shells report it.
const INTERRUPTED: i32 = 130;

/// The stages to abandon: a process has one handler, and one run. The run itself ends when its work does.
static STAGES: Mutex<Weak<Stages>> = Mutex::new(Weak::new());
static HANDLER: Once = Once::new();
/// Somebody is between two steps that only he can end well.
static DEFERRED: AtomicBool = AtomicBool::new(false);
static ASKED: AtomicBool = AtomicBool::new(false);

/// As long as this lives an interrupt is noted and does not end the process: whoever holds it stops at the next step's
/// end and tells how far he came.
#[derive(Debug)]
pub struct Deferred(());

pub fn defer() -> Deferred {
    install();
    ASKED.store(false, Ordering::SeqCst);
    DEFERRED.store(true, Ordering::SeqCst);
    Deferred(())
}

impl Deferred {
    pub fn was_asked(&self) -> bool {
        ASKED.load(Ordering::SeqCst)
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        DEFERRED.store(false, Ordering::SeqCst);
    }
}

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
    if DEFERRED.load(Ordering::SeqCst) {
        ASKED.store(true, Ordering::SeqCst);
        return;
    }
    let stages = STAGES.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
    if let Some(stages) = stages {
        stages.abandon_all();
    }
    platform::restore_terminal();
    threads::prepare_to_end();
    std::process::exit(INTERRUPTED);
}
