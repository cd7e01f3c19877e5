//! What rustls calls a handshake that it cannot go on with, in plain words where they are known.
//!
//! Its own word is never more than a quote behind them: whoever looks further searches for that.

/// Behind `host:port`, and what to do.
type Words = (&'static str, &'static str);

const IN_BETWEEN: &str =
    "something in between may change what is sent: call from another network, or the machine itself";
const PROGRAM: &str = super::RIGHT_PORT;
const CURVES: &str = "allow the curves P-256 or X25519 where the service runs";
const SIGNATURES: &str = "allow signatures with SHA-256 where the service runs";
const SUITES: &str = "allow the suites of TLS 1.2 with ECDHE and AES-GCM where the service runs";

/// By the beginning of rustls' word: that of `Error`, or behind it that of `PeerMisbehaved` (0.23).
const AGAINST: &[(&str, Words)] = &[
    ("ServerEchoedCompatibilitySessionId", ("answers as if it went on with an earlier connection", PROGRAM)),
    ("TooManyWarningAlertsReceived", ("sends one warning after the other", PROGRAM)),
    ("TooManyEmptyFragments", ("sends one empty message after the other", PROGRAM)),
    ("TooManyKeyUpdateRequests", ("changes its keys again and again", PROGRAM)),
    ("AttemptedDowngradeToTls12", ("knows TLS 1.3, and yet TLS 1.2 was agreed on", IN_BETWEEN)),
    ("SelectedTls12UsingTls13VersionExtension", ("answers in TLS 1.2 with the manners of TLS 1.3", PROGRAM)),
    ("SelectedUnofferedCompression", ("compresses, which was not offered", PROGRAM)),
    ("SelectedUnofferedKxGroup", ("chooses a curve that was not offered", CURVES)),
    ("WrongGroupForKeyShare", ("chooses a curve that was not offered", CURVES)),
    ("SignedKxWithWrongAlgorithm", ("signs in a way that was not offered", SIGNATURES)),
    ("SignedHandshakeWithUnadvertisedSigScheme", ("signs in a way that was not offered", SIGNATURES)),
    ("Unsolicited", ("answers what it was not asked", PROGRAM)),
    ("cannot decrypt peer's message", ("sends what cannot be deciphered", IN_BETWEEN)),
    ("received unexpected ", ("does not keep the order of a handshake", PROGRAM)),
    ("received corrupt message", ("sends a message that is malformed", PROGRAM)),
    (
        "invalid peer certificate",
        ("shows a certificate that qcert cannot use", "`qcert inspect --connect` shows what it is"),
    ),
];

/// `PeerIncompatible`'s.
const NOTHING_IN_COMMON: &[(&str, Words)] = &[
    ("NoCipherSuitesInCommon", ("and qcert have no cipher suite in common", SUITES)),
    ("a cipher suite that was not offered", ("chooses a cipher suite that was not offered", SUITES)),
    ("NoKxGroupsInCommon", ("and qcert have no curve in common", CURVES)),
    ("NamedGroupsExtensionRequired", ("and qcert have no curve in common", CURVES)),
    ("NoSignatureSchemesInCommon", ("and qcert have no kind of signature in common", SIGNATURES)),
    ("NoCertificateRequestSignatureSchemesInCommon", ("and qcert have no kind of signature in common", SIGNATURES)),
];

/// Characters of a quote.
const QUOTED: usize = 160;

pub(super) fn against(word: &str, place: &str) -> (String, &'static str) {
    sentence(word, place, AGAINST)
}

pub(super) fn nothing_in_common(word: &str, place: &str) -> (String, &'static str) {
    sentence(word, place, NOTHING_IN_COMMON)
}

fn sentence(word: &str, place: &str, known: &[(&str, Words)]) -> (String, &'static str) {
    let own = word.strip_prefix("peer misbehaved: ").unwrap_or(word);
    let found = known.iter().find(|(begins, _)| own.starts_with(begins)).map(|(_, words)| *words);
    let (words, hint) = found.unwrap_or(("speaks TLS in a way that qcert does not understand", PROGRAM));
    // What is in words already is not quoted.
    let quote = if words.ends_with(own) { String::new() } else { format!(" (`{}`)", quoted(own)) };
    (format!("`{place}` {words}{quote}"), hint)
}

fn quoted(word: &str) -> String {
    word.chars().take(QUOTED).map(|letter| if letter == '`' { '\'' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_words_are_told_in_plain_ones() {
        for (word, says) in [
            (
                "peer misbehaved: ServerEchoedCompatibilitySessionId",
                "`a:1` answers as if it went on with an earlier connection (`ServerEchoedCompatibilitySessionId`)",
            ),
            (
                "peer misbehaved: TooManyWarningAlertsReceived",
                "`a:1` sends one warning after the other (`TooManyWarningAlertsReceived`)",
            ),
            (
                "cannot decrypt peer's message",
                "`a:1` sends what cannot be deciphered (`cannot decrypt peer's message`)",
            ),
            ("of ` and such", "`a:1` speaks TLS in a way that qcert does not understand (`of ' and such`)"),
        ] {
            assert_eq!(against(word, "a:1").0, says);
        }
        assert!(against(&"long ".repeat(1000), "a:1").0.len() < 300);
    }

    #[test]
    fn what_is_missing_in_common_is_named() {
        for (word, says, hint) in [
            ("NoKxGroupsInCommon", "and qcert have no curve in common (`NoKxGroupsInCommon`)", CURVES),
            ("a cipher suite that was not offered", "chooses a cipher suite that was not offered", SUITES),
            ("NullCompressionRequired", "does not understand (`NullCompressionRequired`)", PROGRAM),
        ] {
            let (what, to_do) = nothing_in_common(word, "a:1");
            assert!(what.ends_with(says) && to_do == hint, "{what}: {to_do}");
        }
    }
}
