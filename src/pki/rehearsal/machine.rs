//! What one machine brings to a rehearsal, out of its folder: server and client certificates with their keys, once from
//! PEM and once from PFX files, and the roots that it goes by. What cannot be played is kept with the reason.

use super::super::certificate::{Authority, Certificate};
use super::super::inventory::FileContent;
use super::super::overview::{Overview, SlotKind, is_root, list};
use super::super::profile::{CLIENT_NAME, Role};
use super::judge::Known;
use super::source::{self, Source};
use std::net::IpAddr;

/// In which files an identity lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    Pem,
    Pfx,
}

impl Form {
    pub const ALL: [Self; 2] = [Self::Pem, Self::Pfx];

    pub fn word(self) -> &'static str {
        match self {
            Self::Pem => "PEM",
            Self::Pfx => "PFX",
        }
    }
}

#[derive(Debug)]
pub struct Machine {
    /// By which others call it: as its server certificate says. The folder's, where there is none.
    pub name: String,
    pub sources: Vec<Source>,
    roots: Vec<(Form, Vec<Known>)>,
    between: Vec<Known>,
    /// What is there and could not be played, or is not there and would be needed: whole sentences.
    pub left_out: Vec<String>,
    /// What is good to know.
    pub remarks: Vec<String>,
}

impl Machine {
    /// `files` were read with their keys. `called` says how sentences name a file.
    pub fn new(folder: &str, files: &[FileContent], called: &dyn Fn(&FileContent) -> String) -> Self {
        let overview = Overview::new(files);
        let mut machine = Self {
            name: folder.to_owned(),
            sources: Vec::new(),
            roots: Vec::new(),
            between: Vec::new(),
            left_out: Vec::new(),
            remarks: Vec::new(),
        };
        machine.roots(&overview, called);
        for role in [Role::Server, Role::Client] {
            for form in Form::ALL {
                match source::find(&overview, role, form, called) {
                    source::Found::Nothing => {}
                    source::Found::Source(source) => machine.sources.push(*source),
                    source::Found::LeftOut(why) => machine.left_out.push(why),
                }
            }
            machine.compare(role);
        }
        machine.names();
        machine
    }

    pub fn of(&self, role: Role) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(move |source| source.role == role)
    }

    pub fn source(&self, role: Role, form: Form) -> Option<&Source> {
        self.of(role).find(|source| source.form == form)
    }

    /// What programs that read files of this form go by. Empty where there is no root at all.
    pub fn roots_of(&self, form: Form) -> &[Known] {
        let own = self.roots.iter().find(|(of, _)| *of == form).or(self.roots.first());
        own.map_or(&[], |(_, roots)| roots)
    }

    /// The PEM files go by another root than the PFX files.
    pub fn has_two_roots(&self) -> bool {
        let (pem, pfx) = (self.roots_of(Form::Pem), self.roots_of(Form::Pfx));
        !pem.iter().any(|root| pfx.iter().any(|same| same.certificate == root.certificate)) && !pem.is_empty()
    }

    pub fn between(&self) -> &[Known] {
        &self.between
    }

    /// `root.pem` goes with the PEM files, `root.cer` with the PFX files; where there is one, it goes with both.
    fn roots(&mut self, overview: &Overview<'_>, called: &dyn Fn(&FileContent) -> String) {
        for (form, kind) in [(Form::Pem, SlotKind::Certificate), (Form::Pfx, SlotKind::Der)] {
            let Some(file) = overview.slot(Role::Root, kind) else { continue };
            let roots = roots_in(file, called);
            if roots.is_empty() {
                let why = source::unreadable(file).unwrap_or_else(|| "it holds no root".to_owned());
                self.left_out.push(format!("`{}`: {why}", called(file)));
            } else {
                self.roots.push((form, roots));
            }
        }
        if self.roots.is_empty() {
            let found = overview.files.iter().map(|file| roots_in(file, called)).find(|roots| !roots.is_empty());
            match found {
                Some(roots) => {
                    let file = roots.first().map(|root| root.file.clone()).unwrap_or_default();
                    self.remarks.push(format!("there is no `root.pem` or `root.cer`: the root is taken from `{file}`"));
                    self.roots.push((Form::Pem, roots));
                }
                None => self.left_out.push("there is no root to check by (`root.pem` or `root.cer`)".to_owned()),
            }
        }
        if self.has_two_roots() {
            let files = Form::ALL.map(|form| self.roots_of(form).first().map_or("", |root| root.file.as_str()));
            self.remarks.push(format!("{} are different roots: the folder is of two sites", list(&files)));
        }
        let is_between = |certificate: &Certificate| certificate.authority() == Authority::Yes && !is_root(certificate);
        for found in overview.certificates.iter().filter(|found| is_between(found.certificate)) {
            let file = found.places.first().and_then(|place| overview.files.get(*place)).map(called);
            let file = file.unwrap_or_default();
            self.between.push(Known { certificate: found.certificate.clone(), file });
        }
    }

    fn names(&mut self) {
        let server = self.of(Role::Server).next().map(|source| source.known.clone());
        if let Some(server) = server
            && let Some(name) = machine_name(&server.certificate)
        {
            let common = server.certificate.common_name().filter(|common| !common.contains('*') && **common != name);
            if let Some(common) = common {
                let file = &server.file;
                self.remarks
                    .push(format!("`{file}` is called `{common}` but is not for that name: `{name}` is called"));
            }
            self.name = name;
        }
        let others: Vec<_> = self.of(Role::Client).filter_map(|source| other_client(&source.known)).collect();
        self.remarks.extend(others);
    }

    /// Each export of Qlik makes new certificates, so files of two exports may lie side by side.
    fn compare(&mut self, role: Role) {
        let (Some(pem), Some(pfx)) = (self.source(role, Form::Pem), self.source(role, Form::Pfx)) else { return };
        let files = list(&[&pem.known.file, &pfx.known.file]);
        let remark = if pem.known.certificate.public_key_info() != pfx.known.certificate.public_key_info() {
            format!("{files} hold different keys, as of two exports: both are played")
        } else if pem.known.certificate != pfx.known.certificate {
            format!("{files} hold two certificates of one key: both are played")
        } else {
            return;
        };
        self.remarks.push(remark);
    }
}

fn roots_in(file: &FileContent, called: &dyn Fn(&FileContent) -> String) -> Vec<Known> {
    let roots = file.certificates().filter(|one| is_root(one));
    roots.map(|root| Known { certificate: root.clone(), file: called(file) }).collect()
}

/// The name by which Qlik calls the machine, where its certificate is for that; else one that it is for. Nobody is called
/// `*`: any machine that is meant will do.
fn machine_name(server: &Certificate) -> Option<String> {
    let fits = |name: &&str| {
        server.extensions().alternative_names.is_none()
            || server.dns_names().any(|own| own.eq_ignore_ascii_case(name))
            || name.parse().is_ok_and(|address: IpAddr| server.ip_addresses().any(|own| own == address))
    };
    let own = || server.common_name().filter(fits).into_iter().chain(server.dns_names());
    let plain = own().find(|name| !name.is_empty() && !name.contains('*')).map(str::to_owned);
    let address = || server.ip_addresses().next().map(|address| address.to_string());
    let wildcard = || own().find_map(|name| Some(format!("any.{}", name.strip_prefix("*.")?)));
    plain.or_else(wildcard).or_else(address).or_else(|| server.common_name().map(str::to_owned))
}

fn other_client(known: &Known) -> Option<String> {
    let title = known.certificate.title();
    (known.certificate.common_name() != Some(CLIENT_NAME))
        .then(|| format!("the client certificate in `{}` is `{title}`: tools look for `CN={CLIENT_NAME}`", known.file))
}
