//! Keys of the server and client certificate, as far as Windows told: there, usable, in the provider that Qlik uses.

use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::profile::{CLIENT_NAME, Role};
use super::super::super::snapshot::{KeyFacts, KeyKind};
use super::scene::{Item, Scene};

pub(super) const RULES: &[&Rule] =
    &[&NO_KEY, &KEY_NOT_USABLE, &KEY_UNJUDGED, &CNG_KEY, &USERS_KEYSET, &FRIENDLY_NAME, &NOT_EXPORTABLE];

static NO_KEY: Rule = Rule {
    id: "stores/no-key",
    severity: Severity::Error,
    title: "a certificate has no private key in the store",
    cause: "It was imported without its key, as from a `.cer` or `.pem`, or the key was lost (`No private key found for \
            certificate`). No service can show it; the Repository Service deletes it at its next start and makes a new \
            one.",
    fix: "import the PFX with the key, or leave it to the Repository Service to make a new one",
    source: "Qlik knowledge base 1716657; what Qlik calls invalid is inferred",
};
static KEY_NOT_USABLE: Rule = Rule {
    id: "stores/key-not-usable",
    severity: Severity::Error,
    title: "the account may not use a private key, or its provider fails",
    cause: "The key is there, and opening it fails (`Unkown error when accessing the private key`). The account lacks \
            the right to read it, or the provider that keeps it is not the one of the import.",
    fix: "give the account that runs Qlik's services the right to read the key (certlm.msc, All Tasks, Manage Private \
          Keys), or import the PFX again as this account",
    source: "Qlik knowledge base 1716657; Qlik help, certificate trust",
};
static KEY_UNJUDGED: Rule = Rule {
    id: "stores/key-unjudged",
    severity: Severity::Unjudged,
    title: "it could not be told whether a private key can be used",
    cause: "The snapshot does not say that the key opens: Windows gave an error where its facts were asked for, or the \
            snapshot was taken without rights.",
    fix: "take the snapshot as the account that runs Qlik's services, elevated",
    source: "what is not checked is not claimed",
};
static CNG_KEY: Rule = Rule {
    id: "stores/cng-key",
    severity: Severity::Warning,
    title: "a key of Qlik's lies in the new key store (CNG)",
    cause: "Qlik keeps its keys in Windows' old provider (`Microsoft Enhanced Cryptographic Provider v1.0`). Keys in the \
            new one are a known source of trouble with .NET programs that ask for the old.",
    fix: "import the PFX with the old provider: `certutil -csp \"Microsoft Enhanced Cryptographic Provider v1.0\" \
          -importpfx FILE`",
    source: "observed Qlik exports; Qlik's own statement was not found",
};
static USERS_KEYSET: Rule = Rule {
    id: "stores/users-keyset",
    severity: Severity::Warning,
    title: "the server's key is kept with a user and not with the machine",
    cause: "The certificate lies with the machine, its key in the profile of whoever imported it. Services under another \
            account do not reach it, and it is gone with the profile.",
    fix: "import `server.pfx` into Personal of the machine (`Import-PfxCertificate -CertStoreLocation \
          Cert:\\LocalMachine\\My`)",
    source: "observed Qlik exports: the server's key is a machine's key",
};
static FRIENDLY_NAME: Rule = Rule {
    id: "stores/friendly-name",
    severity: Severity::Warning,
    title: "the client certificate does not have the friendly name `QlikClient`",
    cause: "Programs with Qlik's .NET SDK look for this friendly name, and end with `CertificatesNotLoadedException` \
            where no certificate has it.",
    fix: "set it: `(Get-Item 'Cert:\\CurrentUser\\My\\THUMBPRINT').FriendlyName = 'QlikClient'`",
    source: "Qlik's .NET SDK; observed Qlik exports",
};
static NOT_EXPORTABLE: Rule = Rule {
    id: "stores/not-exportable",
    severity: Severity::Note,
    title: "a private key cannot be exported",
    cause: "It was imported without that right, so no backup of it can be made from here.",
    fix: "keep the PFX from which it was imported; a key that is exported nowhere is lost with the machine",
    source: "Windows' certificate stores",
};

pub(super) fn judge(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for role in [Role::Server, Role::Client] {
        let leaves = scene.leaves(role);
        // Of several Qlik deletes all: their keys are no matter.
        if scene.is_node && leaves.len() > 1 {
            continue;
        }
        for leaf in &leaves {
            // That it is to be made anew was said, with or without a key.
            if scene.fault_of_dates(leaf).is_some() && leaf.entry.key.is_none() && !scene.is_root_out_of_date() {
                continue;
            }
            of_one(scene, leaf, role, findings);
        }
    }
}

fn of_one(scene: &Scene<'_>, leaf: &Item<'_>, role: Role, findings: &mut Vec<Finding>) {
    let placed = leaf.placed();
    let mut say = |rule, sentence: String| findings.push(scene.finding(rule, sentence));
    let Some(key) = &leaf.entry.key else {
        return say(&NO_KEY, format!("{placed} has no private key"));
    };
    let KeyFacts { provider, kind, machine_keyset, exportable, problem, .. } = key;
    let account = &scene.content.snapshot.account;
    let answer = problem.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default();
    match scene.usable(key) {
        Some(false) => {
            return say(&KEY_NOT_USABLE, format!("`{account}` cannot use the private key of {placed}{answer}"));
        }
        None => {
            let told = format!("whether `{account}` can use the private key of {placed} is not known{answer}");
            say(&KEY_UNJUDGED, told);
        }
        Some(true) => {}
    }
    if *kind == Some(KeyKind::Cng) {
        let provider = provider.as_ref().map(|name| format!(" (`{name}`)")).unwrap_or_default();
        say(&CNG_KEY, format!("the private key of {placed} lies in the new key store, CNG{provider}"));
    }
    if role == Role::Server && *machine_keyset == Some(false) {
        say(&USERS_KEYSET, format!("the private key of {placed} is kept with a user, not with the machine"));
    }
    let friendly = leaf.entry.friendly_name.as_deref().map(|name| name.trim_end_matches('\0'));
    if role == Role::Client && friendly != Some(CLIENT_NAME) {
        let has = friendly
            .filter(|name| !name.is_empty())
            .map_or("no friendly name".to_owned(), |name| format!("the friendly name `{name}`"));
        let thumbprint = leaf.certificate.sha1().to_ascii_uppercase();
        let fix = FRIENDLY_NAME.fix.replace("THUMBPRINT", &thumbprint);
        findings.push(scene.finding(&FRIENDLY_NAME, format!("{placed} has {has}")).with_fix(fix));
    }
    if *exportable == Some(false) {
        let sentence = format!("the private key of {placed} cannot be exported: no backup can be made of it here");
        findings.push(scene.finding(&NOT_EXPORTABLE, sentence));
    }
}
