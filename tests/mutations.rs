//! The fuzz targets (`fuzz/targets`) in an ordinary test: their seeds, then a fixed number of changed ones, the same in
//! every run. What was found by searching stands in `fixtures/fuzz`.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test reads fixtures and fails loudly"
)]

#[path = "clock/mod.rs"]
mod clock;
#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use targets::Target;

/// Of each target; they come in the order of their lengths.
const SEEDS: usize = 60;
const THREADS: usize = 2;
/// Of processor time. What a file may ask for takes less than a second where the code is optimized.
const LONGEST: Duration = Duration::from_secs(10);

/// Steele and Vigna's SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }
}

/// Small lengths mostly, as faults are.
fn length(numbers: &mut Numbers, most: usize) -> usize {
    let limit = [4, 32, 256, usize::MAX][numbers.below(4)];
    numbers.below(most.min(limit) + 1)
}

fn change(numbers: &mut Numbers, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let place = numbers.below(bytes.len());
    let left = bytes.len() - place;
    match numbers.below(8) {
        0 => bytes.truncate(place),
        1 | 2 if left > 0 => bytes[place] ^= 1 << numbers.below(8),
        3 if left > 0 => {
            let telling = [0, 1, 0x30, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xff, b'-', b'\n', b'=', b'"', b'{'];
            bytes[place] = telling[numbers.below(telling.len())];
        }
        4 => {
            let other = &seeds[numbers.below(seeds.len())];
            let from = numbers.below(other.len());
            let length = length(numbers, other.len() - from);
            bytes.splice(place..place, other[from..from + length].iter().copied());
        }
        5 => drop(bytes.drain(place..place + length(numbers, left))),
        6 if left > 0 => bytes[place] = bytes[place].wrapping_add([1, 0xff, 2, 0x7f][numbers.below(4)]),
        _ => {
            let length = length(numbers, left);
            let copy = bytes[place..place + length].to_vec();
            bytes.splice(place..place, copy);
        }
    }
}

fn said(fault: &(dyn Any + Send)) -> &str {
    let owned = || fault.downcast_ref::<String>().map(String::as_str);
    owned().or_else(|| fault.downcast_ref::<&str>().copied()).unwrap_or("a panic")
}

fn run(target: &Target, what: &str, input: &[u8]) {
    let started = clock::of_this_thread();
    if let Err(fault) = catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-finding", target.name));
        std::fs::write(&kept, input).unwrap();
        panic!("{}, {what}: {}, kept as {}", target.name, said(&*fault), kept.display());
    }
    let took = clock::of_this_thread().saturating_sub(started);
    assert!(took < LONGEST, "{}, {what}: took {took:?}", target.name);
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn mutate(target: &Target) {
    let seeds = (target.seeds)(&fixtures());
    for (number, seed) in seeds.iter().enumerate().take(SEEDS) {
        run(target, &format!("seed {number}"), seed);
    }
    let mut numbers = Numbers(7);
    for round in 0..target.rounds {
        let mut input = seeds[numbers.below(seeds.len())].clone();
        for _ in 0..=numbers.below(4) {
            change(&mut numbers, &mut input, &seeds);
        }
        run(target, &format!("round {round}"), &input);
    }
}

#[test]
fn changed_seeds_are_answered() {
    let queue = Mutex::new(targets::ALL.iter());
    let work = || {
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some(target) = next() {
            mutate(target);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            thread.join().unwrap_or_else(|fault| resume_unwind(fault));
        }
    });
}

/// `fixtures/fuzz/TARGET-what-it-was`: inputs that found something, in the code or in what a target expects of it.
#[test]
fn findings_stay_mended() {
    for entry in std::fs::read_dir(fixtures().join("fuzz")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let target = targets::ALL.iter().find(|target| name.split('-').next() == Some(target.name));
        let target = target.unwrap_or_else(|| panic!("{name} begins with no target"));
        run(target, name, &std::fs::read(&path).unwrap());
    }
}
