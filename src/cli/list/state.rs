//! `State`: what became of a certificate. The first word that holds is said; others may hold beside it.

use crate::host::ledger::Listed;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum State {
    /// In its place, as far as is known, and valid
    Live,
    /// A newer one took its place
    Superseded,
    /// Withdrawn by `qcert revoke`
    Revoked,
    /// Its time is over
    Expired,
}

impl State {
    pub(super) const ALL: [Self; 4] = [Self::Live, Self::Superseded, Self::Revoked, Self::Expired];

    pub(super) fn of(certificate: &Listed<'_>, now: i64) -> Self {
        if certificate.revoked_at.is_some() {
            Self::Revoked
        } else if certificate.not_after < now {
            Self::Expired
        } else if certificate.superseded_at.is_some() {
            Self::Superseded
        } else {
            Self::Live
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}
