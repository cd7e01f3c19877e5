//! `Host.cfg`: there, and holding a host name as Qlik writes it.

use super::super::super::diagnosis::{Diagnosed, HostCfg, HostCfgContent};
use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::pem::encode_base64;
use super::{Scene, Told, names};

pub(super) const RULES: &[&Rule] = &[&MISSING, &DAMAGED];

static MISSING: Rule = Rule {
    id: "host/cfg-missing",
    severity: Severity::Unjudged,
    title: "there is no Host.cfg",
    cause: "An installation keeps the server's host name in `%ProgramData%\\Qlik\\Sense\\Host.cfg`. The bootstrap with \
            `-restorehostname` takes the name from there, and Qlik-Cli its server.",
    fix: "on the server itself write it anew; of a copied folder, copy it as well, or give it with `--host-cfg FILE`",
    source: "published recipes for Host.cfg; code of Qlik-Cli",
};
static DAMAGED: Rule = Rule {
    id: "host/cfg-damaged",
    severity: Severity::Error,
    title: "the server's Host.cfg does not hold a host name",
    cause: "Host.cfg is the base64 of the host name in UTF-8, on one line. Edited by hand it often comes out wrong: the \
            name itself, its base64 in UTF-16, a lost letter. The services and Qlik-Cli then look for another name or \
            for none. It is a warning where a name can be read, but is not written as Qlik writes it.",
    fix: "write the base64 of the host name: in PowerShell \
          `[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('host.domain'))`",
    source: "published recipes for Host.cfg; code of Qlik-Cli",
};

pub(super) fn judge(scene: &Scene<'_>, found: &mut Vec<Diagnosed>, _: &mut Told) {
    let Some(HostCfg { path, content }) = scene.seen.host_cfg else { return };
    let finding = |rule, sentence: String| Finding::new(rule, vec![path.clone()], sentence);
    let finding = match content {
        HostCfgContent::Missing => finding(&MISSING, format!("there is no `{path}`")),
        HostCfgContent::Damaged(why) => {
            let finding = finding(&DAMAGED, format!("`Host.cfg` does not hold a host name: {why}"));
            let finding = match &names::of_servers(scene)[..] {
                [name] => finding.with_fix(right_content(name)),
                _ => finding,
            };
            return found.push(Diagnosed::new(finding));
        }
        HostCfgContent::Name(host) if !host.oddities.is_empty() => {
            let oddities = host.oddities.join(", ");
            let sentence =
                format!("`Host.cfg` names `{}`, but is not written as Qlik writes it: {oddities}", host.name);
            finding(&DAMAGED, sentence)
                .with_severity(Severity::Warning)
                .with_fix(right_content(host.name.trim_end_matches('.')))
        }
        HostCfgContent::Name(_) => return,
    };
    found.push(Diagnosed::new(finding));
}

/// What to write into the file.
pub(super) fn right_content(name: &str) -> String {
    let base64 = encode_base64(name.as_bytes());
    format!("write `{base64}` into Host.cfg, which is `{name}`, as one line of ASCII, after a backup of the file")
}
