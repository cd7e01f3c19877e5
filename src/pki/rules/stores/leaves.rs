//! Server and client certificates in the stores: one each, under the root that is there.

use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::profile::{CLIENT_NAME, Role};
use super::home_of;
use super::roots;
use super::scene::{Item, Scene, listed};
use super::several::{self, SEVERAL_CLIENTS, SEVERAL_SERVERS};

pub(super) const RULES: &[&Rule] = &[
    &SEVERAL_CLIENTS,
    &SEVERAL_SERVERS,
    &OTHER_ROOT,
    &LEAF_INVALID,
    &LEAF_MISSING,
    &SERVER_MISSING,
    &ARCHIVED,
    &SEVERAL_SITES,
    &EXPIRED_CLIENT,
];

pub(in super::super) static OTHER_ROOT: Rule = Rule {
    id: "stores/leaf-of-another-root",
    severity: Severity::Error,
    title: "a certificate was not signed by the root in the store",
    cause: "Every other service refuses it (`is invalid because it was not signed correctly by 'CN=…-CA'`). The root was \
            made anew, as by a recreation, and this certificate is left from before, or it is another site's.",
    fix: "on the central node delete it and start the Repository Service, which makes a new one; on another node \
          redistribute the certificates from the console",
    source: "Qlik knowledge base 1716657; Qlik help, certificate handling of the Repository Service",
};
static LEAF_INVALID: Rule = Rule {
    id: "stores/leaf-expired",
    severity: Severity::Error,
    title: "a server or client certificate has expired, or is not valid yet",
    cause: "Calls that show it are refused. Qlik's certificates hold for ten years from their making, those of the first \
            days as long as the root. At its next start the Repository Service of a central node makes a new one.",
    fix: "check the clock of the machine; restart the Repository Service of the central node, which makes a new one; on \
          another node redistribute the certificates from the console",
    source: "Qlik help, certificate handling of the Repository Service; what Qlik calls invalid is inferred",
};
static LEAF_MISSING: Rule = Rule {
    id: "stores/leaf-missing",
    severity: Severity::Warning,
    title: "there is no client certificate in the store of the account",
    cause: "Client certificates lie in the store of the account that runs the services: a snapshot that another account \
            took does not show them. If it is not there either, the Repository Service makes a new one at its next \
            start.",
    fix: "take the snapshot as the account that runs Qlik's services",
    source: "Qlik help, service certificates",
};
static SERVER_MISSING: Rule = Rule {
    id: "stores/server-missing",
    severity: Severity::Error,
    title: "a Qlik server has no server certificate",
    cause: "It lies with the machine, so it is missing for every account: the services have nothing to show to whoever \
            calls them. At its next start the Repository Service of a central node makes a new one, without the site's \
            secrets that the old one may have carried.",
    fix: "restore it from a backup with its key; else leave it to the Repository Service of the central node to make a \
          new one, and on another node redistribute the certificates from the console",
    source: "Qlik help, certificate handling of the Repository Service",
};
static ARCHIVED: Rule = Rule {
    id: "stores/archived",
    severity: Severity::Warning,
    title: "the only certificate of its kind is archived",
    cause: "Windows keeps an archived certificate in its store and shows it to no program that does not ask for such: \
            Qlik's services do as if it were not there. Whether they ask is inferred. It is an error \
            for the server certificate of a Qlik server.",
    fix: "undo it: `(Get-Item -Force 'Cert:\\STORE\\THUMBPRINT').Archived = $false`",
    source: "Windows' certificate stores; inferred",
};
static SEVERAL_SITES: Rule = Rule {
    id: "stores/several-sites",
    severity: Severity::Warning,
    title: "client certificates of several sites are in one store",
    cause: "Qlik-Cli and other tools look for `CN=QlikClient` and take the first one: calls to one site work, calls to \
            the others are refused.",
    fix: "have the tool choose by issuer or thumbprint (Qlik-Cli: `Connect-Qlik -Certificate`), or keep one of them in \
          the store",
    source: "ahaydon/Qlik-Cli-Windows issue 154",
};
static EXPIRED_CLIENT: Rule = Rule {
    id: "stores/expired-client",
    severity: Severity::Warning,
    title: "an expired client certificate was left beside a valid one",
    cause: "Tools that take the first `CN=QlikClient` may take this one, and are refused.",
    fix: "delete the expired one",
    source: "code of Qlik-Cli and SenseApiLibrary",
};

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (role, rule) in [(Role::Server, &SEVERAL_SERVERS), (Role::Client, &SEVERAL_CLIENTS)] {
        let leaves = scene.leaves(role);
        match &leaves[..] {
            [] => findings.extend(missing(scene, role)),
            [_, _, ..] if scene.is_node => {
                // What goes with a root was said of the root.
                if leaves.iter().filter(|leaf| !roots::takes_along(scene, leaf)).count() > 1 {
                    findings.push(several::judge(scene, rule, role, &leaves));
                }
            }
            some => {
                findings.extend(some.iter().filter_map(|leaf| of_another_root(scene, leaf)));
                findings.extend(out_of_date(scene, some));
                findings.extend(several_sites(scene, some));
                findings.extend(leftovers(scene, some));
            }
        }
    }
}

fn missing(scene: &Scene<'_>, role: Role) -> Option<Finding> {
    if let Some(archived) = scene.archived(role) {
        let sentence = format!("the {} {} is archived: programs do not see it", role.word(), archived.placed());
        let store = archived.store.path();
        let thumbprint = archived.certificate.sha1().to_ascii_uppercase();
        let fix = ARCHIVED.fix.replace("STORE", &store).replace("THUMBPRINT", &thumbprint);
        let severity = if role == Role::Server && scene.is_node { Severity::Error } else { ARCHIVED.severity };
        return Some(scene.finding(&ARCHIVED, sentence).with_fix(fix).with_severity(severity));
    }
    if !scene.is_node || !scene.is_home_read(role) || scene.items.iter().any(|item| item.role == Some(role)) {
        return None;
    }
    let (location, name) = home_of(role);
    let place = format!("`{}\\{}`", location.word(), name.word());
    let sentence = format!("there is no {} certificate in {place}", role.word());
    Some(match role {
        Role::Server => scene.finding(&SERVER_MISSING, sentence),
        _ => scene.finding(&LEAF_MISSING, format!("{sentence} of `{}`", scene.content.snapshot.account)),
    })
}

fn of_another_root(scene: &Scene<'_>, leaf: &Item<'_>) -> Option<Finding> {
    let roots = scene.all_roots();
    // Without any root that is the fault.
    if roots.is_empty() || roots.iter().any(|root| leaf.is_signed_by(root)) {
        return None;
    }
    let issuer = leaf.certificate.issuer_name();
    let issuer = issuer.common_name().map_or_else(|| issuer.text(), str::to_owned);
    let namesake = roots.iter().find(|root| root.certificate.subject() == leaf.certificate.issuer());
    let how = match namesake {
        Some(root) => {
            let id = leaf.certificate.authority_key_id();
            let altered = id.is_some() && id == root.certificate.subject_key_id();
            let why =
                if altered { "its key id fits, its signature does not: it is damaged" } else { "same name, other key" };
            format!("the root {}: {why}", root.placed())
        }
        None => format!("any Qlik root here: `{issuer}` issued it"),
    };
    Some(scene.finding(&OTHER_ROOT, format!("{} was not signed by {how}", leaf.placed())))
}

/// The only one, or all of them.
fn out_of_date(scene: &Scene<'_>, leaves: &[Item<'_>]) -> Vec<Finding> {
    let faults: Vec<_> = leaves.iter().filter_map(|leaf| Some((leaf, scene.fault_of_dates(leaf)?))).collect();
    // A root out of its dates is the cause, and said.
    if faults.len() < leaves.len() || scene.is_root_out_of_date() {
        return Vec::new();
    }
    let of = |(leaf, why): (&Item<'_>, String)| {
        let keyless = if leaf.entry.key.is_none() { ", and has no private key" } else { "" };
        let finding = scene.finding(&LEAF_INVALID, format!("{} {why}{keyless}", leaf.placed()));
        let fix = "check the clock of the machine; export a new bundle from the site, and import its client";
        if scene.is_node { finding } else { finding.with_fix(fix) }
    };
    faults.into_iter().map(of).collect()
}

/// By their issuers' names and keys: a root made anew under its old name is another site to a tool as well.
fn several_sites(scene: &Scene<'_>, leaves: &[Item<'_>]) -> Option<Finding> {
    let site =
        |leaf: &Item<'_>| (leaf.certificate.issuer().to_vec(), leaf.certificate.authority_key_id().map(<[u8]>::to_vec));
    let counts = |leaf: &&Item<'_>| {
        // What has expired is said as such.
        leaf.certificate.common_name() == Some(CLIENT_NAME) && scene.at <= leaf.certificate.not_after()
    };
    let clients: Vec<_> = leaves.iter().filter(counts).collect();
    let first = site(clients.first()?);
    if clients.iter().all(|client| site(client) == first) {
        return None;
    }
    let told = |client: &&Item<'_>| {
        let issuer = client.certificate.issuer_name();
        let issuer = issuer.common_name().map_or_else(|| issuer.text(), str::to_owned);
        format!("{} of `{issuer}`", client.named())
    };
    let place = clients.first().map(|client| client.store.path()).unwrap_or_default();
    let sentence = format!("`{place}` holds client certificates of several sites: {}", listed(&clients, told));
    Some(scene.finding(&SEVERAL_SITES, sentence))
}

fn leftovers(scene: &Scene<'_>, leaves: &[Item<'_>]) -> Option<Finding> {
    let (valid, expired): (Vec<&Item<'_>>, Vec<&Item<'_>>) =
        leaves.iter().partition(|leaf| scene.at <= leaf.certificate.not_after());
    if valid.is_empty() || expired.is_empty() {
        return None;
    }
    let told = |leaf: &&Item<'_>| format!("{} expired on {}", leaf.placed(), leaf.certificate.not_after().date());
    let finding = scene.finding(&EXPIRED_CLIENT, listed(&expired, told));
    Some(finding.with_fix(format!("delete it: {}", listed(&expired, |leaf| leaf.removal()))))
}
