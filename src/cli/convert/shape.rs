//! Into what: as it was said, else as the new file's name says, else as what was read suggests.

use super::super::arguments::PfxWord;
use super::super::error::problem;
use super::place::Place;
use crate::pki::conversion::{Holdings, Target};
use crate::pki::pfx::PfxEncryption;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// One object a file: client.pem, client_key.pem, root.pem
    Pem,
    /// The same in DER: client.cer, client_key.der, root.cer
    Der,
    /// A PFX for each key; certificates without one in DER: client.pfx, root.cer
    Pfx,
}

impl From<Form> for Target {
    fn from(form: Form) -> Self {
        match form {
            Form::Pem => Self::Pem,
            Form::Der => Self::Der,
            Form::Pfx => Self::Pfx,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) target: Target,
    pub(super) pfx: PfxEncryption,
}

impl Shape {
    pub(super) fn decide(
        to: Option<Form>,
        pfx: Option<PfxWord>,
        place: &Place,
        holdings: &Holdings,
    ) -> anyhow::Result<Self> {
        let named = place.file_name().and_then(of_name);
        let guessed = || match () {
            () if pfx.is_some() => Some(Target::Pfx),
            () if holdings.is_all_pfx() => Some(Target::Pem),
            () => None,
        };
        let target = to.map(Target::from).or(named).or_else(guessed).ok_or_else(|| {
            problem("it was not said into which form to convert", "say it with `--to pem`, `--to der` or `--to pfx`")
        })?;
        if let (Some(name), Some(named)) = (place.file_name(), named)
            && (target == Target::Pfx) != (named == Target::Pfx)
        {
            return Err(problem(
                format!("`{name}` is no name of a {} file", target.word()),
                "give a name that ends in .pem, .cer or .pfx, or a folder",
            ));
        }
        if pfx.is_some() && target != Target::Pfx {
            return Err(problem("`--pfx` is about PFX files only", "leave it out, or convert with `--to pfx`"));
        }
        Ok(Self { target, pfx: pfx.map_or(PfxEncryption::Modern, PfxEncryption::from) })
    }
}

/// What a file of this name is expected to be; `None` of a folder's name.
pub(super) fn of_name(name: &str) -> Option<Target> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "pfx" | "p12" => Target::Pfx,
        "cer" | "der" => Target::Der,
        "pem" | "crt" | "key" => Target::Pem,
        _ => return None,
    })
}
