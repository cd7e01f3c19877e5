//! What belongs to one site: one root, serials that differ, RSA keys, the host name, the site's secrets.

use super::super::certificate::Certificate;
use super::super::finding::{Finding, Rule, Severity};
use super::super::inventory::{FileContent, What};
use super::super::overview::{Found, Overview, SlotKind, is_root, list, role_of};
use super::super::profile::Role;
use super::super::public_key::{Curve, KeyAlgorithm};
use super::Case;
use std::collections::{HashMap, HashSet};

pub const RULES: &[&Rule] =
    &[&NOTHING, &TWO_ROOTS, &OTHER_ROOT, &DUPLICATE_SERIAL, &NOT_RSA, &HOST_NAME, &MIXED_EXPORTS, &SECRETS];

static NOTHING: Rule = Rule {
    id: "site/nothing",
    severity: Severity::Unjudged,
    title: "there is nothing to judge",
    cause: "No certificate was found in what was given.",
    fix: "give the folder of a bundle, of an archive what was in it, or files with certificates; `qcert inspect` shows \
          what files hold",
    source: "what is not checked is not claimed",
};
static TWO_ROOTS: Rule = Rule {
    id: "site/two-roots",
    severity: Severity::Error,
    title: "there are two different roots",
    cause: "A bundle has one root. With two, some tools trust the one and some the other; in a Windows store two Qlik \
            roots stop the Repository Service at its next start.",
    fix: "keep the root that signed the certificates of this site, and remove the other",
    source: "Qlik help, certificate handling of the Repository Service; symptoms reported in public",
};
pub(in super::super) static OTHER_ROOT: Rule = Rule {
    id: "site/other-root",
    severity: Severity::Error,
    title: "the bundle's root is not the root that was given",
    cause: "The bundle comes from another site, or from before the site's certificates were made anew.",
    fix: "export the bundle again from the site whose root this is",
    source: "Qlik help and published recipes",
};
static DUPLICATE_SERIAL: Rule = Rule {
    id: "site/duplicate-serial",
    severity: Severity::Warning,
    title: "two certificates of one issuer have the same serial number",
    cause: "A serial number names one certificate of its issuer. Firefox refuses the second \
            (`SEC_ERROR_REUSED_ISSUER_AND_SERIAL`), and a revocation would hit both.",
    fix: "make one of them again",
    source: "RFC 5280 4.1.2.2",
};
static NOT_RSA: Rule = Rule {
    id: "site/not-rsa",
    severity: Severity::Warning,
    title: "a certificate of the bundle has a key that is not RSA",
    cause: "The License Service offers RSA suites only, and Qlik's keys sit in Windows' old provider, which takes RSA \
            only. Other tools accept it.",
    fix: "make the certificate with an RSA key of 2048 bits or more",
    source: "Qlik help, requirements of certificates",
};
static HOST_NAME: Rule = Rule {
    id: "site/host-name",
    severity: Severity::Warning,
    title: "Host.cfg names another host than the certificates",
    cause: "After a rename the services take the name from Host.cfg, while root and server certificate keep the old \
            one.",
    fix: "put the right name into Host.cfg, or make the site's certificates anew for the new name",
    source: "published recipes for Host.cfg; symptoms reported in public",
};
static MIXED_EXPORTS: Rule = Rule {
    id: "site/mixed-exports",
    severity: Severity::Note,
    title: "the PEM and PFX files come from different exports",
    cause: "Every export makes new certificates and keys, so `client.pem` and `client.pfx` in one folder differ. Both \
            are good; they are just not the same.",
    fix: "nothing needs to be done; never combine files of the two",
    source: "observed Qlik exports",
};
static SECRETS: Rule = Rule {
    id: "site/secrets",
    severity: Severity::Note,
    title: "a server certificate carries the site's secrets",
    cause: "The extensions 1.3.6.1.5.5.7.13.1 and .13.2 hold the key for passwords that the Repository keeps, \
            encrypted to this server's key. They cannot be made again.",
    fix: "keep a backup of this certificate with its key before you replace it",
    source: "real certificates observed",
};

pub(super) fn judge(case: &mut Case<'_>) {
    let overview = case.overview;
    if overview.certificates.is_empty() && case.findings.iter().all(|finding| finding.severity < Severity::Unjudged) {
        let paths = overview.files.iter().map(|file| file.path.clone()).collect();
        case.report(Finding::new(&NOTHING, paths, "there is no certificate to judge".to_owned()));
    }
    two_roots(case);
    duplicate_serials(case);
    mixed_exports(case);
    host_name(case);
    for found in &overview.certificates {
        about_one(case, found);
    }
}

/// Certificates, and yet no chain: authorities that signed only one another.
pub(in super::super) fn nothing_judged(case: &mut Case<'_>) {
    if case.findings.iter().all(|finding| finding.severity < Severity::Unjudged) {
        let paths = case.overview.files.iter().map(|file| file.path.clone()).collect();
        let sentence = "no chain was judged: there is neither a root nor a certificate that a service or tool shows";
        case.report(Finding::new(&NOTHING, paths, sentence.to_owned()));
    }
}

fn about_one(case: &mut Case<'_>, found: &Found<'_>) {
    let overview = case.overview;
    let certificate = found.certificate;
    let named = overview.label(found);
    // A key with explicit parameters is a fault of its own.
    let algorithm = certificate.public_key().algorithm();
    let rsa = matches!(algorithm, KeyAlgorithm::Rsa { .. } | KeyAlgorithm::Ec(Curve::Explicit));
    if certificate.marker().is_some() && !rsa {
        let key = certificate.public_key().text();
        let sentence = format!(
            "the key in {named} is not RSA but {key}; the License Service and Windows' old provider take RSA only"
        );
        case.report(Finding::new(&NOT_RSA, overview.paths(&found.places), sentence));
    }
    if !certificate.extensions().secrets.is_empty() {
        let sentence = format!("{named} carries the site's secrets");
        case.report(Finding::new(&SECRETS, overview.paths(&found.places), sentence));
    }
}

/// Roots in different files of a bundle. Several in one file are said as such.
fn two_roots(case: &mut Case<'_>) {
    let overview = case.overview;
    let mut roots = overview.certificates.iter().filter(|found| is_root(found.certificate));
    let (true, Some(first)) = (overview.is_bundle(), roots.next()) else { return };
    let Some(second) = roots.find(|other| other.places.iter().any(|place| !first.places.contains(place))) else {
        return;
    };
    if first.certificate.public_key_info() == second.certificate.public_key_info() {
        let (one, other) = (overview.label(first), overview.label(second));
        let sentence = format!("{other} is another root certificate than {one}: same key, made anew");
        let files = [overview.paths(&second.places), overview.paths(&first.places)].concat();
        return case.report(Finding::new(&TWO_ROOTS, files, sentence).with_severity(Severity::Warning));
    }
    let count_of = |root: &Found<'_>| {
        let leaves = overview.certificates.iter().filter(|leaf| !is_root(leaf.certificate));
        leaves.filter(|leaf| leaf.certificate.verify_signed_by(root.certificate).is_ok()).count()
    };
    // The one that signed nothing here is the stranger.
    let (by_first, by_second) = (count_of(first), count_of(second));
    let (good, stranger, by_stranger) =
        if by_first < by_second { (second, first, by_first) } else { (first, second, by_second) };
    let (good_name, strange_name) = (overview.label(good), overview.label(stranger));
    let same_name = good.certificate.subject() == stranger.certificate.subject();
    let how = if same_name { "same name, other key" } else { "another name and another key" };
    let sentence = match by_stranger {
        0 => format!("{strange_name} is another root than {good_name}: {how}; it signed nothing here"),
        _ => {
            format!("{strange_name} is another root than {good_name}: {how}; each signed some of the certificates here")
        }
    };
    let mut files = overview.paths(&stranger.places);
    files.extend(overview.paths(&good.places));
    let strangers: Vec<&FileContent> = stranger.places.iter().filter_map(|place| overview.files.get(*place)).collect();
    let finding = Finding::new(&TWO_ROOTS, files, sentence);
    let finding = if by_stranger == 0 {
        finding.with_fix(format!(
            "put the root of {good_name} in place of {strange_name}, or remove it where it has no place"
        ))
    } else {
        finding
    };
    // Beside the bundle it misleads people, but no tool looks for it.
    let in_slot = overview.slots_of(stranger).next().is_some();
    case.settle(&strangers, if in_slot { finding } else { finding.with_severity(Severity::Warning) });
}

/// A bundle's root that is none of those that were given.
pub(in super::super) fn other_root(case: &mut Case<'_>, given: &Overview<'_>) {
    let overview = case.overview;
    if given.certificates.is_empty() || !overview.is_bundle() {
        return;
    }
    for found in overview.certificates.iter().filter(|found| is_root(found.certificate)) {
        let same_key = |root: &Found<'_>| root.certificate.public_key_info() == found.certificate.public_key_info();
        if !given.certificates.iter().any(same_key) {
            let same_name =
                given.certificates.iter().any(|root| root.certificate.subject() == found.certificate.subject());
            let how = if same_name { "same name, other key" } else { "another name and another key" };
            let sentence = format!("{} is not the root that was given: {how}", overview.label(found));
            case.report(Finding::new(&OTHER_ROOT, overview.paths(&found.places), sentence));
        }
    }
}

fn duplicate_serials(case: &mut Case<'_>) {
    let overview = case.overview;
    let mut seen: HashMap<(&[u8], &[u8]), &Found<'_>> = HashMap::new();
    for found in &overview.certificates {
        let certificate: &Certificate = found.certificate;
        match seen.get(&(certificate.issuer(), certificate.serial())) {
            // Two roots of one name and serial are said as two roots.
            Some(first) if !(is_root(certificate) && is_root(first.certificate)) => {
                let (one, other) = (overview.label(first), overview.label(found));
                let serial = certificate.serial_text();
                let sentence = format!("{one} and {other} have the same issuer and the same serial number {serial}");
                let files = [overview.paths(&first.places), overview.paths(&found.places)].concat();
                case.report(Finding::new(&DUPLICATE_SERIAL, files, sentence));
            }
            Some(_) => {}
            None => drop(seen.insert((certificate.issuer(), certificate.serial()), found)),
        }
    }
}

fn mixed_exports(case: &mut Case<'_>) {
    let overview = case.overview;
    let mut pairs = Vec::new();
    for role in [Role::Server, Role::Client] {
        let (Some(pem), Some(pfx)) = (overview.slot(role, SlotKind::Certificate), overview.slot(role, SlotKind::Pfx))
        else {
            continue;
        };
        let (one, other) = (pem.certificates().next(), pfx.certificates().next());
        if let (Some(one), Some(other)) = (one, other)
            && role_of(one) == role_of(other)
            && one.der() != other.der()
        {
            pairs.push((pem, pfx));
        }
    }
    if pairs.is_empty() {
        return;
    }
    let names: Vec<_> = pairs.iter().flat_map(|(pem, pfx)| [pem.name.as_str(), pfx.name.as_str()]).collect();
    let files = pairs.iter().flat_map(|(pem, pfx)| [pem.path.clone(), pfx.path.clone()]).collect();
    let sentence = format!("{} come from different exports, each with its own keys", list(&names));
    case.report(Finding::new(&MIXED_EXPORTS, files, sentence));
}

fn host_name(case: &mut Case<'_>) {
    let overview = case.overview;
    let known = |found: &Found<'_>| match role_of(found.certificate) {
        Some(Role::Root) => {
            found.certificate.common_name().and_then(|name| name.strip_suffix("-CA")).map(str::to_owned)
        }
        Some(Role::Server) => found.certificate.common_name().map(str::to_owned),
        _ => None,
    };
    let names: Vec<String> = overview.certificates.iter().filter_map(known).collect();
    let lowered: HashSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    for file in overview.files {
        for object in &file.objects {
            let What::HostName(host) = &object.what else { continue };
            if names.is_empty() || lowered.contains(&host.name.to_ascii_lowercase()) {
                continue;
            }
            let others: Vec<_> = names.iter().map(String::as_str).collect();
            let sentence =
                format!("`{}` names the host `{}`, the certificates name {}", file.name, host.name, list(&others));
            case.report(Finding::new(&HOST_NAME, vec![file.path.clone()], sentence));
        }
    }
}
