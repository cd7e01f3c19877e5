//! Logs of any size, read piece by piece. Keeps nothing of them.

use fs_err as fs;
use std::io::{self, Read as _};
use std::path::Path;

/// What has no end by itself has one here.
pub const LIMIT: u64 = 4 << 30;
const PIECE: usize = 64 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Whole,
    /// There is more than `LIMIT`.
    CutOff,
}

/// Hands the file over, or standard input for `-`.
pub fn read_in_pieces(path: &Path, take: impl FnMut(&[u8])) -> io::Result<Reading> {
    let whole = |total| if total > LIMIT { Reading::CutOff } else { Reading::Whole };
    if path == Path::new("-") {
        return pieces(io::stdin().lock(), LIMIT + 1, take).map(whole);
    }
    if path.is_dir() {
        let message = format!("`{}` is a folder, not a file", path.display());
        return Err(io::Error::new(io::ErrorKind::IsADirectory, message));
    }
    pieces(fs::File::open(path)?, LIMIT + 1, take).map(whole)
}

/// At most so much of it; gives how much that was.
pub(super) fn pieces(source: impl io::Read, most: u64, mut take: impl FnMut(&[u8])) -> io::Result<u64> {
    let mut source = source.take(most);
    let mut buffer = vec![0; PIECE];
    let mut total = 0;
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => {
                total += count as u64;
                take(buffer.get(..count).unwrap_or_default());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
