//! `Serial`: a certificate's serial number, as Qlik makes them.
//!
//! Qlik's serials are 120-bit numbers with the top bit set, so that the DER INTEGER has 16 octets with a leading
//! zero; all 22 that were tested are probable primes. Random octets come from the caller.

use super::entropy::{Entropy, NoEntropy};
use std::fmt;

const OCTETS: usize = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Serial([u8; OCTETS]);

/// What Qlik's own library does beyond drawing a random number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialKind {
    Random,
    /// The next probable prime at or above the random number.
    Prime,
}

impl Serial {
    pub fn draw(kind: SerialKind, entropy: &mut impl Entropy) -> Result<Self, NoEntropy> {
        loop {
            let mut octets = entropy.octets::<OCTETS>()?;
            octets[0] |= 0x80;
            match kind {
                SerialKind::Random => return Ok(Self(octets)),
                SerialKind::Prime => {
                    octets[OCTETS - 1] |= 1;
                    // 2^120 is passed with a probability of about 2^-113; then another number is drawn.
                    if let Some(prime) = next_prime(to_integer(octets)) {
                        return Ok(Self(from_integer(prime)));
                    }
                }
            }
        }
    }

    /// The content of the INTEGER: 16 octets, the first of them zero.
    pub fn integer(&self) -> [u8; OCTETS + 1] {
        let mut content = [0; OCTETS + 1];
        content[1..].copy_from_slice(&self.0);
        content
    }
}

/// Lower-case hexadecimal without the sign octet, as OpenSSL and Windows show it.
impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

fn to_integer(octets: [u8; OCTETS]) -> u128 {
    octets.iter().fold(0, |sum, octet| (sum << 8) | u128::from(*octet))
}

fn from_integer(value: u128) -> [u8; OCTETS] {
    let mut octets = [0; OCTETS];
    octets.copy_from_slice(&value.to_be_bytes()[1..]);
    octets
}

fn next_prime(from: u128) -> Option<u128> {
    (from..1 << 120).step_by(2).find(|candidate| is_probable_prime(*candidate))
}

/// Miller-Rabin with the first twelve primes as bases. Public numbers only: this is not constant-time.
fn is_probable_prime(n: u128) -> bool {
    const SMALL: [u128; 24] =
        [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97];
    const BASES: [u128; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if SMALL.iter().any(|prime| n.is_multiple_of(*prime)) {
        return false;
    }
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    BASES.iter().all(|base| {
        let mut power = power_modulo(*base, odd, n);
        if power == 1 || power == n - 1 {
            return true;
        }
        (1..twos).any(|_| {
            power = multiply_modulo(power, power, n);
            power == n - 1
        })
    })
}

fn power_modulo(mut base: u128, mut exponent: u128, modulus: u128) -> u128 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply_modulo(result, base, modulus);
        }
        base = multiply_modulo(base, base, modulus);
        exponent >>= 1;
    }
    result
}

/// By doubling and adding: the operands have at most 120 bits, so no step overflows.
fn multiply_modulo(mut a: u128, mut b: u128, modulus: u128) -> u128 {
    let mut result = 0;
    while b > 0 {
        if b & 1 == 1 {
            result += a;
            if result >= modulus {
                result -= modulus;
            }
        }
        a <<= 1;
        if a >= modulus {
            a -= modulus;
        }
        b >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counter(u8);
    impl Entropy for Counter {
        fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
            for octet in buffer {
                self.0 = self.0.wrapping_mul(5).wrapping_add(77);
                *octet = self.0;
            }
            Ok(())
        }
    }

    #[test]
    fn serials_have_qliks_shape() {
        for kind in [SerialKind::Random, SerialKind::Prime] {
            let serial = Serial::draw(kind, &mut Counter(1)).unwrap();
            let content = serial.integer();
            assert_eq!((content.len(), content[0], content[1] & 0x80), (16, 0, 0x80));
            assert_eq!(serial.to_string().len(), 30);
        }
    }

    #[test]
    fn primes_are_found() {
        // 2^120 - 119 is the largest prime below 2^120.
        let largest = (1u128 << 120) - 119;
        assert!(is_probable_prime(largest));
        assert_eq!(next_prime(largest - 2), Some(largest));
        assert_eq!(next_prime(largest + 2), None);
        // A Carmichael-like strong pseudoprime to base 2 and a product of two primes.
        assert!(!is_probable_prime(3_215_031_751 * 1_000_003));
        assert!(!is_probable_prime(((1u128 << 59) - 55) * ((1 << 60) - 93)));
    }
}
