//! `Reason`: why a certificate was revoked (RFC 5280 5.3.1).
//!
//! Of a list that others made every reason is read. On hold, taken back and compromised authorities are not offered
//! for our own: nobody's key is revoked for a while, and a root is replaced.

/// The numbers are RFC 5280's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Unspecified,
    KeyCompromise,
    CaCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
    CertificateHold,
    RemoveFromCrl,
    PrivilegeWithdrawn,
    AaCompromise,
}

impl Reason {
    const ALL: [(Self, u8, &'static str, &'static str); 10] = [
        (Self::Unspecified, 0, "unspecified", "unspecified"),
        (Self::KeyCompromise, 1, "key-compromise", "keyCompromise"),
        (Self::CaCompromise, 2, "ca-compromise", "cACompromise"),
        (Self::AffiliationChanged, 3, "affiliation-changed", "affiliationChanged"),
        (Self::Superseded, 4, "superseded", "superseded"),
        (Self::CessationOfOperation, 5, "cessation-of-operation", "cessationOfOperation"),
        (Self::CertificateHold, 6, "certificate-hold", "certificateHold"),
        (Self::RemoveFromCrl, 8, "remove-from-crl", "removeFromCRL"),
        (Self::PrivilegeWithdrawn, 9, "privilege-withdrawn", "privilegeWithdrawn"),
        (Self::AaCompromise, 10, "aa-compromise", "aACompromise"),
    ];

    fn row(self) -> (Self, u8, &'static str, &'static str) {
        // `ALL` has every reason; the tests see to it.
        Self::ALL.into_iter().find(|row| row.0 == self).unwrap_or(Self::ALL[0])
    }

    pub(super) fn number(self) -> u8 {
        self.row().1
    }

    pub(super) fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|row| row.1 == number).map(|row| row.0)
    }

    /// As it is typed and kept in the ledger.
    pub fn word(self) -> &'static str {
        self.row().2
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|row| row.2 == word).map(|row| row.0)
    }

    /// As the standard spells it.
    pub fn standard_name(self) -> &'static str {
        self.row().3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_its_own() {
        use Reason::*;
        let all = [
            (Unspecified, 0),
            (KeyCompromise, 1),
            (CaCompromise, 2),
            (AffiliationChanged, 3),
            (Superseded, 4),
            (CessationOfOperation, 5),
            (CertificateHold, 6),
            (RemoveFromCrl, 8),
            (PrivilegeWithdrawn, 9),
            (AaCompromise, 10),
        ];
        for (reason, number) in all {
            assert_eq!((reason.number(), Reason::numbered(number)), (number, Some(reason)));
            assert_eq!(Reason::from_word(reason.word()), Some(reason));
        }
        // RFC 5280 5.3.1: "the value 7 is not used".
        assert_eq!((Reason::numbered(7), Reason::numbered(11)), (None, None));
    }
}
