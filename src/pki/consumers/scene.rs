//! What every row looks at: the bundle, its root and leaves, and what is the matter with each leaf. Made once.

use super::super::certificate::Certificate;
use super::super::finding::Finding;
use super::super::inventory::{FileContent, Form};
use super::super::path::PeerName;
use super::super::profile::Role;
use super::super::report::Answer;
use super::super::rules::Given;
use super::super::rules::identity::peer_name;
use super::fault::{Examination, Fault, Kind, faults};
use super::slot::{Bundle, Slot, pfx_certificate};

#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) bundle: Bundle<'a>,
    pub(super) root: Option<&'a Certificate>,
    pub(super) server: Option<&'a Certificate>,
    pub(super) client: Option<&'a Certificate>,
    /// The one in `client.pfx`.
    pub(super) pfx_client: Option<&'a Certificate>,
    /// Of the server's certificate, as one finds it who calls the machine. Empty when no server or root can be read.
    pub(super) server_faults: Vec<Fault<'a>>,
    pub(super) client_faults: Vec<Fault<'a>>,
    pub(super) pfx_faults: Vec<Fault<'a>>,
}

/// What outlives the scene: names and certificates taken together.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    bundle: Bundle<'a>,
    roots: Vec<&'a Certificate>,
    root_file: &'static str,
    name: Option<PeerName>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(files: &'a [FileContent], given: &Given) -> Self {
        let bundle = Bundle::new(files);
        let pem = bundle.certificates(Slot::Root.name()).value;
        let (roots, root_file) =
            if pem.is_empty() { (bundle.certificates("root.cer").value, "root.cer") } else { (pem, "root.pem") };
        let machine = || given.machine.as_deref().map(peer_name);
        // Not told otherwise, callers use the name that the certificate was issued for.
        let own = || leaf(bundle, Role::Server).0?.common_name().map(peer_name);
        Self { name: given.name.clone().or_else(machine).or_else(own), bundle, roots, root_file }
    }

    pub(super) fn scene(&'a self, given: &Given, findings: &[Finding]) -> Scene<'a> {
        let Self { bundle, roots, root_file, name } = self;
        let bundle = *bundle;
        let ask = |(leaf, file): (Option<&'a Certificate>, &str), role| {
            let Some(leaf) = leaf.filter(|_| !roots.is_empty()) else { return Vec::new() };
            let paths =
                [file, root_file].into_iter().filter_map(|name| Some(bundle.file(name)?.path.as_str())).collect();
            let name = if role == Role::Server { name.as_ref() } else { None };
            let more = bundle.certificates(file).value;
            // Sentences name what was shown at a port by the port.
            let shown = bundle.file(file).filter(|found| found.form == Form::Shown);
            let file = shown.map_or(file, |found| &found.name).to_owned();
            faults(&Examination { leaf, file, paths, roots, more, root_file, role, name, at: given.at }, findings)
        };
        let (server, client) = (leaf(bundle, Role::Server), leaf(bundle, Role::Client));
        let pfx_client = pfx_certificate(bundle, "client.pfx");
        Scene {
            bundle,
            root: roots.first().copied(),
            server: server.0,
            client: client.0,
            pfx_client,
            server_faults: ask(server, Role::Server),
            client_faults: ask(client, Role::Client),
            pfx_faults: ask((pfx_client, "client.pfx"), Role::Client),
        }
    }
}

impl Scene<'_> {
    pub(super) fn has_pem_client(&self) -> bool {
        self.bundle.has(Slot::Certificate.name()) || self.bundle.has(Slot::Key.name())
    }
}

/// From the PEM file, else for the server from its PFX.
fn leaf(bundle: Bundle<'_>, role: Role) -> (Option<&Certificate>, &'static str) {
    let (pem, pfx) = if role == Role::Server { ("server.pem", "server.pfx") } else { ("client.pem", "client.pfx") };
    match bundle.certificates(pem).value.first() {
        Some(certificate) => (Some(certificate), pem),
        None if role == Role::Server => (pfx_certificate(bundle, pfx), pfx),
        None => (None, pem),
    }
}

/// What no table knows is never passed.
pub(super) fn unjudged_chain(faults: &[Fault<'_>]) -> Result<(), Answer> {
    match faults.iter().find(|fault| matches!(fault.kind, Kind::Other(_))) {
        Some(fault) => Err(Answer::Unjudged(fault.why())),
        None => Ok(()),
    }
}
