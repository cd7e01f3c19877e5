//! Damaged files by the thousand, the same in every run: nothing panics and nothing takes long.

use super::{pem, read_with, root, root_key};
use crate::clock;
use crate::workshop::{Fixed, Workshop};
use qcert::pki::entropy::Entropy as _;
use qcert::pki::pfx::PfxEncryption;
use qcert::pki::profile::Profile;
use std::time::Duration;

const ROUNDS: usize = 4000;
const LONGEST: Duration = Duration::from_millis(1500);

fn seeds() -> Vec<Vec<u8>> {
    let workshop = Workshop::new(Profile::Compatible);
    let mut seeds: Vec<_> = [(PfxEncryption::Legacy, None), (PfxEncryption::Legacy, Some(super::password("right")))]
        .into_iter()
        .flat_map(|(encryption, password)| workshop.files(encryption, password.as_ref()))
        .filter(|file| !file.name.starts_with("server"))
        .map(|file| file.bytes.expose().to_vec())
        .collect();
    let (pkcs1, pkcs8) = root_key();
    seeds.extend([pkcs1.clone(), pkcs8]);
    seeds.push([pem("CERTIFICATE", &root()), pem("RSA PRIVATE KEY", &pkcs1)].concat().into_bytes());
    seeds.push(pem("CERTIFICATE", &root()).encode_utf16().flat_map(u16::to_le_bytes).collect());
    seeds.push(b"cHJvZHAwMDEudGVzdGRvbWFpbi5sb2NhbA==".to_vec());
    seeds
}

/// A number below the limit.
fn draw(random: &mut Fixed, limit: usize) -> usize {
    let mut octets = [0; 4];
    random.fill(&mut octets).unwrap();
    u32::from_be_bytes(octets) as usize % limit.max(1)
}

fn mutate(random: &mut Fixed, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[draw(random, seeds.len())].clone();
    for _ in 0..=draw(random, 4) {
        let place = draw(random, bytes.len());
        match draw(random, 7) {
            0 => bytes.truncate(place),
            1 | 2 if !bytes.is_empty() => bytes[place] ^= 1 << draw(random, 8),
            3 if !bytes.is_empty() => bytes[place] = [0, 0x30, 0x7f, 0x80, 0x84, 0xff, b'-', b'\n'][draw(random, 8)],
            4 => {
                let other = &seeds[draw(random, seeds.len())];
                let from = draw(random, other.len());
                let length = draw(random, other.len() - from);
                bytes.splice(place..place, other[from..from + length].iter().copied());
            }
            5 => drop(bytes.drain(place..place + draw(random, bytes.len() - place))),
            _ => {
                let length = draw(random, (bytes.len() - place).min(64));
                let copy = bytes[place..place + length].to_vec();
                bytes.splice(place..place, copy);
            }
        }
    }
    bytes
}

#[test]
fn damaged_files_are_answered() {
    let (seeds, mut random) = (seeds(), Fixed(7));
    let (mut damaged, mut whole) = (0, 0);
    for round in 0..ROUNDS {
        let bytes = mutate(&mut random, &seeds);
        let name = ["client.pfx", "client.pem", "Host.cfg", "x"][round % 4];
        let started = clock::of_this_thread();
        let file = read_with(name, &bytes, if round % 2 == 0 { &[] } else { &["right"] });
        let took = clock::of_this_thread().saturating_sub(started);
        assert!(took < LONGEST, "round {round} took {took:?}");
        let readable = file.certificates().count() + file.keys().count();
        if readable == 0 { damaged += 1 } else { whole += 1 }
    }
    // Both ways were gone often.
    assert!(damaged > ROUNDS / 10 && whole > ROUNDS / 10, "{damaged} {whole}");
}
