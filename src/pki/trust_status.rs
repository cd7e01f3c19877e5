//! What Windows' chain engine says in numbers, in words: `CERT_TRUST_STATUS.dwErrorStatus` of a chain and
//! `CERT_CHAIN_POLICY_STATUS.dwError` of a policy. A number that is not known is told as it is, never passed over.

/// wincrypt.h, CERT_TRUST_*: one bit each.
const STATUS: [(u32, &str); 24] = [
    (0x1, "a certificate in the chain has expired or is not valid yet"),
    (0x2, "a certificate is valid longer than the one that issued it"),
    (0x4, "a certificate was revoked"),
    (0x8, "a signature does not fit"),
    (0x10, "it may not be used for this"),
    (0x20, "the root is not trusted on this machine"),
    (0x40, "it could not be told whether it was revoked"),
    (0x80, "the chain runs in a circle"),
    (0x100, "an extension cannot be read"),
    (0x200, "policy constraints do not allow it"),
    (0x400, "a certificate that issued another is not one that may (basicConstraints)"),
    (0x800, "name constraints cannot be read or do not allow it"),
    (0x1000, "a name constraint is of a kind that Windows does not know"),
    (0x2000, "a name constraint is missing for a name in it"),
    (0x4000, "a name constraint does not permit a name in it"),
    (0x8000, "a name constraint excludes a name in it"),
    (0x1_0000, "the chain does not reach a root"),
    (0x2_0000, "a trust list has expired or is not valid yet"),
    (0x4_0000, "the signature of a trust list does not fit"),
    (0x8_0000, "a trust list may not be used for this"),
    (0x10_0000, "a signature is too weak"),
    (0x100_0000, "the server that says what was revoked could not be reached"),
    (0x200_0000, "no policy of the chain covers it"),
    (0x400_0000, "it is distrusted by name (the store Disallowed)"),
];
const UNKNOWN_EXTENSION: (u32, &str) = (0x800_0000, "a critical extension is of a kind that Windows does not know");

/// winerror.h, FACILITY_CERT, and what else a policy answers.
const POLICY: [(u32, &str); 18] = [
    (0x8009_2012, "it could not be told whether it was revoked"),
    (0x8009_2013, "the server that says what was revoked could not be reached"),
    (0x8009_6004, "a signature does not fit"),
    (0x8009_6019, "a certificate that issued another is not one that may (basicConstraints)"),
    (0x800b_0101, "a certificate in the chain has expired or is not valid yet"),
    (0x800b_0102, "a certificate is valid longer than the one that issued it"),
    (0x800b_0103, "a certificate that issued another is not one that may, or the other way round"),
    (0x800b_0104, "the chain is longer than a certificate in it allows"),
    (0x800b_0105, "a critical extension is of a kind that Windows does not know"),
    (0x800b_0106, "it may not be used for this"),
    (0x800b_0107, "the chain does not fit together"),
    (0x800b_0108, "a certificate cannot be read"),
    (0x800b_0109, "the root is not trusted on this machine"),
    (0x800b_010a, "the chain does not reach a trusted root"),
    (0x800b_010c, "a certificate was revoked"),
    (0x800b_010f, "the name of the service is not in the certificate"),
    (0x800b_0110, "it may not be used for this"),
    (0x800b_0111, "it is distrusted by name (the store Disallowed)"),
];
const MORE_POLICY: [(u32, &str); 5] = [
    (0x800b_010d, "the root is a test root"),
    (0x800b_010e, "it could not be told whether it was revoked"),
    (0x800b_0112, "a certificate in the chain is of an authority that is not trusted"),
    (0x800b_0113, "no policy of the chain covers it"),
    (0x800b_0114, "a name in it is not permitted"),
];

/// None of 0.
pub fn of_chain(status: u32) -> Vec<String> {
    let known = || STATUS.iter().chain([&UNKNOWN_EXTENSION]);
    let mut words: Vec<String> =
        known().filter(|(bit, _)| status & bit != 0).map(|(bit, word)| format!("{word} (0x{bit:x})")).collect();
    let rest = known().fold(status, |rest, (bit, _)| rest & !bit);
    if rest != 0 {
        words.push(format!("Windows says 0x{rest:x}"));
    }
    words
}

/// `None` of 0.
pub fn of_policy(code: u32) -> Option<String> {
    if code == 0 {
        return None;
    }
    let word = POLICY.iter().chain(&MORE_POLICY).find(|(known, _)| *known == code).map(|(_, word)| *word);
    Some(word.map_or_else(|| format!("Windows says 0x{code:08x}"), |word| format!("{word} (0x{code:08x})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_told() {
        assert_eq!((of_chain(0), of_policy(0)), (Vec::new(), None));
        assert_eq!(of_chain(0x20), ["the root is not trusted on this machine (0x20)"]);
        let several = of_chain(0x1_0001);
        assert!(several.len() == 2 && several[0].contains("expired") && several[1].contains("does not reach"));
        assert_eq!(of_chain(0x8000_0000), ["Windows says 0x80000000"]);
        assert_eq!(of_chain(u32::MAX).len(), STATUS.len() + 2);
        assert!(of_policy(0x800b_010f).is_some_and(|word| word.contains("name of the service")));
        assert_eq!(of_policy(5).as_deref(), Some("Windows says 0x00000005"));
    }
}
