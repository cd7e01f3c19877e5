//! Paths into files as they came from the disk: files, folders, standard input.
//!
//! What cannot be read is kept with the reason, so that one bad file does not hide the others. Nothing that is not a
//! file is opened unless it was given by name, so that no pipe or device holds a run up. What is in a file is not looked
//! at here.

use super::files::READ_LIMIT;
use super::{git_index, platform};
use crate::pki::inventory::InFile;
use crate::pki::secret::Secret;
use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Of one run.
const MOST_FILES: usize = 100_000;
const DEEPEST: usize = 32;

/// Something that is to be read.
#[derive(Debug)]
pub struct Place {
    path: PathBuf,
    kind: Kind,
    tracked_by_git: bool,
}

#[derive(Debug)]
enum Kind {
    File,
    /// Standard input, or a pipe that was given by name.
    Stream,
    /// It is not read, and why.
    Refused(String),
}

/// What lies at these paths, in their order: of a folder its files by name, with `recursive` those of its folders too.
/// `-` is standard input.
pub fn places(paths: &[PathBuf], recursive: bool) -> Vec<Place> {
    let mut listing = Listing { recursive, found: Vec::new(), entered: HashSet::new(), full: false };
    for path in paths {
        listing.given(path);
    }
    let mut places = listing.found;
    let files: Vec<_> = places.iter().map(|place| matches!(place.kind, Kind::File).then_some(&*place.path)).collect();
    let tracked = git_index::tracked(&files);
    for (place, tracked) in places.iter_mut().zip(tracked) {
        place.tracked_by_git = tracked;
    }
    places
}

struct Listing {
    recursive: bool,
    found: Vec<Place>,
    /// Folders by their true paths: links may lead in circles.
    entered: HashSet<PathBuf>,
    full: bool,
}

impl Listing {
    fn add(&mut self, path: PathBuf, kind: Kind) {
        if self.found.len() < MOST_FILES {
            self.found.push(Place { path, kind, tracked_by_git: false });
        } else if !self.full {
            self.full = true;
            let why = format!("there are more than {MOST_FILES} files: from here on none was read");
            self.found.push(Place { path, kind: Kind::Refused(why), tracked_by_git: false });
        }
    }

    fn given(&mut self, path: &Path) {
        let kind = match fs::metadata(path) {
            _ if path == Path::new("-") => Kind::Stream,
            Ok(metadata) if metadata.is_dir() => return self.folder(path, 0),
            Ok(metadata) if metadata.is_file() => Kind::File,
            Ok(_) if is_descriptor(path) => Kind::Stream,
            Ok(metadata) => Kind::Refused(no_file(&metadata)),
            Err(error) => Kind::Refused(reason_of(path, &error)),
        };
        self.add(path.to_owned(), kind);
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth > DEEPEST {
            return self.add(folder.to_owned(), Kind::Refused(format!("it lies deeper than {DEEPEST} folders")));
        }
        // Where a true path cannot be had, the depth ends a circle.
        if self.recursive && fs::canonicalize(folder).is_ok_and(|path| !self.entered.insert(path)) {
            return;
        }
        let mut entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => return self.add(folder.to_owned(), Kind::Refused(reason(&error))),
        };
        entries.sort_unstable_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if self.full {
                return;
            }
            self.entry(&entry, depth);
        }
    }

    fn entry(&mut self, entry: &fs::DirEntry, depth: usize) {
        let path = entry.path();
        let kind = match entry.file_type() {
            Ok(kind) if kind.is_file() => return self.add(path, Kind::File),
            Ok(kind) if kind.is_dir() => return self.subfolder(&path, depth),
            _ => fs::metadata(&path),
        };
        match kind {
            Ok(metadata) if metadata.is_file() => self.add(path, Kind::File),
            Ok(metadata) if metadata.is_dir() => self.subfolder(&path, depth),
            Ok(metadata) => self.add(path, Kind::Refused(no_file(&metadata))),
            Err(error) => {
                let why = reason_of(&path, &error);
                self.add(path, Kind::Refused(why));
            }
        }
    }

    fn subfolder(&mut self, path: &Path, depth: usize) {
        if has_name_of_a_file(path) {
            self.add(path.to_owned(), Kind::Refused("it is a folder, not a file".to_owned()));
        }
        // Git's own files are thousands and never ours.
        if self.recursive && path.file_name().is_some_and(|name| name != ".git") {
            self.folder(path, depth + 1);
        }
    }
}

/// Docker makes a folder where the file that it is to mount is not there.
fn has_name_of_a_file(path: &Path) -> bool {
    let endings = ["pem", "pfx", "cer", "key", "crt"];
    let ending = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    endings.iter().any(|one| ending.eq_ignore_ascii_case(one))
}

/// What a shell's `<(command)` gives: a pipe that somebody writes to.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/fd", "/dev/stdin", "/proc/self/fd"].iter().any(|start| path.starts_with(start))
}

/// Reads one. May be called for many at the same time.
pub fn read(place: Place) -> InFile {
    let Place { path, kind, tracked_by_git } = place;
    let shown = if path == Path::new("-") { "standard input".to_owned() } else { path.to_string_lossy().into_owned() };
    let (bytes, others_may_read) = match kind {
        Kind::Refused(why) => (Err(why), false),
        Kind::Stream => (stream(&path), false),
        Kind::File => match file(&path) {
            Ok((bytes, others_may_read)) => (bytes, others_may_read),
            Err(error) => (Err(reason(&error)), false),
        },
    };
    InFile { path: shown, bytes, others_may_read, tracked_by_git }
}

fn file(path: &Path) -> io::Result<(Result<Secret, String>, bool)> {
    let file = platform::open_without_waiting(path)?;
    let others_may_read = platform::others_may_read_by(&file);
    // Asked of what was opened: the path may lead elsewhere by now.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok((Err(no_file(&metadata)), false));
    }
    let bytes = if metadata.len() > READ_LIMIT { Err(too_large()) } else { all(file, metadata.len())? };
    Ok((bytes, others_may_read))
}

fn stream(path: &Path) -> Result<Secret, String> {
    let bytes = if path == Path::new("-") {
        all(io::stdin().lock(), 0)
    } else {
        File::open(path).and_then(|file| all(file, 0))
    };
    bytes.unwrap_or_else(|error| Err(reason(&error)))
}

fn all(source: impl Read, expected: u64) -> io::Result<Result<Secret, String>> {
    // One octet more, so that the end is seen without growing, which would leave a copy behind.
    let capacity = usize::try_from(expected.min(READ_LIMIT)).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    source.take(READ_LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > READ_LIMIT {
        return Ok(Err(too_large()));
    }
    Ok(Ok(Secret::new(std::mem::take(&mut *bytes))))
}

fn too_large() -> String {
    format!("it is larger than {} MiB, as none of these files is", READ_LIMIT >> 20)
}

fn no_file(metadata: &Metadata) -> String {
    format!("it is {}, not a file", platform::kind_of(metadata))
}

/// Of a path that leads nowhere.
fn reason_of(path: &Path, error: &io::Error) -> String {
    match fs::read_link(path) {
        Ok(target) if error.kind() == io::ErrorKind::NotFound => {
            format!("it is a link to `{}`, which is not there", target.display())
        }
        _ => reason(error),
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this account may not read it".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[PathBuf], recursive: bool, below: &Path) -> Vec<String> {
        let name = |place: &Place| place.path.strip_prefix(below).unwrap().to_string_lossy().replace('\\', "/");
        places(paths, recursive).iter().map(name).collect()
    }

    #[test]
    fn folders_give_their_files_by_name() {
        let scene = tempfile::tempdir().unwrap();
        let root = scene.path();
        for name in ["b.pem", "a.pem", ".hidden", ".Local Certificates/client.pem", "host/x/y.pem", ".git/z.pem"] {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), name).unwrap();
        }
        let given = [root.to_owned()];
        assert_eq!(names(&given, false, root), [".hidden", "a.pem", "b.pem"]);
        let all = [".Local Certificates/client.pem", ".hidden", "a.pem", "b.pem", "host/x/y.pem"];
        assert_eq!(names(&given, true, root), all);
        let files: Vec<_> = places(&given, false).into_iter().map(read).collect();
        assert_eq!(files[1].bytes.as_ref().unwrap().expose(), b"a.pem");
    }

    #[test]
    fn what_cannot_be_read_is_kept_with_the_reason() {
        let scene = tempfile::tempdir().unwrap();
        let large = scene.path().join("large");
        File::create(&large).unwrap().set_len(READ_LIMIT + 1).unwrap();
        let reasons = [large, scene.path().join("missing")].map(|path| {
            let file = places(&[path], false).into_iter().map(read).next();
            file.unwrap().bytes.unwrap_err()
        });
        assert_eq!(reasons, ["it is larger than 16 MiB, as none of these files is", "there is no such file"]);
    }

    #[test]
    fn a_folder_with_the_name_of_a_file_is_told() {
        let scene = tempfile::tempdir().unwrap();
        for name in ["client.pem", "server.PFX", "host.domain", "pem"] {
            fs::create_dir(scene.path().join(name)).unwrap();
        }
        fs::write(scene.path().join("client.pem/inside"), "x").unwrap();
        for (recursive, inside) in [(false, &[][..]), (true, &[Ok(&b"x"[..])])] {
            let found: Vec<_> = places(&[scene.path().to_owned()], recursive).into_iter().map(read).collect();
            let told: Vec<_> =
                found.iter().map(|file| file.bytes.as_ref().map(Secret::expose).map_err(String::as_str)).collect();
            let folder = Err("it is a folder, not a file");
            assert_eq!(told, [&[folder], inside, &[folder]].concat());
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_in_circles_and_sockets_hold_nothing_up() {
        use std::os::unix::fs::symlink;
        let scene = tempfile::tempdir().unwrap();
        let root = scene.path();
        fs::create_dir(root.join("a")).unwrap();
        fs::write(root.join("a/file"), "x").unwrap();
        symlink(root, root.join("a/up")).unwrap();
        symlink("nowhere", root.join("broken")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        let found: Vec<_> = places(&[root.to_owned()], true).into_iter().map(read).collect();
        drop(socket);
        let told: Vec<_> =
            found.iter().map(|file| file.bytes.as_ref().map(Secret::expose).map_err(String::as_str)).collect();
        assert_eq!(
            told,
            [Ok(&b"x"[..]), Err("it is a link to `nowhere`, which is not there"), Err("it is a socket, not a file")]
        );
    }

    #[cfg(unix)]
    #[test]
    fn files_that_others_may_read_are_told() {
        use std::os::unix::fs::PermissionsExt as _;
        let scene = tempfile::tempdir().unwrap();
        for (mode, expected) in [(0o600, false), (0o640, true), (0o604, true), (0o611, false)] {
            let path = scene.path().join(format!("{mode:o}"));
            fs::write(&path, "x").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(places(&[path], false).remove(0)).others_may_read, expected, "{mode:o}");
        }
    }
}
