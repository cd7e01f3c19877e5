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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};
    use tempfile::TempDir;

    const BOUNDS: Bounds = Bounds { files: 100, of_one: 1000, of_all: 10_000 };

    fn write(scene: &TempDir, name: &str, octets: usize, age_in_days: u64) {
        let path = scene.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x".repeat(octets)).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(24 * age_in_days)).unwrap();
    }

    fn names(listing: &Listing, scene: &TempDir) -> Vec<String> {
        let name = |file: &LogFile| file.path.strip_prefix(scene.path()).unwrap().to_string_lossy().replace('\\', "/");
        listing.files.iter().map(name).collect()
    }

    fn left_out(listing: &Listing) -> Vec<(LeftOut, u64, u64)> {
        listing.left_out.iter().map(|(why, amount)| (*why, amount.count, amount.octets)).collect()
    }

    fn now() -> OffsetDateTime {
        SystemTime::now().into()
    }

    #[test]
    fn the_newest_come_first_and_the_old_are_counted() {
        let scene = tempfile::tempdir().unwrap();
        write(&scene, "Repository/Trace/b.txt", 10, 3);
        write(&scene, "Proxy/Trace/a.txt", 20, 1);
        write(&scene, "Script/old.log", 30, 9);
        write(&scene, "ArchivedLogs/x.log", 40, 1);
        write(&scene, "Repository/archived logs/x.log", 40, 1);
        write(&scene, "all.ZIP", 50, 1);
        let listing = list(scene.path(), now(), 7, BOUNDS);
        assert_eq!(names(&listing, &scene), ["Proxy/Trace/a.txt", "Repository/Trace/b.txt"]);
        let expected = [(LeftOut::TooOld, 1, 30), (LeftOut::Archive, 2, 0), (LeftOut::Compressed, 1, 50)];
        assert_eq!(left_out(&listing), expected);
        // What is asked for by name is no archive.
        assert_eq!(list(&scene.path().join("ArchivedLogs"), now(), 7, BOUNDS).files.len(), 1);
    }

    #[test]
    fn an_old_copy_is_looked_at_from_its_newest_file_on() {
        let scene = tempfile::tempdir().unwrap();
        for (name, age) in [("a", 400), ("b", 405), ("c", 410)] {
            write(&scene, name, 1, age);
        }
        assert_eq!(names(&list(scene.path(), now(), 7, BOUNDS), &scene), ["a", "b"]);
        // For a moment in the past, what was changed later has lines of that moment too.
        let then = now() - time::Duration::days(404);
        assert_eq!(names(&list(scene.path(), then, 3, BOUNDS), &scene), ["a", "b"]);
        assert_eq!(names(&list(scene.path(), now(), u32::MAX, BOUNDS), &scene), ["a", "b", "c"]);
    }

    #[test]
    fn bounds_hold_and_what_they_cost_is_told() {
        let scene = tempfile::tempdir().unwrap();
        for (name, octets, age) in [("a", 1500, 1), ("b", 400, 2), ("c", 500, 3), ("d", 7, 4), ("e", 0, 5), ("f", 1, 6)]
        {
            write(&scene, name, octets, age);
        }
        let listing = list(scene.path(), now(), 7, Bounds { files: 4, of_one: 1000, of_all: 1700 });
        let read: Vec<_> = listing.files.iter().map(|file| (file.octets, file.cut)).collect();
        assert_eq!(read, [(1000, true), (400, false), (300, true), (0, false)]);
        let expected = [(LeftOut::Beginning, 2, 700), (LeftOut::TooMany, 1, 1), (LeftOut::TooMuch, 1, 7)];
        assert_eq!(left_out(&listing), expected);
    }

    #[test]
    fn of_a_cut_log_the_end_is_read_and_a_growing_one_whole() {
        let scene = tempfile::tempdir().unwrap();
        let path = scene.path().join("log");
        let text = |file: &LogFile| {
            let mut text = Vec::new();
            (read(file, |piece| text.extend_from_slice(piece)), String::from_utf8(text).unwrap())
        };
        fs::write(&path, "beginning|the end").unwrap();
        let listed = |of_one| list(scene.path(), now(), 7, Bounds { of_one, ..BOUNDS }).files.remove(0);
        let (whole, end) = (listed(100), listed(7));
        assert_eq!(text(&end), (Ok(Some(7)), "the end".to_owned()));
        fs::write(&path, "beginning|the end, and more").unwrap();
        assert_eq!(text(&whole), (Ok(Some(27)), "beginning|the end, and more".to_owned()));
        fs::remove_file(&path).unwrap();
        assert_eq!(text(&whole), (Ok(None), String::new()));
        fs::create_dir(&path).unwrap();
        assert!(text(&whole).0.is_err());
    }

    #[test]
    fn what_is_no_folder_is_told() {
        let scene = tempfile::tempdir().unwrap();
        write(&scene, "file", 1, 1);
        for (name, why) in [("file", "it is not a folder"), ("missing", "there is no such folder")] {
            let listing = list(&scene.path().join(name), now(), 7, BOUNDS);
            assert_eq!(listing.unreadable, [(scene.path().join(name), why.to_owned())]);
            assert!(listing.files.is_empty());
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_and_sockets_are_neither_followed_nor_opened() {
        use std::os::unix::fs::symlink;
        let scene = tempfile::tempdir().unwrap();
        write(&scene, "a", 1, 1);
        symlink(scene.path(), scene.path().join("up")).unwrap();
        symlink("a", scene.path().join("b")).unwrap();
        symlink("nowhere", scene.path().join("c")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(scene.path().join("socket")).unwrap();
        let listing = list(scene.path(), now(), 7, BOUNDS);
        drop(socket);
        assert_eq!(names(&listing, &scene), ["a"]);
        assert_eq!(left_out(&listing), [(LeftOut::Link, 3, 0), (LeftOut::NoFile, 1, 0)]);
        // The folder that is given may be a link.
        symlink(scene.path(), scene.path().join("given")).unwrap();
        assert_eq!(list(&scene.path().join("given"), now(), 7, BOUNDS).files.len(), 1);
    }
}
