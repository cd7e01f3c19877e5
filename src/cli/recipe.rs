//! `Recipe`: how a bundle was made and written, as the ledger keeps it, so that `renew` can make its like. No secrets.

use crate::pki::bundle::Format;
use crate::pki::key::KeySize;
use crate::pki::name::{MachineName, NameError, Underscore};
use crate::pki::pfx::PfxEncryption;
use crate::pki::profile::{Profile, Role};
use serde::{Deserialize, Serialize};
use time::Duration;

/// Fields are only ever added, each with a default: ledgers outlive versions.
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own, as the options that it comes from")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recipe {
    roles: Vec<String>,
    with_root: bool,
    pem: bool,
    /// `modern`, `legacy`, or none.
    pfx: Option<String>,
    plain_pem_keys: bool,
    /// Whether its keys were protected by a password. Which one is nowhere kept.
    pub(super) password: bool,
    aliases: Vec<String>,
    key_bits: u32,
    /// What was asked for, in seconds from its making; without it, Qlik's own ten years.
    lifetime: Option<i64>,
}

/// A recipe of another qcert, or damaged.
#[derive(Debug, thiserror::Error)]
#[error("the ledger does not say how this bundle was written")]
pub(super) struct NoRecipe;

impl Recipe {
    pub(super) fn new(
        roles: &[Role],
        with_root: bool,
        format: Format,
        password: bool,
        aliases: &[MachineName],
        key_size: KeySize,
        lifetime: Option<Duration>,
    ) -> Self {
        Self {
            roles: roles.iter().map(|role| role.word().to_owned()).collect(),
            with_root,
            pem: format.pem,
            pfx: format.pfx.then(|| pfx_word(format.pfx_encryption).to_owned()),
            plain_pem_keys: format.plain_pem_keys,
            password,
            aliases: aliases.iter().map(ToString::to_string).collect(),
            key_bits: key_size.bits(),
            lifetime: lifetime.map(Duration::whole_seconds),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, NoRecipe> {
        serde_json::from_str(text).map_err(|_| NoRecipe)
    }

    pub(super) fn text(&self) -> String {
        // A structure of plain fields always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn roles(&self) -> Result<Vec<Role>, NoRecipe> {
        self.roles
            .iter()
            .map(|word| [Role::Server, Role::Client].into_iter().find(|role| role.word() == word).ok_or(NoRecipe))
            .collect()
    }

    pub(super) fn with_root(&self) -> bool {
        self.with_root
    }

    pub(super) fn format(&self) -> Result<Format, NoRecipe> {
        let encryption = match self.pfx.as_deref() {
            None => PfxEncryption::Modern,
            Some(word) => [PfxEncryption::Modern, PfxEncryption::Legacy]
                .into_iter()
                .find(|encryption| pfx_word(*encryption) == word)
                .ok_or(NoRecipe)?,
        };
        Ok(Format {
            pem: self.pem,
            pfx: self.pfx.is_some(),
            plain_pem_keys: self.plain_pem_keys,
            pfx_encryption: encryption,
        })
    }

    pub(super) fn aliases(&self) -> Result<Vec<MachineName>, NameError> {
        self.aliases.iter().map(|name| MachineName::parse(name, Underscore::Allowed)).collect()
    }

    pub(super) fn key_size(&self) -> Result<KeySize, NoRecipe> {
        let sizes = [KeySize::Rsa2048, KeySize::Rsa3072, KeySize::Rsa4096];
        sizes.into_iter().find(|size| size.bits() == self.key_bits).ok_or(NoRecipe)
    }

    pub(super) fn lifetime(&self) -> Option<Duration> {
        self.lifetime.map(Duration::seconds)
    }
}

/// The profile whose word the ledger has.
pub(super) fn profile(word: &str) -> Option<Profile> {
    [Profile::Compatible, Profile::Qlik, Profile::Classic].into_iter().find(|profile| profile.word() == word)
}

fn pfx_word(encryption: PfxEncryption) -> &'static str {
    match encryption {
        PfxEncryption::Modern => "modern",
        PfxEncryption::Legacy => "legacy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_comes_back_as_it_went() {
        let format = Format { pem: true, pfx: true, plain_pem_keys: true, pfx_encryption: PfxEncryption::Legacy };
        let aliases = ["10.0.0.5", "a_b.test"].map(|name| MachineName::parse(name, Underscore::Allowed).unwrap());
        let roles = [Role::Server, Role::Client];
        let recipe = Recipe::new(&roles, true, format, true, &aliases, KeySize::Rsa3072, Some(Duration::days(365)));
        let again = Recipe::parse(&recipe.text()).unwrap();
        assert_eq!(again, recipe);
        assert_eq!(again.roles().unwrap(), roles);
        assert_eq!(again.format().unwrap(), format);
        assert_eq!(again.aliases().unwrap(), aliases);
        assert_eq!(again.key_size().unwrap(), KeySize::Rsa3072);
        assert_eq!(again.lifetime(), Some(Duration::days(365)));
        assert!(Recipe::parse("{}").is_err() && Recipe::parse("").is_err());
    }
}
