//! scrypt (RFC 7914), which aws-lc-rs does not offer, over its PBKDF2. Read only: OpenSSL writes it with
//! `pkcs8 -scrypt`. Memory and time are bounded when the cost is taken in, before anything is allocated.

use super::super::secret::Secret;
use super::derive::{Hash, pbkdf2};
use super::{EncryptionError, Limits};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// Twice what OpenSSL takes by default (N = 16384, r = 8: 16 MiB), which is also the most that it reads.
const MAX_MEMORY: u64 = 33 << 20;
/// Twice what OpenSSL takes by default, a quarter of a second.
const MAX_WORK: u64 = 1 << 18;
/// In rounds of SHA-256 (measured).
const WEIGHT: u64 = 10;

/// N, r and p of RFC 7914 2; obtainable only within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Cost {
    n: usize,
    r: usize,
    p: usize,
}

impl Cost {
    pub(super) fn admit(n: u64, r: u64, p: u64, limits: &mut Limits) -> Result<Self, EncryptionError> {
        if r == 0 || p == 0 || n < 2 || !n.is_power_of_two() {
            return Err(EncryptionError::Malformed("scrypt's parameters"));
        }
        let memory = n.saturating_add(p).saturating_mul(r).saturating_mul(128);
        if memory > MAX_MEMORY {
            return Err(EncryptionError::Limit { what: "scrypt's memory", value: memory, limit: MAX_MEMORY });
        }
        let work = n.saturating_mul(r).saturating_mul(p);
        if work > MAX_WORK {
            return Err(EncryptionError::Limit { what: "scrypt's work", value: work, limit: MAX_WORK });
        }
        limits.spend(work.saturating_mul(WEIGHT))?;
        let small = |number| usize::try_from(number).map_err(|_| EncryptionError::Malformed("scrypt's parameters"));
        Ok(Self { n: small(n)?, r: small(r)?, p: small(p)? })
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "N={} r={} p={}", self.n, self.r, self.p)
    }
}

/// RFC 7914 6.
pub(super) fn scrypt(cost: Cost, password: &[u8], salt: &[u8], length: usize) -> Result<Secret, EncryptionError> {
    let once = NonZeroU32::MIN;
    let blocks = pbkdf2(Hash::Sha256, once, password, salt, cost.p * 128 * cost.r);
    let mut words: Zeroizing<Vec<u32>> =
        Zeroizing::new(blocks.expose().as_chunks().0.iter().map(|octets| u32::from_le_bytes(*octets)).collect());
    let mut table = Zeroizing::new(Vec::new());
    let entries = cost.n * 32 * cost.r;
    if table.try_reserve_exact(entries).is_err() {
        return Err(EncryptionError::Limit { what: "scrypt's memory", value: 4 * entries as u64, limit: 0 });
    }
    for block in words.chunks_exact_mut(32 * cost.r) {
        table.clear();
        mix(block, cost.n, &mut table);
    }
    let mixed: Zeroizing<Vec<u8>> = Zeroizing::new(words.iter().flat_map(|word| word.to_le_bytes()).collect());
    Ok(pbkdf2(Hash::Sha256, once, password, &mixed, length))
}

/// scryptROMix, RFC 7914 5. The table is empty and has room for all `n` blocks.
fn mix(block: &mut [u32], n: usize, table: &mut Vec<u32>) {
    let length = block.len();
    let mut scratch = Zeroizing::new(vec![0; length]);
    for _ in 0..n {
        table.extend_from_slice(block);
        mix_block(block, &mut scratch);
    }
    for _ in 0..n {
        // Integerify, of which only the low bits count: n is a power of two below 2^32.
        let entry = block[length - 16] as usize & (n - 1);
        let old = &table[entry * length..(entry + 1) * length];
        block.iter_mut().zip(old).for_each(|(word, old)| *word ^= old);
        mix_block(block, &mut scratch);
    }
}

/// scryptBlockMix, RFC 7914 4: the even results come first, then the odd ones.
fn mix_block(block: &mut [u32], scratch: &mut [u32]) {
    let (half, last) = (block.len() / 2, block.len() - 16);
    let mut state = [0; 16];
    state.copy_from_slice(&block[last..]);
    for (index, part) in block.chunks_exact(16).enumerate() {
        state.iter_mut().zip(part).for_each(|(word, other)| *word ^= other);
        salsa20_8(&mut state);
        let place = index / 2 * 16 + if index % 2 == 0 { 0 } else { half };
        scratch[place..place + 16].copy_from_slice(&state);
    }
    block.copy_from_slice(scratch);
}

/// RFC 7914 3: columns, then rows, four times.
fn salsa20_8(state: &mut [u32; 16]) {
    const QUARTERS: [[usize; 4]; 8] = [
        [0, 4, 8, 12],
        [5, 9, 13, 1],
        [10, 14, 2, 6],
        [15, 3, 7, 11],
        [0, 1, 2, 3],
        [5, 6, 7, 4],
        [10, 11, 8, 9],
        [15, 12, 13, 14],
    ];
    let mut mixed = *state;
    for _ in 0..4 {
        for [a, b, c, d] in QUARTERS {
            mixed[b] ^= mixed[a].wrapping_add(mixed[d]).rotate_left(7);
            mixed[c] ^= mixed[b].wrapping_add(mixed[a]).rotate_left(9);
            mixed[d] ^= mixed[c].wrapping_add(mixed[b]).rotate_left(13);
            mixed[a] ^= mixed[d].wrapping_add(mixed[c]).rotate_left(18);
        }
    }
    state.iter_mut().zip(mixed).for_each(|(word, mixed)| *word = word.wrapping_add(mixed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(password: &str, salt: &str, cost: (u64, u64, u64), starts_with: [u8; 8]) {
        let cost = Cost::admit(cost.0, cost.1, cost.2, &mut Limits::default()).unwrap();
        let key = scrypt(cost, password.as_bytes(), salt.as_bytes(), 64).unwrap();
        assert_eq!(key.expose()[..8], starts_with);
        assert_eq!(key.expose().len(), 64);
    }

    /// RFC 7914 12; its fourth vector takes 1 GiB, which is over our limit.
    #[test]
    fn the_vectors_of_the_rfc() {
        check("", "", (16, 1, 1), [0x77, 0xd6, 0x57, 0x62, 0x38, 0x65, 0x7b, 0x20]);
        check("password", "NaCl", (1024, 8, 16), [0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34, 0x72, 0x00]);
        check("pleaseletmein", "SodiumChloride", (16384, 8, 1), [0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48]);
    }

    #[test]
    fn a_cost_beyond_the_limits_is_refused_before_it_is_paid() {
        for (n, r, p) in
            [(1 << 20, 8, 1), (1 << 63, u64::MAX, u64::MAX), (2, 1 << 30, 1), (2, 1, 1 << 30), (1 << 14, 8, 17)]
        {
            let refused = Cost::admit(n, r, p, &mut Limits::default());
            assert!(matches!(refused, Err(EncryptionError::Limit { .. })), "{n} {r} {p}");
        }
        for (n, r, p) in [(0, 8, 1), (1, 8, 1), (3, 8, 1), (16, 0, 1), (16, 8, 0)] {
            let refused = Cost::admit(n, r, p, &mut Limits::default());
            assert_eq!(refused, Err(EncryptionError::Malformed("scrypt's parameters")));
        }
    }
}
