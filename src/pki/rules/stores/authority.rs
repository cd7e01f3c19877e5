//! The root's private key: with the central node, and with no other. It never tells more of a machine than its names do.

use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::profile::Role;
use super::super::super::snapshot::{Location, StoreName};
use super::scene::{Item, Scene};

pub(super) const RULES: &[&Rule] = &[&ROOT_WITHOUT_KEY, &ROOT_KEY_STRAYED];

static ROOT_WITHOUT_KEY: Rule = Rule {
    id: "stores/root-without-key",
    severity: Severity::Warning,
    title: "the machine that the root is named after does not have its private key",
    cause: "The root's private key stays on the central node, which issues certificates with it. Without it the site runs \
            on, but exports no certificates and adds no nodes.",
    fix: "if this is the central node, restore the root with its private key from a backup (`qcert explain recreate` \
          tells what breaks without one)",
    source: "Qlik help, certificate trust architecture; that the root's name tells the central node is inferred",
};
static ROOT_KEY_STRAYED: Rule = Rule {
    id: "stores/root-key-strayed",
    severity: Severity::Warning,
    title: "the root's private key is on a machine that does not look like the central node",
    cause: "The root's private key stays on the central node: whoever has it issues certificates that the whole site \
            trusts, and nothing revokes them. It came here with a backup, as by an import of the wrong PFX.",
    fix: "if this is not the central node, make sure that the central node has the key or a backup of it exists, delete \
          the root here, and import `root.cer`, without key",
    source: "Qlik help, certificate trust architecture; that the names tell the central node is inferred",
};

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    if !scene.is_node || !scene.is_read(Location::LocalMachine, StoreName::Root) {
        return;
    }
    // Of several it is said which has the key.
    let [root] = &scene.roots()[..] else { return };
    let Some(host) = host_of(root) else { return };
    let keyed = keyed_copy(scene, root);
    if scene.content.snapshot.is_called(host) && keyed.is_none() {
        let sentence =
            format!("{} is named after this machine, and its private key is in no store here", root.placed());
        findings.push(scene.finding(&ROOT_WITHOUT_KEY, sentence));
    } else if let (false, Some(keyed), Some(server)) =
        (scene.content.snapshot.is_called(host), keyed, own_server(scene, root))
    {
        let server = server.named();
        let sentence = format!("{} has its private key, and the server here is {server}", keyed.placed());
        findings.push(scene.finding(&ROOT_KEY_STRAYED, sentence));
    }
}

/// Whatever store it lies in.
pub(super) fn keyed_copy<'a>(scene: &Scene<'a>, root: &Item<'_>) -> Option<Item<'a>> {
    let same = |item: &&Item<'_>| item.certificate.der() == root.certificate.der() && item.entry.key.is_some();
    scene.items.iter().find(same).copied()
}

/// The server that this root signed for this machine.
fn own_server<'a>(scene: &Scene<'a>, root: &Item<'_>) -> Option<Item<'a>> {
    let own = |item: &Item<'_>| {
        let name = item.certificate.common_name();
        name.is_some_and(|name| scene.content.snapshot.is_called(name)) && item.is_signed_by(root)
    };
    scene.leaves(Role::Server).into_iter().find(own)
}

/// The host in a root's name, `<host>-CA`. `localhost` is none of a particular machine, nor is an address.
pub(super) fn host_of<'a>(root: &Item<'a>) -> Option<&'a str> {
    let host = root.certificate.common_name()?.strip_suffix("-CA")?;
    let is_name = !host.eq_ignore_ascii_case("localhost") && host.parse::<std::net::IpAddr>().is_err();
    is_name.then_some(host)
}
