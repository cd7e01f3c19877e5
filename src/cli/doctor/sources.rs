//! Looks at the parts of a server, each by itself: what was looked at, what not and why, and the report of each.

use super::super::error::problem;
use super::super::output::Output;
use super::super::reading::read_paths;
use super::super::store;
use super::super::validate::groups::{self, Group};
use super::super::{Clock, parallel};
use super::Arguments;
use super::logs::{self, Logs};
use super::places::{EXPORTED, LOCAL, Place, Places, StoresPlace, reason};
use crate::host::{files, qlik_folder, reading};
use crate::pki::diagnosis::{Bundle, BundleKind, HostCfg, HostCfgContent, STORES, Seen};
use crate::pki::encryption::Derivations;
use crate::pki::examine::{self, Beside, Subject};
use crate::pki::inventory::{self, FileContent, Form, InFile};
use crate::pki::report::Report;
use crate::pki::rules::{Given, QlikServer};
use crate::pki::secret::{Password, Secret};
use std::path::Path;
use time::OffsetDateTime;

/// What became of one part.
#[derive(Debug)]
pub(super) struct Source {
    /// `stores`, `local`, `exported`, `host_cfg` or `logs`.
    pub(super) what: &'static str,
    /// For a person.
    pub(super) called: &'static str,
    pub(super) path: Option<String>,
    /// `None`: it was looked at.
    pub(super) why_not: Option<String>,
    /// Without it a server is not called sound.
    pub(super) needed: bool,
}

/// A server, as far as it was looked at.
#[derive(Debug)]
pub(super) struct Server {
    /// The folder, or what was given in its place.
    pub(super) subject: String,
    pub(super) at: OffsetDateTime,
    warn_days: u32,
    pub(super) host_cfg: Option<HostCfg>,
    pub(super) stores: Option<Report>,
    pub(super) bundles: Vec<Bundle>,
    without_local: Option<String>,
    empty: Vec<String>,
    leftovers: Vec<String>,
    pub(super) logs: Option<Logs>,
    pub(super) sources: Vec<Source>,
}

const HINT: &str = "give a snapshot of them with `--stores SNAPSHOT`";
/// As sentences call the stores where there is no file.
const THESE_STORES: &str = "this machine's stores";

impl Server {
    pub(super) fn look(
        places: &Places,
        arguments: &Arguments,
        passwords: &[Password],
        output: &Output,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let mut sources = Vec::new();
        let stores = stores(&places.stores, clock, &mut sources)?;
        let host_cfg = host_cfg(&places.host_cfg, &mut sources);
        let mut folders = Folders::default();
        folders.local(&places.local, passwords, &mut sources);
        folders.exported(&places.exported, passwords, &mut sources);
        let stores = stores.map(|file| Group { name: STORES.to_owned(), folder: None, files: vec![file] });
        let given = Given {
            at: arguments.at.unwrap_or(clock.now),
            machine: None,
            name: None,
            purpose: None,
            warn_days: arguments.warn_days,
            folder: None,
            with_root: false,
            roots_elsewhere: Vec::new(),
            server: server(host_cfg.as_ref()),
        };
        let logs = look_at_logs(&places.logs, given.at, arguments, output, &mut sources);
        let (stores, bundles) = judge(stores, folders.bundles, &given);
        let shown = |path: &Path| path.display().to_string();
        let first = sources.iter().find_map(|source| source.path.clone());
        Ok(Self {
            subject: places.folder.as_deref().map(shown).or(first).unwrap_or_else(|| THESE_STORES.to_owned()),
            at: given.at,
            warn_days: given.warn_days,
            host_cfg,
            stores,
            bundles,
            without_local: folders.without_local,
            empty: folders.empty,
            leftovers: folders.leftovers,
            logs,
            sources,
        })
    }

    pub(super) fn seen(&self) -> Seen<'_> {
        Seen {
            at: self.at,
            warn_days: self.warn_days,
            host_cfg: self.host_cfg.as_ref(),
            stores: self.stores.as_ref(),
            stores_are_here: self.sources.iter().any(|source| source.what == "stores" && source.path.is_none()),
            bundles: &self.bundles,
            without_local: self.without_local.as_deref(),
            empty: &self.empty,
            leftovers: &self.leftovers,
        }
    }

    /// The stores' first.
    pub(super) fn reports(&self) -> impl Iterator<Item = &Report> {
        self.stores.iter().chain(self.bundles.iter().map(|bundle| &bundle.report))
    }

    pub(super) fn is_something_left_out(&self) -> bool {
        self.sources.iter().any(|source| source.needed && source.why_not.is_some())
    }
}

impl Source {
    fn new(what: &'static str, called: &'static str, path: &Path, why_not: Option<String>) -> Self {
        Self { what, called, path: Some(path.display().to_string()), why_not, needed: true }
    }

    fn not_given(what: &'static str, called: &'static str) -> Self {
        Self { what, called, path: None, why_not: Some("it was not given".to_owned()), needed: false }
    }
}

const NOT_THERE: &str = "it is not there";
const FOLDER: &str = "it is a folder, not a file";

fn stores(place: &StoresPlace, clock: Clock, sources: &mut Vec<Source>) -> anyhow::Result<Option<FileContent>> {
    let source = |path: &Path, why_not| Source::new("stores", STORES, path, why_not);
    match place {
        StoresPlace::NotGiven => sources.push(Source::not_given("stores", STORES)),
        StoresPlace::Closed(path, why) => sources.push(source(path, Some(why.clone()))),
        StoresPlace::Missing(path) => {
            let why = "there is no snapshot of them; `qcert store snapshot` writes one on the server, and there the \
                       script that `qcert store snapshot --script` prints";
            sources.push(source(path, Some(why.to_owned())));
        }
        StoresPlace::ThisMachine => {
            let live = live(clock);
            let why_not = live.as_ref().err().map(|error| format!("{error:#}"));
            sources.push(Source { path: None, ..source(Path::new(""), why_not) });
            return Ok(live.ok());
        }
        StoresPlace::File(path) if files::is_folder(path) => sources.push(source(path, Some(FOLDER.to_owned()))),
        StoresPlace::File(path) => {
            let file = read_paths(std::slice::from_ref(path), false, &[]).into_iter().next();
            let why_not = match file.as_ref().map(|file| &file.form) {
                Some(Form::Snapshot(_)) => None,
                Some(Form::Unreadable(why)) => Some(why.clone()),
                _ => {
                    let message = format!("`{}` is no snapshot of certificate stores", path.display());
                    return Err(problem(message, "give the file that `qcert store snapshot` wrote with `--stores`"));
                }
            };
            let file = file.filter(|_| why_not.is_none());
            sources.push(source(path, why_not));
            return Ok(file);
        }
    }
    Ok(None)
}

/// By way of the form that a file has, so that both are judged alike.
fn live(clock: Clock) -> anyhow::Result<FileContent> {
    let snapshot = store::take(clock, HINT)?;
    let bytes = Ok(Secret::new(snapshot.write()));
    let file = InFile { path: THESE_STORES.to_owned(), bytes, others_may_read: false, tracked_by_git: false };
    Ok(inventory::read(file, &[], &Derivations::default()))
}

fn host_cfg(place: &Place, sources: &mut Vec<Source>) -> Option<HostCfg> {
    let source = |path: &Path, why_not| Source::new("host_cfg", "Host.cfg", path, why_not);
    match place {
        Place::NotGiven => sources.push(Source::not_given("host_cfg", "Host.cfg")),
        Place::Closed(path, why) => sources.push(source(path, Some(why.clone()))),
        Place::Missing(path) => {
            sources.push(source(path, Some(NOT_THERE.to_owned())));
            return Some(HostCfg { path: path.display().to_string(), content: HostCfgContent::Missing });
        }
        Place::At(path) if files::is_folder(path) => sources.push(source(path, Some(FOLDER.to_owned()))),
        Place::At(path) => {
            let file = reading::places(std::slice::from_ref(path), false).into_iter().map(reading::read).next();
            let bytes = file.map_or_else(|| Err(NOT_THERE.to_owned()), |file| file.bytes);
            let content = bytes.map(|bytes| match inventory::host_name(bytes.expose()) {
                Ok(name) => HostCfgContent::Name(name),
                Err(why) => HostCfgContent::Damaged(why),
            });
            sources.push(source(path, content.as_ref().err().cloned()));
            return content.ok().map(|content| HostCfg { path: path.display().to_string(), content });
        }
    }
    None
}

/// Only a server of Qlik's has a `Host.cfg`, be it a damaged one.
fn server(host_cfg: Option<&HostCfg>) -> Option<QlikServer> {
    match &host_cfg?.content {
        HostCfgContent::Name(host) => Some(QlikServer { host: Some(host.name.clone()) }),
        HostCfgContent::Damaged(_) => Some(QlikServer::default()),
        HostCfgContent::Missing => None,
    }
}

/// What logs say is evidence and no verdict: a server can be sound without them, unless they were asked for by name.
fn look_at_logs(
    place: &Place,
    at: OffsetDateTime,
    arguments: &Arguments,
    output: &Output,
    sources: &mut Vec<Source>,
) -> Option<Logs> {
    let needed = arguments.logs.is_some();
    let source = |path: &Path, why_not| Source { needed, ..Source::new("logs", "logs", path, why_not) };
    match place {
        Place::NotGiven if arguments.no_logs => {
            let why = "they were left out with `--no-logs`".to_owned();
            sources.push(Source { why_not: Some(why), ..Source::not_given("logs", "logs") });
        }
        Place::NotGiven => sources.push(Source::not_given("logs", "logs")),
        Place::Closed(path, why) => sources.push(source(path, Some(why.clone()))),
        Place::Missing(path) => sources.push(source(path, Some(NOT_THERE.to_owned()))),
        Place::At(path) => {
            let logs = logs::look(path, at, arguments.log_days, output);
            sources.push(source(path, logs.why_not()));
            return Some(logs);
        }
    }
    None
}

/// A bundle that is still to be judged.
type Pending = (BundleKind, Group);

#[derive(Debug, Default)]
struct Folders {
    bundles: Vec<Pending>,
    without_local: Option<String>,
    empty: Vec<String>,
    leftovers: Vec<String>,
}

impl Folders {
    fn local(&mut self, place: &Place, passwords: &[Password], sources: &mut Vec<Source>) {
        let source = |path: &Path, why_not| Source::new("local", LOCAL, path, why_not);
        match place {
            Place::NotGiven => sources.push(Source::not_given("local", LOCAL)),
            Place::Closed(path, why) => sources.push(source(path, Some(why.clone()))),
            Place::Missing(path) => {
                self.without_local = Some(path.display().to_string());
                sources.push(source(path, Some(NOT_THERE.to_owned())));
            }
            Place::At(path) => {
                let files = read_paths(std::slice::from_ref(path), true, passwords);
                if let Some(why) = closed(path, &files) {
                    return sources.push(source(path, Some(why)));
                }
                let mut groups = Vec::new();
                groups::by_folder(path, files, &mut groups);
                for group in groups {
                    let name = named(path, LOCAL, &group.name);
                    self.bundles.push((BundleKind::Local, Group { name, ..group }));
                }
                sources.push(source(path, None));
            }
        }
    }

    fn exported(&mut self, place: &Place, passwords: &[Password], sources: &mut Vec<Source>) {
        let source = |path: &Path, why_not| Source::new("exported", EXPORTED, path, why_not);
        match place {
            Place::NotGiven => sources.push(Source::not_given("exported", EXPORTED)),
            Place::Closed(path, why) => sources.push(source(path, Some(why.clone()))),
            // Nothing was exported yet.
            Place::Missing(path) => {
                sources.push(Source { needed: false, ..source(path, Some(NOT_THERE.to_owned())) });
            }
            Place::At(path) => {
                let why_not = self.folders_in(path, passwords).err();
                sources.push(source(path, why_not));
            }
        }
    }

    fn folders_in(&mut self, exported: &Path, passwords: &[Password]) -> Result<(), String> {
        let (mut folders, more) = qlik_folder::folders_in(exported).map_err(|error| reason(&error))?;
        let mut leftovers = Vec::new();
        folders.retain(|folder| match local_or_old(folder) {
            Some(name) => {
                leftovers.extend((!name.eq_ignore_ascii_case(LOCAL)).then_some(name));
                false
            }
            None => true,
        });
        self.leftovers = leftovers;
        let mut files = read_paths(&folders, true, passwords).into_iter().peekable();
        for folder in &folders {
            let mut own = Vec::new();
            while let Some(file) = files.next_if(|file| Path::new(&file.path).starts_with(folder)) {
                own.push(file);
            }
            let mut groups = Vec::new();
            groups::by_folder(folder, own, &mut groups);
            for group in groups {
                let name = named(exported, EXPORTED, &group.name);
                if group.files.iter().any(matters) {
                    self.bundles.push((BundleKind::Exported, Group { name, ..group }));
                } else if !group.files.is_empty() || reading::places(std::slice::from_ref(folder), true).is_empty() {
                    // Behind the most files that are read nothing is known, which is said of the last one.
                    self.empty.push(name);
                }
            }
        }
        // What lies beside the folders is nobody's, and looked at where it is a certificate.
        let mut loose = read_paths(std::slice::from_ref(&exported.to_owned()), false, passwords);
        loose.extend(files);
        loose.retain(matters);
        if !loose.is_empty() {
            let group = Group { name: EXPORTED.to_owned(), folder: None, files: loose };
            self.bundles.push((BundleKind::Exported, group));
        }
        if more {
            Err(format!("there are more than {} folders: the others were not looked at", folders.len()))
        } else {
            Ok(())
        }
    }
}

/// Why a folder cannot be looked into: then it stands in place of what is in it.
fn closed(folder: &Path, found: &[FileContent]) -> Option<String> {
    match found {
        _ if !files::is_folder(folder) => Some("it is not a folder".to_owned()),
        [FileContent { path, form: Form::Unreadable(why), .. }] if Path::new(path) == folder => Some(why.clone()),
        _ => None,
    }
}

/// The services' folder, or what a recipe renamed it to.
fn local_or_old(folder: &Path) -> Option<String> {
    let name = folder.file_name()?.to_string_lossy().into_owned();
    name.get(..LOCAL.len())?.eq_ignore_ascii_case(LOCAL).then_some(name)
}

fn matters(file: &FileContent) -> bool {
    groups::is_judged(file) || matches!(file.form, Form::Unreadable(_))
}

/// A folder by its name below the one that it was found in.
fn named(top: &Path, called: &str, folder: &str) -> String {
    match Path::new(folder).strip_prefix(top) {
        Ok(rest) if rest.as_os_str().is_empty() => called.to_owned(),
        Ok(rest) if called == EXPORTED => rest.display().to_string(),
        Ok(rest) => Path::new(called).join(rest).display().to_string(),
        Err(_) => folder.to_owned(),
    }
}

/// So many are judged one after the other.
const FEW: usize = 4;

/// Each by itself, as `validate` judges them.
fn judge(stores: Option<Group>, bundles: Vec<Pending>, given: &Given) -> (Option<Report>, Vec<Bundle>) {
    let (kinds, mut groups): (Vec<BundleKind>, Vec<Group>) = bundles.into_iter().unzip();
    groups.extend(stores);
    let beside = Beside { stores: groups::stores(&groups), ..Beside::default() };
    let given = Given { roots_elsewhere: groups::root_keys(&groups), ..given.clone() };
    let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
    let many = groups.len() > FEW;
    let mut reports = parallel::compute_each(groups, FEW, |Group { name, folder, files }| {
        let given = Given { folder, ..given.clone() };
        let spread = if many { parallel::one_by_one } else { parallel::spread };
        examine::report(Subject { name, files }, &beside, &given, &spread)
    });
    let stores = if reports.len() > kinds.len() { reports.pop() } else { None };
    let all = kinds.into_iter().zip(names).zip(reports);
    (stores, all.map(|((kind, name), report)| Bundle { name, kind, report }).collect())
}
