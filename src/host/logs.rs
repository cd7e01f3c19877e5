//! A folder of logs: which are there, newest first, and the end of each, piece by piece. Keeps nothing of them.
//!
//! Links are not followed, and nothing that is not a file is opened. What is left out is counted by its reason. What
//! the logs say is not looked at here.

use super::{platform, stream};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// Qlik's own lie three folders deep (Qlik help, log folders).
const DEEPEST: usize = 12;
/// Files and folders that are looked at, of which each costs a call.
const MOST_ENTRIES: usize = 200_000;
const MOST_REFUSALS: usize = 100;

/// What bounds a look into a folder.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub files: usize,
    /// Of one file, its end.
    pub of_one: u64,
    /// Of all files together.
    pub of_all: u64,
}

/// A log, and how much of its end is to be read.
#[derive(Debug, Clone)]
pub struct LogFile {
    pub path: PathBuf,
    pub octets: u64,
    /// Its beginning is left out.
    pub cut: bool,
    pub modified: OffsetDateTime,
}

/// Why something is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    TooOld,
    /// Only its end is looked at.
    Beginning,
    TooMany,
    TooMuch,
    /// What the listing did not come to: nothing is known of it.
    Endless,
    /// More than are named.
    Unreadable,
    /// Folders that hold what the Repository Service has archived.
    Archive,
    Compressed,
    Link,
    /// Pipes, sockets, devices.
    NoFile,
    TooDeep,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    pub count: u64,
    pub octets: u64,
}

#[derive(Debug, Default)]
pub struct Listing {
    /// Newest first.
    pub files: Vec<LogFile>,
    /// Of those that are not older than this.
    pub since: Option<OffsetDateTime>,
    pub left_out: BTreeMap<LeftOut, Amount>,
    /// And why.
    pub unreadable: Vec<(PathBuf, String)>,
    entries: usize,
}

/// The logs in this folder and those in it, changed in the last `days` before `at`; where all are older, before the
/// newest of them, so that a copied folder is not passed over for its age.
pub fn list(folder: &Path, at: OffsetDateTime, days: u32, bounds: Bounds) -> Listing {
    let mut listing = Listing::default();
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => listing.folder(folder, 0),
        Ok(_) => listing.refuse(folder, "it is not a folder".to_owned()),
        Err(error) => listing.refuse(folder, reason(&error)),
    }
    listing.files.sort_by(|one, other| other.modified.cmp(&one.modified).then_with(|| one.path.cmp(&other.path)));
    listing.choose(at, days, bounds);
    listing
}

impl Listing {
    fn refuse(&mut self, path: &Path, why: String) {
        // A folder of a million such files must not fill the memory.
        if self.unreadable.len() < MOST_REFUSALS {
            self.unreadable.push((path.to_owned(), why));
        } else {
            self.leave_out(LeftOut::Unreadable, 0);
        }
    }

    fn leave_out(&mut self, why: LeftOut, octets: u64) {
        let amount = self.left_out.entry(why).or_default();
        amount.count += 1;
        amount.octets = amount.octets.saturating_add(octets);
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth > DEEPEST {
            return self.leave_out(LeftOut::TooDeep, 0);
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(folder, reason(&error)),
        };
        for entry in entries {
            if self.entries >= MOST_ENTRIES {
                return self.leave_out(LeftOut::Endless, 0);
            }
            self.entries += 1;
            match entry {
                Ok(entry) => self.entry(&entry.path(), depth),
                Err(error) => return self.refuse(folder, reason(&error)),
            }
        }
    }

    fn entry(&mut self, path: &Path, depth: usize) {
        // Asked of the file and not of the folder: what Windows' folders say of a file that is being written is old.
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            // Rolled over or archived since the folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.refuse(path, reason(&error)),
        };
        let kind = metadata.file_type();
        if kind.is_symlink() {
            self.leave_out(LeftOut::Link, 0);
        } else if kind.is_dir() && is_archive(path.file_name()) {
            self.leave_out(LeftOut::Archive, 0);
        } else if kind.is_dir() {
            self.folder(path, depth + 1);
        } else if !kind.is_file() {
            self.leave_out(LeftOut::NoFile, 0);
        } else if is_compressed(path) {
            self.leave_out(LeftOut::Compressed, metadata.len());
        } else {
            let modified = metadata.modified().map_or(OffsetDateTime::UNIX_EPOCH, OffsetDateTime::from);
            self.files.push(LogFile { path: path.to_owned(), octets: metadata.len(), cut: false, modified });
        }
    }

    /// The files are sorted.
    fn choose(&mut self, at: OffsetDateTime, days: u32, bounds: Bounds) {
        let Some(newest) = self.files.first().map(|file| file.modified) else { return };
        let since = at.min(newest).checked_sub(time::Duration::days(i64::from(days)));
        let since = since.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        self.since = Some(since);
        let (mut chosen, mut left) = (Vec::new(), bounds.of_all);
        for mut file in std::mem::take(&mut self.files) {
            if file.modified < since {
                self.leave_out(LeftOut::TooOld, file.octets);
            } else if chosen.len() >= bounds.files {
                self.leave_out(LeftOut::TooMany, file.octets);
            } else if left == 0 && file.octets > 0 {
                self.leave_out(LeftOut::TooMuch, file.octets);
            } else {
                let share = file.octets.min(bounds.of_one).min(left);
                file.cut = share < file.octets;
                if file.cut {
                    self.leave_out(LeftOut::Beginning, file.octets - share);
                }
                file.octets = share;
                left -= share;
                chosen.push(file);
            }
        }
        self.files = chosen;
    }
}

/// `ArchivedLogs` in Qlik's share (Qlik community 1715137), also written with a space.
fn is_archive(name: Option<&OsStr>) -> bool {
    let name = name.unwrap_or_default().to_string_lossy().replace(' ', "");
    name.eq_ignore_ascii_case("ArchivedLogs") || name.eq_ignore_ascii_case("ArchivedLog")
}

fn is_compressed(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    ["zip", "gz", "7z", "cab", "rar", "bz2", "xz", "zst"].iter().any(|one| ending.eq_ignore_ascii_case(one))
}

/// More than a service writes while its log is read.
const GROWTH: u64 = 1 << 20;

/// Hands over the log, or its end, and says how much that was. `None` if it is gone: rolled over or archived.
pub fn read(file: &LogFile, take: impl FnMut(&[u8])) -> Result<Option<u64>, String> {
    match read_end(file, take) {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(reason(&error)),
    }
}

fn read_end(file: &LogFile, take: impl FnMut(&[u8])) -> io::Result<u64> {
    // It shares the file with who writes it: std's default on Windows.
    let mut open = platform::open_without_waiting(&file.path)?;
    // Asked of what was opened: the path may lead elsewhere by now.
    let metadata = open.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other(format!("it is {}, not a file", platform::kind_of(&metadata))));
    }
    if file.cut {
        // An even place, for UTF-16.
        open.seek(SeekFrom::Start(metadata.len().saturating_sub(file.octets) & !1))?;
    }
    stream::pieces(open, file.octets.saturating_add(GROWTH), take)
}

fn reason(error: &io::Error) -> String {
    /// `ERROR_SHARING_VIOLATION`
    const IN_USE: i32 = 32;
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this account may not read it".to_owned(),
        _ if cfg!(windows) && error.raw_os_error() == Some(IN_USE) => "another program keeps it to itself".to_owned(),
        _ => error.to_string(),
    }
}
