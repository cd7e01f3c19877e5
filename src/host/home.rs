//! `Home`: the folder that holds the root, its key and the ledger, and the order in which runs take it.
//!
//! A root is put in its place in one order: its files are staged, the ledger's row is the point of no return, then the
//! files are renamed. A run that was killed in between is rolled forward or back by the next one. A root is only ever
//! replaced after its files were copied to `previous/`.

mod whole;

use super::ledger::{Evidence, Ledger, LedgerError, Row};
use super::run::Run;
use super::stage::{Placing, Stages};
use super::{files, platform};
use crate::pki::bundle::Privacy;
use crate::pki::manifest::{KEY, LEDGER, PREVIOUS, ROOT};
use crate::pki::secret::Secret;
use fs_err as fs;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use time::OffsetDateTime;

const LOCK: &str = "lock";
/// Runs hold the lock only while they open the home; longer than this means that one hangs.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    #[error("this account has no folder for its data")]
    NoDataFolder,
    #[error("cannot use the home `{}`", .0.display())]
    Unusable(PathBuf, #[source] io::Error),
    #[error("the home `{}` is locked by another qcert for more than a minute", .0.display())]
    Locked(PathBuf),
    #[error("the home `{}` holds half a root: `{name}` is missing", .folder.display())]
    HalfARoot { folder: PathBuf, name: &'static str },
    #[error("cannot read the root of the home `{}`", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("cannot write the root into the home `{}`", .0.display())]
    Unwritable(PathBuf, #[source] io::Error),
    #[error("cannot keep the old root in `{}`", .0.display())]
    NotKept(PathBuf, #[source] io::Error),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl HomeError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoDataFolder => "say where the root and the ledger are kept, with `--home DIR` or QCERT_HOME",
            Self::Locked(_) => "wait for the other run, or end it",
            Self::HalfARoot { .. } => "put the file back from a backup, or begin in another home with `--home DIR`",
            Self::Unusable(_, error)
            | Self::Unreadable(_, error)
            | Self::Unwritable(_, error)
            | Self::NotKept(_, error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space where the home is and run the same command again"
                }
                _ => "run as the account that made it, or give another home with `--home DIR`",
            },
            Self::Ledger(error) => error.hint(),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
}

/// A home in the hands of this run alone.
#[derive(Debug)]
pub struct OpenHome {
    home: Home,
    pub ledger: Ledger,
    pub stages: Arc<Stages>,
    /// Released when dropped.
    _lock: File,
}

/// The root as it is kept: PEM, the key perhaps encrypted.
#[derive(Debug)]
pub struct RootFiles {
    pub certificate: Secret,
    pub key: Secret,
}

impl Home {
    /// The given folder, else the platform's per-user data folder.
    pub fn locate(chosen: Option<PathBuf>) -> Result<Self, HomeError> {
        let folder = match chosen {
            Some(folder) => folder,
            None => platform::data_folder().ok_or(HomeError::NoDataFolder)?.join("qcert"),
        };
        Ok(Self { folder })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn key_path(&self) -> PathBuf {
        self.folder.join(KEY)
    }

    /// Whether a root is kept here; without waiting for anybody.
    pub fn has_root(&self) -> bool {
        files::exists(&self.folder.join(ROOT)) || files::exists(&self.key_path())
    }

    /// That no root is seen here says nothing where this account may not look.
    pub fn may_be_looked_into(&self) -> Result<(), HomeError> {
        match self.folder.join(ROOT).symlink_metadata() {
            Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Err(HomeError::Unreadable(self.folder.clone(), error))
            }
            _ => Ok(()),
        }
    }

    /// Whether a root waits to be put in its place: by a run at work, or by the next one.
    pub fn has_waiting_root(&self) -> bool {
        files::exists(&staged(&self.folder, ROOT))
    }

    pub fn is_there(&self) -> bool {
        self.folder.is_dir()
    }

    /// Where the files of a replaced root are kept, by its thumbprint.
    pub fn previous(&self, root: &str) -> PathBuf {
        self.folder.join(PREVIOUS).join(root.get(..16).unwrap_or(root))
    }

    /// The ledger as it is, to look at: no lock, nothing is made or finished. `None` where there is none.
    pub fn look(&self) -> Result<Option<Ledger>, HomeError> {
        let path = self.folder.join(LEDGER);
        if !files::exists(&path) {
            return Ok(None);
        }
        Ok(Some(Ledger::look(&path)?))
    }

    /// Names in the ledger that begin so, in lower case as it has them. None where it cannot be read at once.
    pub fn names_that_begin(&self, begin: &str, most: usize) -> Vec<String> {
        let path = self.folder.join(LEDGER);
        if !files::is_file(&path) {
            return Vec::new();
        }
        Ledger::glance(&path).and_then(|ledger| ledger.names(&begin.to_lowercase(), most)).unwrap_or_default()
    }

    /// The root's key as it lies there now, if it can be read: to know what to ask for before anything is opened.
    pub fn peek_key(&self) -> Option<Secret> {
        let in_place = || files::read_file(&self.key_path());
        let waiting = || files::read_file(&staged(&self.folder, KEY));
        // Between the first two looks another run may have put it in its place.
        in_place().or_else(|_| waiting()).or_else(|_| in_place()).ok()
    }

    /// The root's certificate alone, for those who only look.
    pub fn root_certificate(&self) -> Result<Option<Secret>, HomeError> {
        self.read(ROOT)
    }

    fn read(&self, name: &str) -> Result<Option<Secret>, HomeError> {
        match files::read_file(&self.folder.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(HomeError::Unreadable(self.folder.clone(), error)),
        }
    }

    /// The root's files, if there is one.
    pub fn root(&self) -> Result<Option<RootFiles>, HomeError> {
        match (self.read(ROOT)?, self.read(KEY)?) {
            (Some(certificate), Some(key)) => Ok(Some(RootFiles { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(HomeError::HalfARoot { folder: self.folder.clone(), name: KEY }),
            (None, Some(_)) => Err(HomeError::HalfARoot { folder: self.folder.clone(), name: ROOT }),
        }
    }

    /// Makes the folder if needed and takes it for this run. `run` is a new name, fit for a file name.
    pub fn open(self, run: String, now: OffsetDateTime) -> Result<OpenHome, HomeError> {
        let unusable = |error| HomeError::Unusable(self.folder.clone(), error);
        platform::create_private_folder(&self.folder).map_err(unusable)?;
        let lock = self.lock()?;
        let run = Run::begin(&self.folder, run).map_err(unusable)?;
        let ledger = Ledger::open(&self.folder.join(LEDGER))?;
        let open = OpenHome { home: self, ledger, stages: Arc::new(Stages::new(run)), _lock: lock };
        open.recover()?;
        open.ledger.confirm(now, |place, evidence| evidence.is_at(place))?;
        Ok(open)
    }

    fn lock(&self) -> Result<File, HomeError> {
        let unusable = |error| HomeError::Unusable(self.folder.clone(), error);
        let mut options = std::fs::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let path = self.folder.join(LOCK);
        let file = fs::OpenOptions::from_options(options).open(path).map_err(unusable)?.into_parts().0;
        let begun = Instant::now();
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
                Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => {
                    return Err(HomeError::Locked(self.folder.clone()));
                }
                Err(TryLockError::WouldBlock) => {
                    if !said && begun.elapsed() > Duration::from_secs(1) {
                        tracing::warn!("waiting for another qcert that uses the same home");
                        said = true;
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }
}

impl OpenHome {
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Lets other runs in. What this one does from here on it does beside them.
    pub fn release(self) -> (Home, Ledger, Arc<Stages>) {
        (self.home, self.ledger, self.stages)
    }

    /// Keeps a root: its files and its row in the ledger, both or neither. One that is there already must have been
    /// kept aside before.
    pub fn establish(&self, root: &RootFiles, mut row: Row) -> Result<(), HomeError> {
        let folder = &self.home.folder;
        let unwritable = |error| HomeError::Unwritable(folder.clone(), error);
        row.evidence = Some(Evidence::new(ROOT, root.certificate.expose()));
        let _uninterrupted = self.stages.hold();
        let entered = self
            .stage(KEY, &root.key, Privacy::Private)
            .and_then(|()| self.stage(ROOT, &root.certificate, Privacy::Public))
            .and_then(|()| files::sync_folder(folder))
            .map_err(unwritable)
            .and_then(|()| Ok(self.ledger.enter_root(&row)?));
        if let Err(error) = entered {
            self.withdraw();
            return Err(error);
        }
        self.unstage(KEY).and_then(|()| self.unstage(ROOT)).map_err(unwritable)
    }

    /// Copies the root's files as they are, and public files beside them, to `previous/`, by the thumbprint of the root,
    /// and reads them back.
    pub fn keep_aside(
        &self,
        root: &RootFiles,
        thumbprint: &str,
        beside: &[(&str, Secret)],
    ) -> Result<PathBuf, HomeError> {
        let target = self.home.previous(thumbprint);
        let copy = || -> io::Result<()> {
            platform::create_private_folder(files::folder_of(&target))?;
            let mut stage = self.stages.open(files::folder_of(&target))?;
            let roots = [(KEY, &root.key, Privacy::Private), (ROOT, &root.certificate, Privacy::Public)];
            let beside = beside.iter().map(|(name, bytes)| (*name, bytes, Privacy::Public));
            for (name, bytes, privacy) in roots.into_iter().chain(beside) {
                stage.write(name, bytes.expose(), privacy)?;
                let kept = stage.read_back()?;
                if kept.get(name).is_none_or(|kept| kept.expose() != bytes.expose()) {
                    return Err(io::Error::other(format!("`{name}` was not read back as it was written")));
                }
            }
            stage.make_durable()?.place(&target, Placing::Replacing)?;
            self.stages.settle()
        };
        copy().map_err(|error| HomeError::NotKept(target.clone(), error))?;
        Ok(target)
    }

    /// Takes back a root that was not entered. Where the ledger cannot say that it was not, the next run decides.
    fn withdraw(&self) {
        if let Ok(false) = self.is_entered() {
            for name in [KEY, ROOT] {
                if let Err(error) = files::remove_if_there(&staged(&self.home.folder, name)) {
                    tracing::warn!("a root that was not kept is not removed yet: {error}");
                }
            }
        }
    }

    /// Whether the staged root is the one that the ledger names as the present one.
    fn is_entered(&self) -> Result<bool, HomeError> {
        let folder = &self.home.folder;
        let Some((_, evidence)) = self.ledger.current_root()? else { return Ok(false) };
        match (evidence, files::read_file(&staged(folder, ROOT))) {
            (_, Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            (_, Err(error)) => Err(HomeError::Unreadable(folder.clone(), error)),
            (Some(evidence), Ok(bytes)) => Ok(evidence.fits(bytes.expose())),
            // Entered by a qcert that knew no evidence and no second root.
            (None, Ok(_)) => Ok(!files::exists(&folder.join(ROOT))),
        }
    }

    /// Puts the same key, encrypted another way, in the place of the old file, in one step.
    pub fn replace_key_file(&self, key: &Secret) -> Result<(), HomeError> {
        let folder = &self.home.folder;
        let _uninterrupted = self.stages.hold();
        self.stage(KEY, key, Privacy::Private)
            .and_then(|()| platform::rename(&staged(folder, KEY), &folder.join(KEY)))
            .and_then(|()| files::sync_folder(folder))
            .map_err(|error| HomeError::Unwritable(folder.clone(), error))
    }

    fn stage(&self, name: &str, bytes: &Secret, privacy: Privacy) -> io::Result<()> {
        let path = staged(&self.home.folder, name);
        files::remove_if_there(&path)?;
        files::create(&path, bytes.expose(), privacy)
    }

    fn unstage(&self, name: &str) -> io::Result<()> {
        let folder = &self.home.folder;
        platform::rename(&staged(folder, name), &folder.join(name))?;
        files::sync_folder(folder)
    }

    /// Finishes or undoes what a killed run began.
    fn recover(&self) -> Result<(), HomeError> {
        let folder = &self.home.folder;
        let unwritable = |error| HomeError::Unwritable(folder.clone(), error);
        let entered = self.is_entered()?;
        self.recover_previous(entered).map_err(unwritable)?;
        for name in [KEY, ROOT] {
            let waiting = staged(folder, name);
            if !files::exists(&waiting) {
                continue;
            }
            if entered {
                self.unstage(name).map_err(unwritable)?;
            } else {
                files::remove_if_there(&waiting).map_err(unwritable)?;
            }
        }
        let has_root = self.ledger.current_root()?.is_some();
        for name in [KEY, ROOT] {
            if has_root && !files::exists(&folder.join(name)) {
                return Err(HomeError::HalfARoot { folder: folder.clone(), name });
            }
        }
        Ok(())
    }
}

fn staged(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.new"))
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(unix)]
    fn what_cannot_be_looked_into_is_not_called_empty() {
        use super::{Home, HomeError};
        let folder = tempfile::tempdir().unwrap();
        let home = |name: &str| Home::locate(Some(folder.path().join(name))).unwrap();
        assert!(home("").may_be_looked_into().is_ok() && home("nothing").may_be_looked_into().is_ok());
        // No system has so long a name; a folder of another account is told in the same way.
        assert!(matches!(home(&"x".repeat(5000)).may_be_looked_into(), Err(HomeError::Unreadable(..))));
    }
}
