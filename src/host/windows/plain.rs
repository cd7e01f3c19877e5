//! The path as people write it, of the form that Windows gives to what it resolved: `C:\bundles`, not `\\?\C:\bundles`
//! (Microsoft: Naming Files, Paths, and Namespaces). Knows no Windows, so it is tested everywhere.

/// `None` where only the verbatim form names it, or it is none.
pub(super) fn plain(path: &str) -> Option<String> {
    let rest = path.strip_prefix(r"\\?\")?;
    let (start, names) = match rest.strip_prefix(r"UNC\") {
        Some(share) => (r"\\", share),
        None => rest.split_at_checked(3).filter(|(drive, _)| is_drive(drive))?,
    };
    (!names.split('\\').any(is_odd)).then(|| format!("{start}{names}"))
}

fn is_drive(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && text.ends_with(r":\")
}

/// Whether Windows makes something else of the name, unless it stands in a verbatim path.
fn is_odd(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end_matches(' ').to_ascii_uppercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|number| number.chars().count() == 1 && !number.starts_with('0'))
    };
    name.ends_with(['.', ' '])
        || name.contains('/')
        || ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&&*stem)
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_people_write_is_shown() {
        assert_eq!(plain(r"\\?\C:\a b\ümlaut.pem").unwrap(), r"C:\a b\ümlaut.pem");
        assert_eq!(plain(r"\\?\C:\").unwrap(), r"C:\");
        assert_eq!(plain(r"\\?\UNC\server\share\x").unwrap(), r"\\server\share\x");
    }

    #[test]
    fn what_would_mean_something_else_stays_verbatim() {
        for path in [
            r"\\?\C:\a.\b",
            r"\\?\C:\a \b",
            r"\\?\C:\con\b",
            r"\\?\C:\Aux.txt",
            r"\\?\C:\lpt1.d\b",
            r"\\?\C:\nul .x",
            r"\\?\C:\a/b",
            r"\\?\Volume{1}\b",
            r"\\?\C:",
            r"C:\a",
            r"\\server\share",
            r"\\?\",
            "",
        ] {
            assert_eq!(plain(path), None, "{path}");
        }
        assert!(plain(r"\\?\C:\com10\console").is_some());
    }
}
