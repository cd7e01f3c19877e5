//! The options that several commands share, and their words.

use super::error::problem;
use super::machines::parse_name;
use super::output::Output;
use super::site::Opening;
use crate::pki::bundle::Format;
use crate::pki::key::KeySize;
use crate::pki::name::{MachineName, Underscore};
use crate::pki::pfx::PfxEncryption;
use crate::pki::profile::Profile;
use crate::pki::secret::Password;
use crate::pki::validity::Validity;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, Time};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProfileWord {
    /// Qlik's shape plus what modern verifiers need: keyUsage on the root, IP addresses as such
    Compatible,
    /// Field for field what a 2020 or later release writes
    Qlik,
    /// What releases before 2018 wrote: for test data, Node and OpenSSL refuse it
    Classic,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KeySizeWord {
    #[value(name = "2048")]
    Bits2048,
    #[value(name = "3072")]
    Bits3072,
    #[value(name = "4096")]
    Bits4096,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatWord {
    /// root.pem, server.pem, server_key.pem, client.pem, client_key.pem
    Pem,
    /// root.cer, server.pfx, client.pfx
    Pfx,
    /// Both, with the same keys
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PemKeysWord {
    /// With the password, if there is one
    Encrypted,
    /// Open in any case
    Plain,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PfxWord {
    /// AES-256: Windows Server 2019 and later, and everything of today
    Modern,
    /// 3DES and SHA-1: Windows Server 2016 and older
    Legacy,
}

impl From<PfxWord> for PfxEncryption {
    fn from(word: PfxWord) -> Self {
        match word {
            PfxWord::Modern => Self::Modern,
            PfxWord::Legacy => Self::Legacy,
        }
    }
}

/// What a certificate looks like.
#[derive(Debug, Args)]
#[command(next_help_heading = "Certificates")]
pub(super) struct CertificateArguments {
    /// Family of shapes
    #[arg(long, value_enum, default_value = "compatible")]
    profile: ProfileWord,
    /// RSA key size in bits
    #[arg(long, value_enum, default_value = "2048", value_name = "BITS")]
    key_size: KeySizeWord,
    /// Valid for this many days [default: ten years]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,
    /// First moment, 2026-12-31 or RFC 3339 [default: seven days ago, as Qlik]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    not_before: Option<OffsetDateTime>,
    /// Last moment, 2036-12-31 or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "days")]
    not_after: Option<OffsetDateTime>,
}

impl CertificateArguments {
    /// Says what is to be known about a profile that is not for every day.
    pub(super) fn warn(&self, output: &Output) {
        if self.profile() == Profile::Classic {
            output.warn(
                "profile `classic` is for test data: Node, OpenSSL, Python and Java refuse its root, Go its server",
            );
        }
    }

    pub(super) fn profile(&self) -> Profile {
        match self.profile {
            ProfileWord::Compatible => Profile::Compatible,
            ProfileWord::Qlik => Profile::Qlik,
            ProfileWord::Classic => Profile::Classic,
        }
    }

    pub(super) fn key_size(&self) -> KeySize {
        match self.key_size {
            KeySizeWord::Bits2048 => KeySize::Rsa2048,
            KeySizeWord::Bits3072 => KeySize::Rsa3072,
            KeySizeWord::Bits4096 => KeySize::Rsa4096,
        }
    }

    /// How long certificates were asked to last; `None` for Qlik's own ten years.
    pub(super) fn lifetime(&self, now: OffsetDateTime) -> Option<Duration> {
        self.not_after.map(|end| end - now).or_else(|| self.days.map(|days| Duration::days(i64::from(days))))
    }

    pub(super) fn validity(&self, now: OffsetDateTime) -> anyhow::Result<Validity> {
        let by_days = match self.days {
            Some(days) => Some(now.checked_add(Duration::days(i64::from(days))).ok_or_else(|| {
                problem(format!("{days} days are too many"), "a certificate ends before the year 10000")
            })?),
            None => None,
        };
        Validity::chosen(now, self.not_before, self.not_after.or(by_days)).context("these dates cannot be used")
    }
}

/// How the files are written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(super) struct FileArguments {
    /// Which files
    #[arg(long, value_enum, default_value = "all")]
    format: FormatWord,
    #[command(flatten)]
    pub(super) password: PasswordArguments,
    /// Keys in PEM files
    #[arg(long, value_enum, default_value = "encrypted", value_name = "HOW")]
    pem_keys: PemKeysWord,
    /// Encryption of the PFX
    #[arg(long, value_enum, default_value = "modern", value_name = "HOW")]
    pfx: PfxWord,
}

impl FileArguments {
    pub(super) fn format(&self) -> Format {
        Format {
            pem: self.format != FormatWord::Pfx,
            pfx: self.format != FormatWord::Pem,
            plain_pem_keys: self.pem_keys == PemKeysWord::Plain,
            pfx_encryption: self.pfx.into(),
        }
    }
}

/// The password of bundles.
#[derive(Debug, Args)]
pub(super) struct PasswordArguments {
    /// File with the password of PFX and PEM keys; `-` is standard input
    #[arg(long, env = "QCERT_PASSWORD_FILE", hide_env_values = true, value_name = "FILE", help_heading = "Files")]
    pub(super) password_file: Option<PathBuf>,
    /// Read that password from standard input, whatever names a file
    #[arg(long, help_heading = "Files")]
    pub(super) password_stdin: bool,
}

/// The root, and what opens it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Root")]
pub(super) struct RootArguments {
    /// Host name in the root's name, CN=<host>-CA, when one is made [default: this machine's]
    #[arg(long, value_name = "NAME")]
    pub(super) host: Option<String>,
    #[command(flatten)]
    pub(super) passphrase: PassphraseArguments,
}

#[derive(Debug, Args)]
pub(super) struct PassphraseArguments {
    /// File with the passphrase of the root's key; `-` is standard input
    #[arg(long, env = "QCERT_PASSPHRASE_FILE", hide_env_values = true, value_name = "FILE", help_heading = "Root")]
    pub(super) passphrase_file: Option<PathBuf>,
    /// Read that passphrase from standard input, whatever names a file
    #[arg(long, help_heading = "Root")]
    pub(super) passphrase_stdin: bool,
    /// Go on although the ledger has certificates of a later day than this machine's clock
    #[arg(long, help_heading = "Root")]
    pub(super) trust_clock: bool,
}

impl PassphraseArguments {
    pub(super) fn opening<'a>(&self, passphrase: Option<&'a Password>, now: OffsetDateTime) -> Opening<'a> {
        Opening { passphrase, now, trust_clock: self.trust_clock }
    }
}

/// Names of machines as they may be typed.
#[derive(Debug, Args)]
pub(super) struct NameArguments {
    /// Further name or IP address in the server certificate; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Machines")]
    pub(super) san: Vec<String>,
    /// Take names with an underscore, which RFC 1123 does not know
    #[arg(long, help_heading = "Machines")]
    pub(super) allow_underscore: bool,
}

impl NameArguments {
    pub(super) fn underscore(&self) -> Underscore {
        if self.allow_underscore { Underscore::Allowed } else { Underscore::Refused }
    }

    pub(super) fn aliases(&self, output: &Output) -> anyhow::Result<Vec<MachineName>> {
        let parse = |name: &String| parse_name(name, self.underscore(), output).context("cannot use a `--san`");
        self.san.iter().map(parse).collect()
    }
}

/// By what a peer is called: any name may be asked about, but an address with more in it would only be found to differ.
pub(super) fn parse_peer(text: &str) -> Result<String, String> {
    let has_port = text.split_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if text.is_empty() {
        return Err("give a name or an IP address".to_owned());
    }
    if text.contains('/') || has_port {
        return Err("give the name or address alone, without `https://`, port or path".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn parse_time(text: &str) -> Result<OffsetDateTime, String> {
    if let Ok(date) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        return Ok(date.with_time(Time::MIDNIGHT).assume_utc());
    }
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| "give a date as 2030-12-31 or 2030-12-31T12:00:00Z".to_owned())
}
