//! The sentence for a person on each outcome of a comparison, and what to do about it.

use super::super::super::output::escape;
use super::{BUNDLE, Comparison, Hang, Relation};
use crate::pki::certificate::Certificate;
use std::fmt::Write as _;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// What the words are about, beside the outcome.
pub(super) struct Scene<'a> {
    /// `host:port`.
    pub(super) place: &'a str,
    pub(super) leaf: Option<&'a Certificate>,
    /// The bundle's server certificate.
    pub(super) own: Option<&'a Certificate>,
    pub(super) hang: &'a Hang<'a>,
}

/// Sentence and hint.
pub(super) fn of(found: &Comparison, scene: &Scene<'_>) -> (String, Option<String>) {
    let Scene { place, hang, .. } = scene;
    let file = found.file.as_deref().unwrap_or("the bundle");
    let since = |time: Option<OffsetDateTime>| date(time, found);
    let (served, own) = (since(found.served_not_before), since(found.bundle_not_before));
    let root = hang.root.map(Certificate::title).unwrap_or_default();
    let plain = |sentence: String, hint: &str| (sentence, (!hint.is_empty()).then(|| hint.to_owned()));
    match found.relation {
        Relation::SameCertificate => plain(format!("`{place}` shows the certificate of `{file}`"), ""),
        Relation::SameKey => plain(
            format!(
                "`{place}` shows another certificate for the key of `{file}`: it is valid since {served}, that of \
                 `{file}` since {own}"
            ),
            match (found.newer, found.same_root) {
                (Some(BUNDLE), _) => INSTALL,
                (_, Some(true)) => RENEWED,
                _ => "",
            },
        ),
        Relation::ServedOlder => plain(
            format!(
                "`{place}` still shows an older certificate than `{file}`: it is valid since {served}, that of \
                 `{file}` since {own}; both are of one root"
            ),
            INSTALL,
        ),
        Relation::ServedNewer => plain(
            format!(
                "`{place}` shows a newer certificate than `{file}`: it is valid since {served}, that of `{file}` \
                 since {own}; both are of one root"
            ),
            RENEWED,
        ),
        Relation::OtherCertificate => plain(
            format!(
                "`{place}` shows another certificate than `{file}`, valid since the same moment; both are of one root"
            ),
            INSTALL,
        ),
        Relation::OtherMachine => {
            let machine = scene.own.map(Certificate::title).unwrap_or_default();
            let sentence = format!(
                "`{place}` shows a certificate of the bundle's root; the bundle is of another machine, `{machine}`"
            );
            plain(sentence, "")
        }
        Relation::NoServerCertificate => plain(
            format!(
                "`{place}` shows a certificate of the bundle's root; the bundle holds no server certificate to compare"
            ),
            "",
        ),
        Relation::RootOfSameName => of_same_name(found, place, hang, &root),
        Relation::OtherRoot => other_root(scene, &root),
        Relation::NoRoot => plain(
            format!("`{place}` shows a certificate that is not in the bundle, and the bundle holds no root to compare"),
            "put `root.pem` of the same export beside the bundle's files",
        ),
        Relation::Unclear => {
            let why = hang.unclear.as_deref().unwrap_or("what it shows cannot be compared");
            plain(format!("whether `{place}` and the bundle are of one root cannot be told: {why}"), "")
        }
    }
}

/// Every export of Qlik's own issues new certificates, so that the one which a service shows is in none of them.
const INSTALL: &str = "if it was made for this service, install it there and restart the service; an export from the \
                       QMC is never what the service itself shows";
const RENEWED: &str = "callers need no new bundle for that: the root is the same";

/// The dates tell which of the two came first.
fn of_same_name(found: &Comparison, place: &str, hang: &Hang<'_>, root: &str) -> (String, Option<String>) {
    let sentence =
        format!("`{place}` shows a certificate of another root than the bundle's: same name `{root}`, other key");
    let (Some(served), Some(made)) = (found.served_not_before, hang.root.map(Certificate::not_before)) else {
        return (sentence, None);
    };
    let (day_of_served, day_of_root) = (apart(served, made), apart(made, served));
    if served < made {
        let sentence = format!(
            "{sentence}; it is valid since {day_of_served}, before there was this root ({day_of_root}): the site was \
             made anew, and this service still shows the old"
        );
        let hint = "install the new certificate on that machine and restart the service";
        return (sentence, Some(hint.to_owned()));
    }
    let sentence = format!(
        "{sentence}; it is valid since {day_of_served}, the bundle's root since {day_of_root}: the site was made anew \
         after this export"
    );
    (sentence, Some("take a new export of the site that is running now, and replace the whole bundle".to_owned()))
}

fn other_root(scene: &Scene<'_>, root: &str) -> (String, Option<String>) {
    let place = scene.place;
    let issuer = scene.leaf.map(|leaf| {
        let name = leaf.issuer_name();
        cut(&name.common_name().map_or_else(|| name.text(), str::to_owned))
    });
    let self_signed = scene.leaf.is_some_and(Certificate::is_self_issued);
    let sentence = match issuer {
        _ if self_signed => format!("`{place}` shows a self-signed certificate; the bundle's root is `{root}`"),
        Some(issuer) if issuer == cut(root) => {
            format!("`{place}` shows a certificate that names `{root}` as its issuer and was not signed by it")
        }
        Some(issuer) => {
            format!(
                "`{place}` shows a certificate that `{issuer}` issued; the bundle's root is `{root}`, of another site"
            )
        }
        None => format!("`{place}` shows a certificate of another site than the bundle, whose root is `{root}`"),
    };
    let hint = "take the bundle of that site, or call a machine of this one; on the port for users (443) a \
                certificate of the company's own is normal";
    (sentence, Some(hint.to_owned()))
}

/// A stranger's name may be as long as he likes.
fn cut(name: &str) -> String {
    const MOST: usize = 100;
    if name.chars().nth(MOST).is_none() { name.to_owned() } else { name.chars().take(MOST).chain(['…']).collect() }
}

/// A day where that tells the two apart, else to the second.
fn date(time: Option<OffsetDateTime>, found: &Comparison) -> String {
    let other = if time == found.served_not_before { found.bundle_not_before } else { found.served_not_before };
    time.map_or_else(|| "an unknown day".to_owned(), |time| apart(time, other.unwrap_or(time)))
}

fn apart(time: OffsetDateTime, other: OffsetDateTime) -> String {
    let (time, other) = (time.to_offset(UtcOffset::UTC), other.to_offset(UtcOffset::UTC));
    let text = if time.date() == other.date() {
        time.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"))
    } else {
        time.format(format_description!("[year]-[month]-[day]"))
    };
    text.unwrap_or_default()
}

impl Comparison {
    /// For a person: a heading and two or three indented lines.
    pub(in super::super::super) fn text(&self) -> String {
        let mut text = format!("compared with {}\n  {}\n", escape(&self.bundle), escape(&self.sentence));
        if self.client_of_same_root == Some(false) {
            text.push_str("  the bundle's client certificate is of another root than what is shown\n");
        }
        if let Some(hint) = &self.hint {
            _ = writeln!(text, "  hint: {}", escape(hint));
        }
        text
    }
}
