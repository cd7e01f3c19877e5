//! Why stores are left as they are: a sentence each, with the way out.

use super::super::profile::Role;
use super::super::snapshot::Place;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("`{0}` is encrypted and no password was given")]
    PasswordNeeded(String),
    #[error("`{0}` does not open with this password")]
    WrongPassword(String),
    #[error("cannot read `{file}`: {why}")]
    Unreadable { file: String, why: String },
    #[error("there is no root among the files")]
    NoRoot,
    #[error("there is no {} certificate among the files", .0.word())]
    NoLeaf(Role),
    #[error("there is no certificate of a Qlik site among the files")]
    Nothing,
    #[error("there are several {} certificates: {names}", .role.word())]
    Several { role: Role, names: String },
    #[error("the private key of {0} is not among the files")]
    NoKey(String),
    #[error("{0} has no RSA key, and the provider that Qlik's keys lie in takes no other")]
    NotRsa(String),
    #[error("{leaf} was not signed by {root}")]
    OtherRoot { leaf: String, root: String },
    #[error("no root in `LocalMachine\\Root` signed {0}, and none is to be put there")]
    Untrusted(String),
    /// What `validate` calls an error: its sentence and its fix.
    #[error("{0}")]
    Fault(String, String),
    #[error("`{}` could not be read: {why}", .place.path())]
    Unread { place: Place, why: String },
    #[error("writing {} takes an elevated console", places(.0))]
    NotElevated(Vec<Place>),
    #[error("{there} in `LocalMachine\\Root` has the same name as the new root and another key")]
    SameName { there: String },
    #[error("{there} in `LocalMachine\\Root` is another certificate of the new root's name and key")]
    SameKey { there: String },
    #[error("{there} is in `LocalMachine\\Root`: with a second Qlik root the Repository Service of this machine stops")]
    SecondRoot { there: String },
    #[error("the private key of {there} is in `{}`: it is what this machine issues certificates with", .place.path())]
    RootWithKey { there: String, place: Place },
    #[error("{there} in `{}` is another site's or QlikView's, and this site's root is here already", .place.path())]
    AnotherSites { there: String, place: Place },
    #[error("{0} in `LocalMachine\\Root` has the new root's name and is no root of Qlik's")]
    NotOursToReplace(String),
    #[error("{there} is in `{}` already: {why}", .place.path())]
    OldOne { there: String, place: Place, why: &'static str },
    #[error("{0} carries the site's secrets key, and the new server certificate does not")]
    Secrets(String),
    #[error("{0} is no root: it did not sign itself")]
    NotARoot(String),
    #[error("{0} does not carry Qlik's mark of a root")]
    NotQliks(String),
}

impl Refusal {
    /// The answer is no, as against what could not be looked at or may not be done by this account.
    pub fn is_no(&self) -> bool {
        !matches!(
            self,
            Self::PasswordNeeded(_)
                | Self::WrongPassword(_)
                | Self::Unreadable { .. }
                | Self::Unread { .. }
                | Self::NotElevated(_)
        )
    }

    pub fn hint(&self) -> String {
        match self {
            Self::PasswordNeeded(_) => "give its password with `--password-file FILE` or `--password-stdin`",
            Self::WrongPassword(_) => {
                "check the password; upper and lower case count, and `--password-file` may be given several times"
            }
            Self::Unreadable { .. } => "export or copy that file again, or install from a folder without it",
            Self::NoRoot => {
                "export the bundle with its root; where the root is in the store already, name the roles that are \
                 wanted: `--role server`, `--role client`"
            }
            Self::NoLeaf(_) => "leave that `--role` out, or give the folder that has it; `qcert inspect` shows what is there",
            Self::Nothing => "give the folder that was exported for this machine; `qcert inspect` shows what files hold",
            Self::Several { role: Role::Server, .. } => "say whose with `--machine NAME`, or give a folder with one of them",
            Self::Several { role: Role::Root, .. } => "give a folder with one site's files",
            Self::Several { .. } => "give a folder with one of them",
            Self::NoKey(_) => "put its key or its PFX beside it, from the same export; `qcert validate` tells which keys are there",
            Self::NotRsa(_) => "export the bundle anew with an RSA key",
            Self::OtherRoot { .. } => "export the bundle again: its files come from different sites or exports",
            Self::Untrusted(_) => "say `--role root` as well, or leave `--role` out: without its root nobody trusts it",
            Self::Fault(_, fix) => return fix.clone(),
            Self::Unread { .. } => {
                "of what was not read it is not known what it holds, so nothing is changed: run it as an account that \
                 may read it"
            }
            Self::NotElevated(_) => "open the console with \"Run as administrator\", as the account of Qlik's services",
            Self::SameName { .. } | Self::SameKey { .. } => {
                "if that is the old one, `--replace` removes it after a backup"
            }
            Self::SecondRoot { .. } => {
                "if this machine is to change over to the new site, `--replace` removes it after a backup; \
                 for tools that call another site, use the bundle's files from where they are"
            }
            Self::RootWithKey { .. } => {
                "`--replace` never removes that; to make the site's certificates anew see `qcert explain recreate`, and \
                 `qcert store clean` for what has to go first"
            }
            Self::AnotherSites { .. } => {
                "`--replace` removes only what is this site's; if nothing needs the other one any more, \
                 `qcert store clean --root THUMBPRINT` removes its root and what that signed"
            }
            Self::NotOursToReplace(_) => "look at it in certlm.msc; qcert removes no roots but Qlik's",
            Self::OldOne { .. } => "`--replace` removes it after a backup",
            Self::Secrets(_) => {
                "without that key the passwords of data connections in the Repository cannot be decrypted any more: \
                 export again with \"Include secret key\", or say `--lose-secrets` if they are to be typed anew"
            }
            Self::NotARoot(_) => "give the site's root: `root.cer`, `root.pem`, or its thumbprint",
            Self::NotQliks(_) => {
                "qcert removes nothing of an authority that may not be Qlik's, such as a company's own; delete such \
                 certificates by hand in certlm.msc and certmgr.msc"
            }
        }
        .to_owned()
    }
}

fn places(places: &[Place]) -> String {
    let paths: Vec<String> = places.iter().map(|place| format!("`{}`", place.path())).collect();
    match &paths[..] {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        all => all.concat(),
    }
}
