//! The machine around Qlik's certificates: what else is trusted, how long the list of that is, how old the snapshot is.

use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::profile::Role;
use super::super::super::snapshot::{Location, Place, STORES, Store, StoreName};
use super::home_of;
use super::scene::{MOST_OF_A_KIND, Scene, listed};
use std::collections::HashSet;

pub(super) const RULES: &[&Rule] = &[&UNREADABLE, &UNREAD, &NOT_SELF_SIGNED, &ISSUER_LIST, &OLD];

pub(in super::super) static UNREADABLE: Rule = Rule {
    id: "stores/unreadable",
    severity: Severity::Unjudged,
    title: "a snapshot of certificate stores cannot be read",
    cause: "It was cut or changed on its way, or a newer qcert made it, which may mean other things by it.",
    fix: "take the snapshot again, or judge it with the qcert that made it",
    source: "what is not checked is not claimed",
};
static UNREAD: Rule = Rule {
    id: "stores/unread",
    severity: Severity::Unjudged,
    title: "a store could not be read",
    cause: "What lies in it is not known, so nothing is said of it, and the next start of the Repository Service is \
            predicted only as far as the stores were read.",
    fix: "take the snapshot again, elevated and as the account that runs Qlik's services",
    source: "what is not checked is not claimed",
};
static NOT_SELF_SIGNED: Rule = Rule {
    id: "stores/not-self-signed",
    severity: Severity::Error,
    title: "certificates in Trusted Root of the machine are no roots",
    cause: "Since Windows Server 2012 one certificate there that did not sign itself breaks the check of client \
            certificates, for all: calls between services fail, IIS answers 403.16 or 403.7 (0x800B0109). Usually an \
            intermediate of a company's CA was put there.",
    fix: "move intermediates to the intermediate store (`Cert:\\LocalMachine\\CA`)",
    source: "Microsoft KB 2802568 and 2795828",
};
static ISSUER_LIST: Rule = Rule {
    id: "stores/issuer-list",
    severity: Severity::Warning,
    title: "the list of trusted issuers is longer than Windows sends",
    cause: "A server that asks for a client certificate may send the names of all roots it trusts, and Windows cuts the \
            list at 16 KB: clients whose root is beyond it show no certificate. It is an error where the registry says \
            that the list is sent.",
    fix: "delete roots that nobody needs, or set `SendTrustedIssuerList` to 0 below \
          `HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL`",
    source: "Microsoft KB 2801679 and 931125; RFC 5246 7.4.4",
};
static OLD: Rule = Rule {
    id: "stores/old-snapshot",
    severity: Severity::Note,
    title: "the snapshot is older than a week",
    cause: "The stores may have changed since. Dates are judged for today, or for `--at`.",
    fix: "take a new one",
    source: "what is not checked is not claimed",
};

/// Of the list itself and of each name in it (RFC 5246 7.4.4).
const LENGTH_FIELD: usize = 2;
const MOST_OCTETS: usize = 16 << 10;
const MOST_DAYS: i64 = 7;

pub(super) fn unread(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (location, name) in STORES {
        let path = format!("{}\\{}", location.word(), name.word());
        let sentence = match scene.content.snapshot.store(location, name) {
            None => format!("`{path}` is not in the snapshot"),
            Some(store) => match &store.problem {
                None => continue,
                Some(problem) => format!("`{path}` could not be read: {problem}"),
            },
        };
        findings.push(scene.finding(&UNREAD, sentence));
    }
    if scene.left_out > 0 {
        let count = scene.left_out;
        let sentence =
            format!("there are more than {MOST_OF_A_KIND} of a kind in one store: {count} were not looked at");
        findings.push(scene.finding(&UNREAD, sentence));
    }
    let unreadable: Vec<_> = scene.content.held.iter().filter(|held| held.certificate.is_err()).collect();
    if let Some(Err(why)) = unreadable.first().map(|held| &held.certificate) {
        let stores: HashSet<String> =
            unreadable.iter().filter_map(|held| scene.content.store(held)).map(Store::path).collect();
        let mut stores: Vec<_> = stores.into_iter().collect();
        stores.sort();
        let (count, places) = (unreadable.len(), listed(&stores, |path| format!("`{path}`")));
        let many = if count == 1 { "certificate" } else { "certificates" };
        let sentence = format!("{count} {many} in {places} could not be read, the first because {why}");
        findings.push(scene.finding(&UNREAD, sentence));
    }
}

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    findings.extend(not_self_signed(scene));
    findings.extend(issuer_list(scene));
    findings.extend(old(scene));
}

/// Everything that can be read in Trusted Root of the machine, each once.
fn trusted<'a>(scene: &Scene<'a>) -> Vec<&'a super::super::super::certificate::Certificate> {
    let mut seen = HashSet::new();
    let there = scene.content.held.iter().filter(|held| {
        let store = scene.content.store(held);
        store.is_some_and(|store| store.location == Location::LocalMachine && store.name == StoreName::Root)
    });
    let readable = there.filter_map(|held| held.certificate.as_deref().ok());
    readable.filter(|one| seen.insert(one.der())).collect()
}

fn not_self_signed(scene: &Scene<'_>) -> Option<Finding> {
    let strange: Vec<_> = trusted(scene).into_iter().filter(|one| !one.is_self_issued()).collect();
    if strange.is_empty() {
        return None;
    }
    let names = listed(&strange, |one| format!("`{}` (thumbprint `{}`)", one.title(), one.sha1()));
    let are =
        if strange.len() == 1 { "is in `LocalMachine\\Root` and did" } else { "are in `LocalMachine\\Root` and did" };
    let finding = scene.finding(
        &NOT_SELF_SIGNED,
        format!("{names} {are} not sign {}", if strange.len() == 1 { "itself" } else { "themselves" }),
    );
    Some(match fix_of_leaves(scene) {
        Some(fix) if fix.left < strange.len() => finding.with_fix(format!("{}; {}", fix.steps, NOT_SELF_SIGNED.fix)),
        Some(fix) => finding.with_fix(fix.steps),
        None => finding,
    })
}

/// What to do with Qlik's servers and clients in Trusted Root.
struct Leaves {
    steps: String,
    left: usize,
}

/// They are no intermediates: a copy goes, and one that is nowhere else goes where it belongs.
fn fix_of_leaves(scene: &Scene<'_>) -> Option<Leaves> {
    let mut steps = Vec::new();
    for role in [Role::Server, Role::Client] {
        let (location, name) = home_of(role);
        let at_home = scene.in_store(role, location, name);
        for leaf in scene.in_store(role, Location::LocalMachine, StoreName::Root) {
            if leaf.certificate.is_self_issued() {
                continue;
            }
            let home = Place { location, name }.path();
            let copies = || at_home.iter().filter(|other| other.certificate.der() == leaf.certificate.der());
            let keyed = leaf.entry.key.is_none() || copies().any(|copy| copy.entry.key.is_some());
            let removal = leaf.removal();
            steps.push(if copies().next().is_some() && keyed {
                format!("delete {}, which lies in `{home}` as well: {removal}", leaf.named())
            } else {
                let with = if leaf.entry.key.is_some() { "export it with its private key" } else { "save it" };
                format!("{} belongs in `{home}`: {with}, import it there, then delete it here: {removal}", leaf.named())
            });
        }
    }
    let left = steps.len();
    (left > 0).then(|| Leaves { steps: steps.join("; "), left })
}

fn issuer_list(scene: &Scene<'_>) -> Option<Finding> {
    let roots = trusted(scene);
    let octets = LENGTH_FIELD + roots.iter().map(|root| LENGTH_FIELD + root.subject().len()).sum::<usize>();
    let sent = scene.content.snapshot.schannel.send_trusted_issuer_list;
    if octets <= MOST_OCTETS || sent == Some(0) {
        return None;
    }
    let count = roots.len();
    let list =
        format!("the names of the {count} roots in `LocalMachine\\Root` take {octets} octets, more than {MOST_OCTETS}");
    Some(match sent {
        Some(_) => scene
            .finding(&ISSUER_LIST, format!("{list}, and the registry has them sent"))
            .with_severity(Severity::Error),
        None => scene.finding(&ISSUER_LIST, format!("{list}; the registry does not say whether they are sent")),
    })
}

fn old(scene: &Scene<'_>) -> Option<Finding> {
    let taken = scene.content.snapshot.taken_at;
    let days = (scene.at - taken).whole_days();
    let sentence =
        format!("the snapshot was taken on {}, {days} days before the moment it is judged for", taken.date());
    (days > MOST_DAYS).then(|| scene.finding(&OLD, sentence))
}
