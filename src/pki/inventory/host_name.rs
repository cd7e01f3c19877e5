//! Host.cfg: base64 of the site's host name in UTF-8, one line. Edited by hand it is often
//! wrong, also in published recipes.

use super::super::pem::{Base64Error, decode_base64};
use super::super::text;
use super::{Damage, What};

/// Longer than the base64 of any host name in UTF-16.
const LONGEST: usize = 1024;

/// The content of Host.cfg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    pub name: String,
    /// What is odd about how it is written: UTF-16 inside, line ends. Empty when as Qlik writes it.
    pub oddities: Vec<String>,
}

/// Reads a small text as Host.cfg. Under another file name only what cannot well be anything else is taken for one.
pub(super) fn read(file_name: &str, text: &[u8], odd_file: Option<&str>) -> Option<What> {
    let named = file_name.eq_ignore_ascii_case("Host.cfg");
    if text.len() > LONGEST {
        return named.then(|| damage("it is longer than any host name"));
    }
    let line = text.trim_ascii();
    if named && line.iter().any(|octet| matches!(octet, b'\n' | b'\r')) {
        return Some(damage("it has several lines, and one is wanted"));
    }
    let decoded = match decode_base64(line) {
        // .NET wants the padding, and so does whoever reads this file.
        Ok(octets) if line.len().is_multiple_of(4) => octets,
        Ok(_) | Err(Base64Error::Cut) if named && !looks_like_host(line) => {
            return Some(damage("its base64 is cut or lacks its padding"));
        }
        _ if named && looks_like_host(line) => {
            return Some(damage("it holds a name as it is, not the base64 of it"));
        }
        Err(error) if named => return Some(damage(&format!("it is not base64: {error}"))),
        _ => return None,
    };
    let mut oddities: Vec<String> = odd_file.map(str::to_owned).into_iter().collect();
    let (encoding, inside) = text::plain(decoded.expose());
    if encoding == text::TextEncoding::Utf16 {
        oddities.push("the name inside is in UTF-16".to_owned());
    } else if encoding == text::TextEncoding::Utf8Marked {
        oddities.push("the name inside begins with a byte order mark".to_owned());
    }
    let name = inside.octets().trim_ascii();
    if name.len() != inside.octets().len() {
        oddities.push("the name inside has a line end or a blank around it".to_owned());
    }
    if named && name.ends_with(b".") {
        oddities.push("the name inside ends with a dot".to_owned());
    }
    let name = std::str::from_utf8(name).ok().filter(|name| is_host(name));
    // Anything shorter might be a password that happens to be base64, and must not be shown.
    let copied = file_name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("host"));
    match name {
        Some(name) if named || (oddities.is_empty() && (copied || name.trim_end_matches('.').contains('.'))) => {
            Some(What::HostName(HostName { name: name.to_owned(), oddities }))
        }
        _ => named.then(|| damage("it does not decode to a host name")),
    }
}

/// The same of a file that is Host.cfg whatever it is called, or why it holds no host name.
pub fn host_name(octets: &[u8]) -> Result<HostName, String> {
    let (encoding, plain) = text::plain(octets);
    if plain.octets().trim_ascii().is_empty() {
        return Err("it is empty".to_owned());
    }
    let odd_file = (encoding == text::TextEncoding::Utf16).then_some("the file is in UTF-16");
    match read("Host.cfg", plain.octets(), odd_file) {
        Some(What::HostName(host)) => Ok(host),
        Some(What::Damaged(damage)) => Err(damage.why),
        _ => Err("it does not decode to a host name".to_owned()),
    }
}

fn damage(why: &str) -> What {
    What::Damaged(Damage { kind: "a host name", why: why.to_owned(), cut: false, over_limit: false })
}

fn looks_like_host(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(|line| line.contains(['.', '-']) && is_host(line))
}

/// RFC 1123 2.1, and the underscore that Windows allows.
fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    (1..=253).contains(&name.len()) && name.strip_suffix('.').unwrap_or(name).split('.').all(label)
}
