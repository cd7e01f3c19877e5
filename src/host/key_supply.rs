//! `KeySupply`: private keys made on all cores, ahead of those who need them.
//!
//! Key generation is nearly all the work there is, so it starts before anything else and keys are interchangeable:
//! whoever comes takes the next. Each thread goes on until enough keys are *finished*, so a spare core begins a key
//! that may finish before one begun earlier. That favours no key: a candidate that is tried is random and independent
//! of those before it, so how long a search took says nothing about what it found.

use super::threads::Starting;
use crate::pki::key::{KeyError, KeySize, PrivateKey};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Finished keys that may wait per thread: enough to bridge a slow disk, little memory.
const WAITING_PER_THREAD: usize = 2;

#[derive(Debug)]
pub struct KeySupply {
    size: KeySize,
    finished: Mutex<Receiver<Result<PrivateKey, KeyError>>>,
}

impl KeySupply {
    /// Starts as many threads as there are cores, to make `wanted` keys.
    pub fn start(size: KeySize, wanted: usize) -> Self {
        let threads = cores();
        let (sender, finished) = sync_channel(threads * WAITING_PER_THREAD);
        let remaining = Arc::new(AtomicUsize::new(wanted));
        for _ in 0..threads {
            let (sender, remaining) = (sender.clone(), Arc::clone(&remaining));
            let starting = Starting::announce();
            // Detached: a key that is no longer needed is abandoned with the process.
            std::thread::spawn(move || {
                starting.begin();
                work(size, &remaining, &sender);
            });
        }
        Self { size, finished: Mutex::new(finished) }
    }

    /// The next finished key; waits for it. More keys than were ordered are made by the caller's thread.
    pub fn take(&self) -> Result<PrivateKey, KeyError> {
        let next = self.finished.lock().unwrap_or_else(PoisonError::into_inner).recv();
        next.unwrap_or_else(|_| PrivateKey::generate(self.size))
    }
}

fn work(size: KeySize, remaining: &AtomicUsize, finished: &SyncSender<Result<PrivateKey, KeyError>>) {
    while remaining.load(Ordering::Relaxed) > 0 {
        let key = PrivateKey::generate(size);
        let counted = remaining.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if counted.is_err() || finished.send(key).is_err() {
            return;
        }
    }
}

/// How many threads run at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_what_was_ordered_and_more() {
        let supply = KeySupply::start(KeySize::Rsa2048, 2);
        let keys: Vec<_> = (0..3).map(|_| supply.take().unwrap().public_key_info()).collect();
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    }
}
