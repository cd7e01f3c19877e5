//! The crypto library alone, on all cores: the limit that no program on it can pass.
//!
//! Threads take the next piece of work as they become free, the long pieces first.

use super::program;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::{digest, pbkdf2};
use std::hint::black_box;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

const ROUNDS: NonZero<u32> = NonZero::new(100_000).unwrap();
const PASSWORD: &[u8] = b"a password of some length";
const SALT: [u8; 16] = [7; 16];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Derivation {
    /// An AES-256 key by PBKDF2-HMAC-SHA256.
    Pbkdf2,
    /// A key by PKCS#12's own function, which is one SHA-256 after another.
    Pkcs12,
}

pub(crate) fn work(keys: usize, derivations: &[Derivation]) -> anyhow::Result<()> {
    let next = AtomicUsize::new(0);
    let worker = || -> anyhow::Result<()> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at < keys {
                let key = KeyPair::generate(KeySize::Rsa2048);
                black_box(key.map_err(|_| anyhow::anyhow!("the crypto library could not make a key"))?);
            } else if let Some(derivation) = derivations.get(at - keys) {
                derivation.derive();
            } else {
                return Ok(());
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..program::cores()).map(|_| scope.spawn(worker)).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

impl Derivation {
    fn derive(self) {
        match self {
            Self::Pbkdf2 => {
                let mut key = [0; 32];
                pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &SALT, black_box(PASSWORD), &mut key);
                black_box(key);
            }
            Self::Pkcs12 => {
                let mut hash = digest::digest(&digest::SHA256, black_box(PASSWORD));
                for _ in 1..ROUNDS.get() {
                    hash = digest::digest(&digest::SHA256, hash.as_ref());
                }
                black_box(hash);
            }
        }
    }
}
