//! Threads that draw random octets, and the end of the process.
//!
//! When a process ends, AWS-LC closes the generator of each thread that has drawn from it: such a thread waits for ever
//! and does no harm. A thread that draws for the first time *after* that locks against itself, and the library aborts
//! the process (`thread_local_list_add_node` in rand.c, aws-lc-sys 0.47): exit code 134 in place of ours. So every
//! thread that will draw does it once at its beginning, and nobody ends the process before.

use crate::pki::entropy::{Entropy as _, SystemEntropy};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

static STARTING: AtomicUsize = AtomicUsize::new(0);
static ENDING: AtomicBool = AtomicBool::new(false);

/// A thread that was not yet seen to have drawn. Made by its parent, before it is spawned.
#[derive(Debug)]
pub struct Starting(());

impl Starting {
    /// Once the process is ending there are no new threads: the caller waits for the end.
    pub fn announce() -> Self {
        STARTING.fetch_add(1, Ordering::SeqCst);
        let announced = Self(());
        if ENDING.load(Ordering::SeqCst) {
            drop(announced);
            wait_for_the_end();
        }
        announced
    }

    /// The first thing that the new thread does.
    pub fn begin(self) {
        // Where the system gives no randomness, the thread's own work will say so.
        _ = SystemEntropy.fill(&mut [0]);
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        STARTING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Returns when the process may end.
pub fn prepare_to_end() {
    ENDING.store(true, Ordering::SeqCst);
    while STARTING.load(Ordering::SeqCst) > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// For a thread that has nothing to do but to be ended with the process.
pub fn wait_for_the_end() -> ! {
    loop {
        std::thread::park();
    }
}
