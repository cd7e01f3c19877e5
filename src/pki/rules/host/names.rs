//! The server's name: what `Host.cfg`, the certificates and the computer itself say it is.
//!
//! A root is named after the central node, and each node has a `Host.cfg` of its own: only where the root's key lies the
//! two have to agree.

use super::super::super::certificate::Certificate;
use super::super::super::diagnosis::{BundleKind, Diagnosed, HostCfg, HostCfgContent};
use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::inventory::FileContent;
use super::super::super::overview::{list, role_of};
use super::super::super::pem::encode_base64;
use super::super::super::profile::Role;
use super::Told;
use super::cfg::right_content;
use super::scene::{Scene, roots_of};
use std::net::IpAddr;

pub(super) const RULES: &[&Rule] = &[&OTHER_NAME, &RENAMED];

static OTHER_NAME: Rule = Rule {
    id: "host/other-name",
    severity: Severity::Warning,
    title: "the server's Host.cfg names another host than its certificates",
    cause: "After a rename the services take the name from Host.cfg, while root and server certificate keep the old one; \
            or Host.cfg was edited, or comes from another machine. Callers that check names refuse the server. It is an \
            error where server certificate, root and computer all agree against Host.cfg: the next bootstrap with \
            `-restorehostname` would give the site a wrong name.",
    fix: "put the right name into Host.cfg, or make the site's certificates anew for the new name: `qcert explain \
          recreate` tells what breaks",
    source: "published recipes for Host.cfg; symptoms reported in public",
};
static RENAMED: Rule = Rule {
    id: "host/computer-renamed",
    severity: Severity::Warning,
    title: "the computer has another name than Host.cfg and its certificates",
    cause: "The computer was renamed or joined another domain, or Qlik's data came from another machine. The services go \
            on under the old name; callers reach them only while that name still leads here.",
    fix: "see that the old name still leads to this machine, give the computer its old name, or rename the site: \
          Host.cfg, then new certificates; `qcert explain recreate` tells what breaks",
    source: "published recipes for Host.cfg; symptoms reported in public",
};

/// What the certificates call this server.
struct Names<'a> {
    /// Each server certificate with all its names.
    servers: Vec<&'a Certificate>,
    /// The hosts after which roots are named.
    roots: Vec<&'a str>,
    /// The root's key is here, so it should be named after this server.
    is_central: bool,
}

pub(super) fn judge(scene: &Scene<'_>, found: &mut Vec<Diagnosed>, _: &mut Told) {
    let Some(HostCfg { path, content: HostCfgContent::Name(host) }) = scene.seen.host_cfg else { return };
    let (host, names) = (&*host.name, Names::of(scene));
    let by_server = names.fit_server(host);
    let by_root = names.fit_root(host);
    let differs = match (by_server, by_root) {
        (Some(fits), _) => !fits,
        (None, Some(fits)) => !fits && names.is_central,
        (None, None) => false,
    };
    let computer = computer(scene);
    let by_computer = computer.as_ref().and_then(|computer| computer.is_called(host));
    let of_computer = || computer.as_ref().map(|computer| format!(", and the computer is {}", computer.told()));
    if differs {
        let certificates = names.told();
        let computer = of_computer().unwrap_or_default();
        let twice = if names.own().iter().any(|name| is_base64_of(host, name)) { " (base64 twice over)" } else { "" };
        let sentence = format!("`Host.cfg` names the host `{host}`{twice}, {certificates}{computer}");
        let finding = Finding::new(&OTHER_NAME, vec![path.clone()], sentence);
        let is_short = !host.contains('.') && by_computer == Some(true);
        found.push(Diagnosed::new(match &names.own()[..] {
            [name] if is_short && computer_is(scene, name) => finding.with_fix(right_content(name)),
            _ if by_computer == Some(true) => finding.with_fix(
                "if the machine was renamed, make the site's certificates anew for the new name: `qcert explain \
                 recreate` tells what breaks; else give the computer its old name, and write it into Host.cfg",
            ),
            [name] if computer_is(scene, name) => {
                let root_agrees = names.fit_root(name) == Some(true);
                let severity = if root_agrees { Severity::Error } else { finding.severity };
                finding.with_severity(severity).with_fix(right_content(name))
            }
            _ => finding,
        }));
    } else if by_computer == Some(false) {
        let certificates = if names.servers.is_empty() { "" } else { ", and so does the server certificate" };
        let computer = computer.as_ref().map(Computer::told).unwrap_or_default();
        let sentence = format!("the computer is {computer}; `Host.cfg` names the host `{host}`{certificates}");
        let finding = Finding::new(&RENAMED, vec![path.clone()], sentence);
        let snapshot = scene.stores.as_ref().filter(|_| !scene.seen.stores_are_here).map(|stores| stores.path);
        found.push(Diagnosed::new(match snapshot {
            Some(snapshot) => finding.with_fix(format!(
                "first see that `{snapshot}` was taken on this server and on no other; if it was: {}",
                RENAMED.fix
            )),
            None => finding,
        }));
    }
}

/// The names in the server certificates: what `Host.cfg` should hold.
pub(super) fn of_servers(scene: &Scene<'_>) -> Vec<String> {
    Names::of(scene).own()
}

impl<'a> Names<'a> {
    /// By the stores; where those were not looked at, by the services' own copies.
    fn of(scene: &Scene<'a>) -> Self {
        if let Some(stores) = &scene.stores {
            let roots = stores.roots.iter().filter_map(|root| host_of(root)).collect();
            return Self { servers: stores.servers.clone(), roots, is_central: stores.is_central };
        }
        let Some((_, local)) = scene.bundles().find(|(_, bundle)| bundle.kind == BundleKind::Local) else {
            return Self { servers: Vec::new(), roots: Vec::new(), is_central: false };
        };
        let all = local.report.files.iter().flat_map(FileContent::certificates);
        let mut servers: Vec<_> = all.filter(|one| role_of(one) == Some(Role::Server)).collect();
        servers.dedup_by_key(|server| server.der());
        Self { servers, roots: roots_of(local).filter_map(host_of).collect(), is_central: false }
    }

    fn fit_server(&self, host: &str) -> Option<bool> {
        let named = |server: &&Certificate| {
            let mut names = server.common_name().into_iter().chain(server.dns_names());
            names.any(|name| is_same(name, host))
        };
        (!self.servers.is_empty()).then(|| self.servers.iter().any(named))
    }

    fn fit_root(&self, host: &str) -> Option<bool> {
        (!self.roots.is_empty()).then(|| self.roots.iter().any(|name| is_same(name, host)))
    }

    fn own(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.servers.iter().filter_map(|server| server.common_name()).map(str::to_owned).collect();
        names.dedup();
        names
    }

    fn told(&self) -> String {
        let own = self.own();
        let servers = (!own.is_empty()).then(|| {
            let names = list(&own.iter().map(String::as_str).collect::<Vec<_>>());
            format!("the server certificate {names}")
        });
        let roots = self.roots.first().map(|root| format!("the root is named after `{root}`"));
        [servers, roots].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// `CN=<host>-CA`.
fn host_of(root: &Certificate) -> Option<&str> {
    root.common_name()?.strip_suffix("-CA")
}

fn is_base64_of(host: &str, name: &str) -> bool {
    encode_base64(name.as_bytes()).trim_end_matches('=') == host
}

fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}

/// What the computer calls itself.
struct Computer<'a> {
    name: &'a str,
    domain: Option<&'a str>,
}

fn computer<'a>(scene: &Scene<'a>) -> Option<Computer<'a>> {
    let snapshot = scene.stores.as_ref()?.snapshot();
    let name = &*snapshot.computer;
    (!name.is_empty()).then_some(Computer { name, domain: snapshot.domain.as_deref() })
}

fn computer_is(scene: &Scene<'_>, host: &str) -> bool {
    computer(scene).is_some_and(|computer| computer.is_called(host) == Some(true))
}

/// `COMPUTERNAME` is cut to so many letters.
const NETBIOS: usize = 15;

impl Computer<'_> {
    /// `None` of a name that is no computer's: an address, `localhost`.
    fn is_called(&self, host: &str) -> Option<bool> {
        if host.parse::<IpAddr>().is_ok() || is_same(host, "localhost") {
            return None;
        }
        let (first, rest) = host.split_once('.').unwrap_or((host, ""));
        let own = self.name.split('.').next().unwrap_or_default();
        let begins = first.get(..NETBIOS).is_some_and(|begin| begin.eq_ignore_ascii_case(own));
        let called = first.eq_ignore_ascii_case(own) || own.len() == NETBIOS && begins;
        let domain = self.domain.filter(|domain| !domain.is_empty() && !rest.is_empty());
        Some(called && domain.is_none_or(|domain| is_same(domain, rest)))
    }

    fn told(&self) -> String {
        match self.domain {
            Some(domain) => format!("`{}` in `{domain}`", self.name),
            None => format!("`{}`", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_knows_its_name() {
        let called = |name, domain, host| Computer { name, domain }.is_called(host);
        let domain = Some("example.com");
        for host in ["qs1.example.com", "QS1", "qs1.Example.COM."] {
            assert_eq!(called("QS1", domain, host), Some(true), "{host}");
        }
        for host in ["qs2.example.com", "qs1.example.net", "qs11", "qs1x.example.com"] {
            assert_eq!(called("QS1", domain, host), Some(false), "{host}");
        }
        for host in ["10.0.0.5", "localhost", "::1"] {
            assert_eq!(called("QS1", domain, host), None, "{host}");
        }
        // Of a workgroup, and as a script tells it that asked for `COMPUTERNAME`.
        assert_eq!(called("QS1", None, "qs1.example.net"), Some(true));
        assert_eq!(called("VERYLONGMACHINE", domain, "verylongmachinename.example.com"), Some(true));
        assert_eq!(called("VERYLONGMACHIN", domain, "verylongmachinename.example.com"), Some(false));
    }
}
