//! Access lists as text (SDDL; Microsoft: Security Descriptor String Format, ACE Strings, SID Strings): the ones that
//! private files get, and what a list that was read lets others do. Knows no Windows, so it is tested everywhere.

/// Inheritance off (`P`); full access for SYSTEM, Administrators and the account.
pub(super) fn private_file(sid: &str) -> String {
    format!("D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{sid})")
}

/// The same, for all that is made in it.
pub(super) fn private_folder(sid: &str) -> String {
    format!("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{sid})")
}

/// SYSTEM, Administrators (also of the domain), the owner as such, and whoever makes the file.
const ENTITLED: [&str; 9] = ["SY", "S-1-5-18", "BA", "S-1-5-32-544", "DA", "OW", "S-1-3-4", "CO", "S-1-3-0"];

/// `text` is owner and list of one file, `own` the SID of the account that asks. A list that cannot be understood lets
/// them; no list at all lets everybody (a null DACL).
pub(super) fn lets_others_read(text: &str, own: &str) -> bool {
    let owner = text.strip_prefix("O:").and_then(|rest| rest.split("D:").next()).unwrap_or_default();
    let owner = owner.split("G:").next().unwrap_or_default();
    let Some((_, list)) = text.split_once("D:") else { return true };
    if list.contains("NO_ACCESS_CONTROL") {
        return true;
    }
    let entitled = |sid: &str| sid == own || !owner.is_empty() && sid == owner || ENTITLED.contains(&sid);
    list.split('(').skip(1).any(|entry| {
        let entry = entry.split(')').next().unwrap_or_default();
        let mut fields = entry.split(';');
        let (kind, flags, rights) = (fields.next(), fields.next(), fields.next());
        let sid = fields.nth(2);
        let (Some(kind), Some(flags), Some(rights), Some(sid)) = (kind, flags, rights, sid) else { return true };
        // Allowed, also under a condition (`XA`); of no effect on the object itself where it is for heirs only.
        let allows = matches!(kind, "A" | "XA" | "OA");
        allows && !pairs(flags).any(|flag| flag == "IO") && may_read(rights) && !entitled(sid)
    })
}

fn may_read(rights: &str) -> bool {
    const READ_DATA: u32 = 1;
    const GENERIC_READ_OR_ALL: u32 = 0x9000_0000;
    let number = rights.strip_prefix("0x").map(|digits| u32::from_str_radix(digits, 16));
    match number {
        Some(Ok(mask)) => mask & (READ_DATA | GENERIC_READ_OR_ALL) != 0,
        Some(Err(_)) => true,
        None => pairs(rights).any(|right| matches!(right, "FA" | "FR" | "GA" | "GR" | "CC")),
    }
}

fn pairs(text: &str) -> impl Iterator<Item = &str> {
    (0..text.len()).step_by(2).filter_map(|at| text.get(at..at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "S-1-5-21-1-2-3-1001";

    #[test]
    fn what_is_made_private_is_private() {
        for list in [private_file(OWN), private_folder(OWN)] {
            assert!(!lets_others_read(&list, OWN), "{list}");
            assert!(!lets_others_read(&format!("O:BAG:DU{list}"), OWN), "{list}");
        }
    }

    #[test]
    fn others_are_found() {
        for (list, others) in [
            // Below a profile, and below ProgramData.
            ("O:S-1-5-21-1-2-3-1001D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;S-1-5-21-1-2-3-1001)", false),
            ("O:BAD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)", true),
            // The owner is another account than ours, and may read.
            ("O:S-1-5-21-9D:P(A;;FA;;;S-1-5-21-9)", false),
            ("O:SYD:P(A;;FA;;;S-1-5-21-9)", true),
            ("O:SYD:P(A;;FR;;;WD)", true),
            ("O:SYD:P(A;;GR;;;AU)", true),
            ("O:SYD:P(A;;CCSWRP;;;AU)", true),
            // Writing, running, and what only heirs get.
            ("O:SYD:P(A;;0x100116;;;AU)(A;;FX;;;WD)", false),
            ("O:SYD:P(A;OICIIO;FA;;;WD)", false),
            ("O:SYD:P(D;;FA;;;WD)", false),
            ("O:SYD:P(XA;;FR;;;WD;(@User.x == 1))", true),
            // Nobody, everybody, nonsense.
            ("O:SYD:P", false),
            ("O:SYD:NO_ACCESS_CONTROL", true),
            ("O:SY", true),
            ("", true),
            ("D:(A;;0xzz;;;WD)", true),
            ("D:(A;;FA", true),
        ] {
            assert_eq!(lets_others_read(list, OWN), others, "{list}");
        }
    }
}
