//! What stands in front of the steps: what is known of the site, what is to be filled in, what is odd about it.

use super::sentence::{Sentence, list, say};
use super::{ACCOUNT, Blank, CENTRAL, CLIENT, MACHINE, Names, OTHER, RIM, ROOT, ROOT_NAME, SERVER, Source, shown};
use time::OffsetDateTime;

pub(super) fn known(names: &Names<'_>) -> Vec<(&'static str, Sentence)> {
    let site = names.site;
    let mut known = Vec::new();
    if let Some(central) = &site.central {
        let from = match central.source {
            Source::Told => "{}",
            Source::HostCfg => "{}, as Host.cfg says",
            Source::RootName => "{}, as the root is named",
        };
        known.push(("central node", say(from, &[central.name.as_str()])));
    }
    if let Some(root) = &site.root {
        known.push(("old root", say("{}, ends on ", &[&root.subject]).and(names.day(root.not_after))));
        if root.without_constraints {
            let kind =
                "of 2019 or before, without basicConstraints; a release from 2020 on makes the new one with them";
            known.push(("its age", Sentence::of(kind)));
        }
        known.push(("its SHA-1", Sentence::literal(shown(&root.sha1))));
        known.push(("its SHA-256", Sentence::literal(&*root.sha256)));
    }
    for (label, leaf) in [("old server", &site.server), ("old client", &site.client)] {
        if let Some(leaf) = leaf {
            let secrets = if leaf.secrets { "; carries the site's secrets key" } else { "" };
            known.push((
                label,
                say("{}, ends on ", &[&shown(&leaf.sha1)]).and(names.day(leaf.not_after)).and(Sentence::of(secrets)),
            ));
        }
    }
    if let Some(account) = &site.account {
        known.push(("account", Sentence::literal(account.as_str())));
    }
    if !site.rims.is_empty() {
        known.push(("rims", list(&names.rims)));
    }
    if !site.holders.is_empty() {
        let holders: Vec<&str> = site.holders.iter().map(|holder| holder.name.as_str()).collect();
        known.push(("exported for", list(&holders)));
    }
    known
}

pub(super) fn blanks(names: &Names<'_>) -> Vec<Blank> {
    let found = [
        (CENTRAL, names.central, "its host name; `--central HOST` fills it in"),
        (ACCOUNT, names.account, "step {#account} shows it; `--service-account NAME` fills it in"),
        (ROOT_NAME, &names.root_name, "step {#look} shows it as the root's Subject; `--bundle DIR` fills it in"),
        (ROOT, &names.root, "step {#look} shows it; `--bundle DIR` with any of the site's exports fills it in"),
        (SERVER, &names.server, "step {#look} shows it; `--bundle '.Local Certificates'` fills it in"),
        (CLIENT, &names.client, "step {#look} shows it; `--bundle '.Local Certificates'` fills it in"),
        (
            RIM,
            names.rims.first().copied().unwrap_or_default(),
            "each rim's host name, if there are rims; `--rim NAME` fills it in",
        ),
    ];
    let still = found.into_iter().filter(|(blank, name, _)| blank == name);
    let mut blanks: Vec<Blank> = still.map(|(text, _, found)| Blank { text, found: say(found, &[]) }).collect();
    if names.site.holders.iter().all(|holder| holder.machine().is_none()) {
        let found = "each machine whose programs use exported certificates; `--machine NAME` fills it in";
        blanks.push(Blank { text: MACHINE, found: say(found, &[]) });
    }
    blanks.push(Blank { text: OTHER, found: say("the thumbprint that the command before it has shown", &[]) });
    blanks
}

pub(super) fn cautions(names: &Names<'_>, now: OffsetDateTime) -> Vec<Sentence> {
    let site = names.site;
    let mut cautions = Vec::new();
    if let Some(root) = &site.root {
        if root.not_after < now {
            cautions.push(say(
                "the old root has ended: the Repository Service stops at its next start, and the way back leads to a \
                 site that does not start either",
                &[],
            ));
        }
        match (&root.host, &site.central) {
            (None, _) => cautions.push(say(
                "the root's name {} is not `CN=<host>-CA`: look twice whether it is this site's, and fill it in by hand",
                &[&root.subject],
            )),
            (Some(host), Some(central)) if host.key() != central.name.key() => cautions.push(say(
                "the old root was made for {}, the central node is {}: this is a rename as well, see `qcert explain \
                 rename` and step {#host-name}",
                &[host.as_str(), central.name.as_str()],
            )),
            _ => {}
        }
    }
    if let (Some(written), Some(central)) = (&site.host_cfg, &site.central)
        && !written.eq_ignore_ascii_case(central.name.as_str())
    {
        cautions.push(say(
            "Host.cfg says {}, and not {}: step {#host-name} first, or the new certificates bear the wrong name",
            &[written, central.name.as_str()],
        ));
    }
    if !site.strangers.is_empty() {
        let strangers: Vec<&str> = site.strangers.iter().map(String::as_str).collect();
        cautions.push(say("already of another root, so not of this plan: ", &[]).and(list(&strangers)));
    }
    for holder in site.holders.iter().filter(|holder| holder.machine().is_none()) {
        cautions.push(say("{} cannot be a machine's name, so no command has it", &[&holder.name]));
    }
    cautions
}
