//! The home as a whole: what of it goes into a backup, and how a backup becomes a home again.
//!
//! A backup is put in place in the order in which a root is: its files are staged, the ledger's rows are the point of
//! no return, then the files are renamed. A run that was killed in between is rolled forward or back by the next one.

use super::{HomeError, OpenHome, staged};
use crate::host::backup::Parts;
use crate::host::ledger::{Evidence, Snapshot};
use crate::host::{files, platform, stage};
use crate::pki::bundle::Privacy;
use crate::pki::manifest::{KEY, PREVIOUS, ROOT, is_previous_folder};
use crate::pki::secret::Secret;
use fs_err as fs;
use std::collections::BTreeMap;
use std::io;

impl OpenHome {
    /// Roots, keys and ledger, as of now: while this run holds the home. `None` where there is no root.
    pub fn parts(&self) -> Result<Option<Parts>, HomeError> {
        let Some(root) = self.home.root()? else { return Ok(None) };
        let previous = self.previous_files();
        let mut files = previous.map_err(|error| HomeError::Unreadable(self.home.folder.clone(), error))?;
        files.insert(ROOT.to_owned(), root.certificate);
        files.insert(KEY.to_owned(), root.key);
        Ok(Some(Parts { files, ledger: self.ledger.snapshot()? }))
    }

    fn previous_files(&self) -> io::Result<BTreeMap<String, Secret>> {
        let mut found = BTreeMap::new();
        let previous = self.home.folder.join(PREVIOUS);
        let entries = match fs::read_dir(&previous) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let folder = entry.file_name().to_string_lossy().into_owned();
            if !is_previous_folder(&folder) {
                if !folder.starts_with('.') {
                    tracing::warn!("`{}` is not qcert's: it is not in the backup", entry.path().display());
                }
                continue;
            }
            for (name, bytes) in stage::read_folder(&entry.path())? {
                found.insert(format!("{PREVIOUS}/{folder}/{name}"), bytes);
            }
        }
        Ok(found)
    }

    /// Whether there is nothing yet that a backup could be put over.
    pub fn is_vacant(&self) -> Result<bool, HomeError> {
        let folder = &self.home.folder;
        let free = !self.home.has_root() && !files::exists(&folder.join(PREVIOUS));
        Ok(free && self.ledger.is_empty()?)
    }

    /// Puts the files and rows of a backup into this home, which must be vacant: all of them or none.
    pub fn put_back(&self, backup: &BTreeMap<String, Secret>, ledger: &Snapshot) -> Result<(), HomeError> {
        let folder = &self.home.folder;
        let unwritable = |error| HomeError::Unwritable(folder.clone(), error);
        let missing = |name| HomeError::HalfARoot { folder: folder.clone(), name };
        let root = backup.get(ROOT).ok_or_else(|| missing(ROOT))?;
        let key = backup.get(KEY).ok_or_else(|| missing(KEY))?;
        let _uninterrupted = self.stages.hold();
        let entered = self
            .stage_previous(backup)
            .and_then(|()| self.stage(KEY, key, Privacy::Private))
            .and_then(|()| self.stage(ROOT, root, Privacy::Public))
            .and_then(|()| files::sync_folder(folder))
            .and_then(|()| self.check_staged(key, root))
            .map_err(unwritable)
            .and_then(|()| Ok(self.ledger.take_over(ledger, &Evidence::new(ROOT, root.expose()))?));
        if let Err(error) = entered {
            self.withdraw();
            if let Ok(false) = self.is_entered() {
                // What stays is cleared by the next run.
                _ = self.recover_previous(false);
            }
            return Err(error);
        }
        self.recover_previous(true)
            .and_then(|()| self.unstage(KEY))
            .and_then(|()| self.unstage(ROOT))
            .map_err(unwritable)
    }

    fn stage_previous(&self, backup: &BTreeMap<String, Secret>) -> io::Result<()> {
        let waiting = staged(&self.home.folder, PREVIOUS);
        if files::exists(&waiting) {
            fs::remove_dir_all(&waiting)?;
        }
        for (path, bytes) in backup {
            let [_, folder, name] = path.split('/').collect::<Vec<_>>()[..] else { continue };
            let folder = waiting.join(folder);
            platform::create_private_folder(&folder)?;
            let privacy = if name == ROOT { Privacy::Public } else { Privacy::Private };
            files::create(&folder.join(name), bytes.expose(), privacy)?;
            files::sync_folder(&folder)?;
        }
        if files::exists(&waiting) { files::sync_folder(&waiting) } else { Ok(()) }
    }

    fn check_staged(&self, key: &Secret, root: &Secret) -> io::Result<()> {
        for (name, bytes) in [(KEY, key), (ROOT, root)] {
            if files::read_file(&staged(&self.home.folder, name))?.expose() != bytes.expose() {
                return Err(io::Error::other("what was read back is not what was written"));
            }
        }
        Ok(())
    }

    /// The replaced roots of a backup follow the present one: into their place when it is entered, away when not.
    pub(super) fn recover_previous(&self, entered: bool) -> io::Result<()> {
        let folder = &self.home.folder;
        let waiting = staged(folder, PREVIOUS);
        if !files::exists(&waiting) {
            return Ok(());
        }
        if !entered {
            return fs::remove_dir_all(&waiting);
        }
        platform::rename_new(&waiting, &folder.join(PREVIOUS))?;
        files::sync_folder(folder)
    }
}
