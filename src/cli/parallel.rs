//! Does one thing for each of many, on all cores, with a progress bar, and gives the results in the order of the input.

use crate::host::key_supply::cores;
use crate::host::threads::Starting;
use indicatif::{ProgressBar, ProgressStyle};
use std::panic::resume_unwind;
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};

pub(super) fn each<T: Send, R: Send>(work: Vec<T>, progress: bool, one: impl Fn(T) -> R + Sync) -> Vec<R> {
    let total = work.len();
    let bar = if progress { progress_bar(total) } else { ProgressBar::hidden() };
    let queue = Mutex::new(work.into_iter().enumerate());
    let (sender, results) = channel();
    let mut finished: Vec<Option<R>> = Vec::new();
    finished.resize_with(total, || None);
    std::thread::scope(|scope| {
        for _ in 0..cores().min(total) {
            let (sender, queue, one) = (sender.clone(), &queue, &one);
            let starting = Starting::announce();
            scope.spawn(move || {
                starting.begin();
                while let Some((at, item)) = next(queue) {
                    if sender.send((at, one(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (at, result) in results {
            finished[at] = Some(result);
            bar.inc(1);
        }
    });
    bar.finish_and_clear();
    finished.into_iter().flatten().collect()
}

/// Below so many pieces a thread costs more than it saves.
const WORTH_A_THREAD: usize = 16;

/// Runs `one` for each number below `total`, on all cores when there are many. As `compute`.
pub(super) fn spread(total: usize, one: &(dyn Fn(usize) + Sync)) {
    let numbers: Vec<usize> = (0..total).collect();
    compute(&numbers, WORTH_A_THREAD, |number| one(*number));
}

/// As `spread`, on this thread alone.
pub(super) fn one_by_one(total: usize, one: &(dyn Fn(usize) + Sync)) {
    (0..total).for_each(one);
}

/// As `compute`, of things that are used up.
pub(super) fn compute_each<T: Send, R: Send>(items: Vec<T>, few: usize, one: impl Fn(T) -> R + Sync) -> Vec<R> {
    let items: Vec<_> = items.into_iter().map(|item| Mutex::new(Some(item))).collect();
    let take = |item: &Mutex<Option<T>>| item.lock().unwrap_or_else(PoisonError::into_inner).take();
    compute(&items, few, |item| take(item).map(&one)).into_iter().flatten().collect()
}

/// Computes one thing of each, in order, on all cores when there are more than `few`.
///
/// For work that draws no random octets: the threads need not be announced, and AWS-LC, which takes some 40 ms to seed
/// its generator, is not made to.
pub(super) fn compute<'t, T: Sync, R: Send>(items: &'t [T], few: usize, one: impl Fn(&'t T) -> R + Sync) -> Vec<R> {
    if items.len() <= few {
        return items.iter().map(one).collect();
    }
    let share = items.len().div_ceil(cores().max(1));
    std::thread::scope(|scope| {
        let one = &one;
        let compute = |chunk: &'t [T]| move || -> Vec<R> { chunk.iter().map(one).collect() };
        let threads: Vec<_> = items.chunks(share).map(|chunk| scope.spawn(compute(chunk))).collect();
        let done = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|fault| resume_unwind(fault)));
        done.flatten().collect()
    })
}

fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

fn progress_bar(total: usize) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} machines, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
