//! What the properties share: passwords of all kinds, numbers that are drawn, files that are read.

mod bundles;
mod conversions;
mod keys;

use crate::workshop::Fixed;
use qcert::pki::encryption::Derivations;
use qcert::pki::entropy::Entropy as _;
use qcert::pki::inventory::{self, FileContent, InFile};
use qcert::pki::secret::{Password, Secret};
use zeroize::Zeroizing;

/// What people type, paste and generate. The longest is that of a file of a thousand characters.
pub(crate) fn passwords() -> Vec<Password> {
    let long = "0123456789".repeat(100);
    let texts = [
        "right",
        " ",
        "correct Horse & $battery'\"\\",
        "Grüße aus Köln",
        "пароль密码",
        "🔑 beyond the first plane 𝔘",
        // The same to a reader, not to a computer: one has its accent by itself.
        "caf\u{e9}",
        "cafe\u{301}",
        "with\ttab and\u{0}nul",
        "\u{feff}mark",
        &long,
    ];
    texts.map(|text| Password::new(Zeroizing::new(text.to_owned())).unwrap()).into()
}

pub(crate) fn read(name: &str, bytes: &Secret, password: Option<&Password>, derivations: &Derivations) -> FileContent {
    let bytes = Ok(Secret::new(bytes.expose().to_vec()));
    let file = InFile { path: name.to_owned(), bytes, others_may_read: false, tracked_by_git: false };
    inventory::read_with_keys(file, password.map_or(&[], std::slice::from_ref), derivations)
}

/// A number below the limit.
pub(crate) fn draw(random: &mut Fixed, limit: usize) -> usize {
    u32::from_be_bytes(random.octets().unwrap()) as usize % limit.max(1)
}

/// Another password, as like it as can be.
pub(crate) fn almost(password: &Password) -> Password {
    let text = password.expose();
    let shorter: String = text.chars().take(text.chars().count() - 1).collect();
    let other = if shorter.is_empty() { "  ".to_owned() } else { shorter };
    Password::new(Zeroizing::new(other)).unwrap()
}
