//! Whether files are tracked by Git, told by the repository's index and without Git.
//!
//! Index versions 2 to 4 (git's `index-format`), SHA-1 and SHA-256. No claim is made where an index cannot be read; one
//! that is split into two files counts only what its own file holds.

use super::platform;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The largest known project has 60 MiB.
const LARGEST: u64 = 256 << 20;
const LONGEST_NAME: usize = 4096;

/// One answer for each path; `None` is no file.
pub(super) fn tracked(files: &[Option<&Path>]) -> Vec<bool> {
    let mut answers = vec![false; files.len()];
    let mut folders: HashMap<&Path, Option<(PathBuf, PathBuf)>> = HashMap::new();
    let mut trees: HashMap<PathBuf, Vec<(Vec<u8>, usize)>> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        let Some((folder, name)) = file.and_then(|file| Some((super::files::folder_of(file), file.file_name()?)))
        else {
            continue;
        };
        let place = folders.entry(folder).or_insert_with(|| {
            let real = fs::canonicalize(folder).ok()?;
            let tree = real.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok())?.to_owned();
            Some((tree, real))
        });
        if let Some((tree, real)) = place
            && let Ok(inside) = real.join(name).strip_prefix(&*tree)
        {
            trees.entry(tree.clone()).or_default().push((name_in_index(inside), at));
        }
    }
    for (tree, wanted) in trees {
        let names: HashSet<&[u8]> = wanted.iter().map(|(name, _)| name.as_slice()).collect();
        let found = index_of(&tree).map(|index| entries(&index, &names)).unwrap_or_default();
        for (name, at) in &wanted {
            answers[*at] = found.contains(name.as_slice());
        }
    }
    answers
}

/// With `/` between the parts, also on Windows.
fn name_in_index(path: &Path) -> Vec<u8> {
    let parts: Vec<_> = path.components().map(|part| platform::path_to_bytes(part.as_os_str().as_ref())).collect();
    parts.join(&b'/')
}

/// `.git` is a folder, or a file that names it (worktrees, submodules).
fn index_of(tree: &Path) -> Option<PathBuf> {
    let git = tree.join(".git");
    let metadata = fs::metadata(&git).ok()?;
    if metadata.is_dir() {
        return Some(git.join("index"));
    }
    let mut text = String::new();
    if metadata.is_file() {
        File::open(&git).ok()?.take(LONGEST_NAME as u64).read_to_string(&mut text).ok()?;
    }
    Some(tree.join(text.strip_prefix("gitdir:")?.trim()).join("index"))
}

/// Those of `wanted` that the index has.
fn entries(index: &Path, wanted: &HashSet<&[u8]>) -> HashSet<Vec<u8>> {
    for length_of_hash in [20, 32] {
        let is_file = fs::metadata(index).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
        let Some(file) = is_file.then(|| File::open(index).ok()).flatten() else { break };
        let reader = BufReader::with_capacity(1 << 16, file.take(LARGEST));
        if let Ok(found) = parse(reader, length_of_hash, wanted) {
            return found;
        }
    }
    HashSet::new()
}

fn parse(mut index: impl BufRead, length_of_hash: usize, wanted: &HashSet<&[u8]>) -> io::Result<HashSet<Vec<u8>>> {
    let malformed = || io::Error::from(io::ErrorKind::InvalidData);
    let mut header = [0; 12];
    index.read_exact(&mut header)?;
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let version = number(4);
    if !header.starts_with(b"DIRC") || !(2..=4).contains(&version) {
        return Err(malformed());
    }
    let mut found = HashSet::new();
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..number(8) {
        let mut fixed = [0; 40 + 32 + 2];
        let fixed = &mut fixed[..40 + length_of_hash + 2];
        index.read_exact(fixed)?;
        let mode = u32::from_be_bytes([fixed[24], fixed[25], fixed[26], fixed[27]]);
        // Files, links, submodules and sparse folders: with the wrong length of hash this fails at the second entry.
        if !matches!(mode & 0o170_000, 0o100_000 | 0o120_000 | 0o160_000 | 0o040_000) {
            return Err(malformed());
        }
        let mut length = fixed.len();
        if fixed[40 + length_of_hash] & 0x40 != 0 {
            index.read_exact(&mut [0; 2])?;
            length += 2;
        }
        let kept = if version == 4 { name.len().checked_sub(varint(&mut index)?) } else { Some(0) };
        name.truncate(kept.ok_or_else(malformed)?);
        let before = name.len();
        (&mut index).take(LONGEST_NAME as u64).read_until(0, &mut name)?;
        if name.pop() != Some(0) || name.len() > LONGEST_NAME {
            return Err(malformed());
        }
        if version < 4 {
            // Filled up with zeros to a multiple of eight, at least one, which is read already.
            let padding = 7 - (length + name.len() - before) % 8;
            index.read_exact(&mut [0; 8][..padding])?;
        }
        if wanted.contains(name.as_slice()) {
            found.insert(name.clone());
            if found.len() == wanted.len() {
                break;
            }
        }
    }
    Ok(found)
}

/// As in pack files: seven bits each, every octet but the last adds one.
fn varint(index: &mut impl BufRead) -> io::Result<usize> {
    let mut value = 0usize;
    for place in 0..5 {
        let mut octet = [0];
        index.read_exact(&mut octet)?;
        value = (value + usize::from(place > 0)) << 7 | usize::from(octet[0] & 0x7f);
        if octet[0] & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, length_of_hash: usize) -> Vec<u8> {
        let mut entry = vec![0; 24];
        entry.extend(0o100_644u32.to_be_bytes());
        entry.resize(40 + length_of_hash, 7);
        entry.extend(u16::try_from(name.len()).unwrap().to_be_bytes());
        entry.extend(name.as_bytes());
        entry.resize(entry.len() + 8 - entry.len() % 8, 0);
        entry
    }

    fn index(names: &[&str], length_of_hash: usize) -> Vec<u8> {
        let count = u32::try_from(names.len()).unwrap().to_be_bytes();
        let mut index = [b"DIRC\0\0\0\x02", &count[..]].concat();
        index.extend(names.iter().flat_map(|name| entry(name, length_of_hash)));
        index
    }

    fn repository(index: &[u8]) -> tempfile::TempDir {
        let scene = tempfile::tempdir().unwrap();
        fs::create_dir_all(scene.path().join(".git")).unwrap();
        fs::create_dir_all(scene.path().join("certs")).unwrap();
        fs::write(scene.path().join(".git/index"), index).unwrap();
        scene
    }

    fn ask(scene: &tempfile::TempDir, names: &[&str]) -> Vec<bool> {
        let paths: Vec<_> = names.iter().map(|name| scene.path().join(name)).collect();
        tracked(&paths.iter().map(|path| Some(path.as_path())).collect::<Vec<_>>())
    }

    #[test]
    fn what_the_index_has_is_tracked() {
        let names = [".gitignore", "certs/client.pem", "certs/client_key.pem", "z"];
        for length_of_hash in [20, 32] {
            let scene = repository(&index(&names, length_of_hash));
            let asked = ["certs/client_key.pem", "certs/server_key.pem", "z", "client.pem"];
            assert_eq!(ask(&scene, &asked), [true, false, true, false], "{length_of_hash}");
        }
    }

    #[test]
    fn prefixes_of_version_four_are_put_together() {
        let mut bytes = b"DIRC\0\0\0\x04\0\0\0\x02".to_vec();
        for (cut, rest) in [(0, "certs/client.pem"), (4, "_key.pem")] {
            bytes.extend(&entry("", 20)[..62]);
            bytes.push(cut);
            bytes.extend(rest.as_bytes());
            bytes.push(0);
        }
        let scene = repository(&bytes);
        assert_eq!(ask(&scene, &["certs/client_key.pem", "certs/client.pem", "_key.pem"]), [true, true, false]);
    }

    #[test]
    fn damaged_indexes_claim_nothing() {
        let whole = index(&["certs/a", "certs/b"], 20);
        for length in 0..whole.len() {
            let scene = repository(&whole[..length]);
            assert!(!ask(&scene, &["certs/b", "x"])[1], "{length}");
        }
        assert_eq!(ask(&repository(b"DIRC\0\0\0\x02\xff\xff\xff\xff"), &["a"]), [false]);
    }
}
