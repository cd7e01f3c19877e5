//! What the files hold, taken out of them: certificates and keys that lie open, and whole PFX. Or what cannot be read.

use super::super::certificate::Certificate;
use super::super::inventory::{FileContent, Form, Key, KeyState, Object, PfxContent, PfxPassword, PfxState, What};
use super::super::inventory::{LineEnds, TextEncoding};
use super::super::pfx::{BagAttributes, Rest};
use super::super::public_key::PublicKey;
use super::super::secret::Secret;
use super::{ConversionError, MOST, MOST_SHOWN};
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct Identity {
    /// What the file is called, and that without its ending.
    pub(super) file: String,
    pub(super) stem: String,
    /// In the order in which it was read.
    pub(super) order: usize,
    /// As they stood in a PFX.
    pub(super) attributes: BagAttributes,
    pub(super) attributes_der: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct HeldCertificate {
    pub(super) certificate: Certificate,
    pub(super) from: Identity,
    /// The only certificate of its file.
    pub(super) alone: bool,
}

#[derive(Debug)]
pub(super) struct HeldKey {
    pub(super) pkcs8: Secret,
    pub(super) public: PublicKey,
    pub(super) from: Identity,
}

/// One PFX with all that is in it, in its order.
#[derive(Debug)]
pub(super) struct HeldPfx {
    pub(super) file: String,
    pub(super) stem: String,
    pub(super) certificates: Vec<HeldCertificate>,
    pub(super) keys: Vec<HeldKey>,
    pub(super) rest: Rest,
    /// `rest` in words.
    pub(super) skipped: Vec<String>,
}

/// All that is to be converted.
#[derive(Debug, Default)]
pub struct Holdings {
    pub(super) pfx: Vec<HeldPfx>,
    pub(super) certificates: Vec<HeldCertificate>,
    pub(super) keys: Vec<HeldKey>,
    /// What a person should know whatever it is converted to.
    pub(super) remarks: Vec<String>,
    protected: bool,
    count: usize,
    /// What is neither certificate nor key: a file and what it is.
    left_out: Vec<String>,
}

impl Holdings {
    /// A password was needed to read it.
    pub fn was_protected(&self) -> bool {
        self.protected
    }

    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty() || self.pfx.iter().any(|pfx| !pfx.keys.is_empty())
    }

    /// Whether all of it came from PFX files.
    pub fn is_all_pfx(&self) -> bool {
        !self.pfx.is_empty() && self.certificates.is_empty() && self.keys.is_empty()
    }
}

/// Takes files that were read with their keys. Fails at the first that cannot be read whole.
pub fn gather(files: Vec<FileContent>) -> Result<Holdings, ConversionError> {
    let mut holdings = Holdings::default();
    let mut known = HashMap::new();
    for file in &files {
        *known.entry(file.name.clone()).or_insert(0) += 1;
    }
    for mut file in files.into_iter().filter(|file| file.name != NOT_MEANT) {
        // Files of one name from two folders are told apart by their paths.
        if known.get(&file.name).is_some_and(|count| *count > 1) {
            file.name.clone_from(&file.path);
        }
        holdings.file(file)?;
        if holdings.count > MOST {
            return Err(ConversionError::TooMany);
        }
    }
    if !holdings.left_out.is_empty() {
        let first = holdings.left_out.iter().take(MOST_SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let more = holdings.left_out.len().saturating_sub(MOST_SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let remark = format!("left out, as neither certificate nor private key: {first}{more}");
        holdings.remarks.push(remark);
    }
    if holdings.count == 0 && holdings.pfx.is_empty() {
        return Err(ConversionError::Nothing);
    }
    Ok(holdings)
}

/// qcert's own, in every folder with keys.
const NOT_MEANT: &str = ".gitignore";

impl Holdings {
    fn file(&mut self, content: FileContent) -> Result<(), ConversionError> {
        let FileContent { name, form, objects, .. } = content;
        let unreadable = |why: String| ConversionError::Unreadable { file: name.clone(), why };
        match &form {
            Form::Unreadable(why) => return Err(unreadable(why.clone())),
            Form::Empty => return Err(unreadable("it is empty".to_owned())),
            _ => {}
        }
        self.remark_form(&name, &form, &objects);
        let alone = objects.len() == 1;
        for object in objects {
            self.object(&name, object, alone)?;
        }
        Ok(())
    }

    fn object(&mut self, file: &str, object: Object, alone: bool) -> Result<(), ConversionError> {
        if object.label.as_deref() == Some("TRUSTED CERTIFICATE") {
            self.remarks.push(format!("what OpenSSL noted behind the certificate in `{file}` is left out"));
        }
        match object.what {
            What::Certificate(certificate) => self.certificate(file, *certificate, alone),
            What::Key(key) => {
                let from = self.identity(file, BagAttributes::default(), Vec::new());
                self.protected |= key.encryption.is_some();
                let key = held_key(file, key, from)?;
                if !self.keys.iter().any(|known| known.public == key.public) {
                    self.keys.push(key);
                }
            }
            What::Pfx(pfx) => self.pfx(file, *pfx)?,
            What::Pkcs7(objects) => {
                let alone = alone && objects.len() == 1;
                for object in objects {
                    self.object(file, object, alone)?;
                }
            }
            What::Damaged(damage) => {
                let why = format!("{}: {}", damage.kind, damage.why);
                return Err(ConversionError::Unreadable { file: file.to_owned(), why });
            }
            What::Request(_) => self.left_out(file, "a certificate request"),
            What::RevocationList(_) => self.left_out(file, "a revocation list"),
            What::HostName(_) => self.left_out(file, "a host name"),
            What::Snapshot(_) => self.left_out(file, "a snapshot of certificate stores"),
            What::PublicKey(_) => self.left_out(file, "a public key"),
            What::Other(what) => self.left_out(file, &what),
        }
        Ok(())
    }

    fn left_out(&mut self, file: &str, what: &str) {
        self.left_out.push(format!("`{file}` ({what})"));
    }

    /// What the new files will not have of the old ones' outside.
    fn remark_form(&mut self, file: &str, form: &Form, objects: &[Object]) {
        if let Form::Pem(text) | Form::Base64(text) = form {
            if text.text_around {
                self.remarks.push(format!("the text around the PEM sections of `{file}` is left out"));
            }
            if text.encoding == TextEncoding::Utf16 {
                self.remarks.push(format!("`{file}` is in UTF-16, from which most programs read nothing: mended"));
            }
            if text.indented || text.blank_lines || text.one_line || text.line_ends == LineEnds::Escaped {
                self.remarks.push(format!("`{file}` is laid out so that most programs read nothing: mended"));
            }
        }
        let trailing = match (form, objects) {
            (_, [Object { what: What::Pfx(pfx), .. }]) => pfx.trailing_bytes,
            (Form::Binary { trailing_bytes }, _) => *trailing_bytes,
            _ => 0,
        };
        if trailing > 0 {
            self.remarks.push(format!("{trailing} stray bytes after the end of `{file}` are cut off"));
        }
    }

    fn certificate(&mut self, file: &str, certificate: Certificate, alone: bool) {
        let from = self.identity(file, BagAttributes::default(), Vec::new());
        if !self.certificates.iter().any(|known| known.certificate.der() == certificate.der()) {
            self.certificates.push(HeldCertificate { certificate, from, alone });
        }
    }

    fn pfx(&mut self, file: &str, content: PfxContent) -> Result<(), ConversionError> {
        let closed = file.to_owned();
        match content.state {
            PfxState::Open(password) => self.protected |= password == PfxPassword::Given,
            PfxState::PasswordNeeded => return Err(ConversionError::PasswordNeeded(closed)),
            PfxState::WrongPassword => return Err(ConversionError::WrongPassword(closed)),
            PfxState::Unsupported(what) => return Err(ConversionError::Unsupported { file: closed, what }),
            PfxState::Damaged(why) => return Err(ConversionError::Unreadable { file: closed, why }),
        }
        if content.mac.as_ref().is_some_and(|mac| !mac.checked) {
            self.remarks.push(format!("the integrity check of `{file}` is of a kind that qcert does not know"));
        }
        let PfxContent { entries, rest, skipped, .. } = content;
        let mut held =
            HeldPfx { file: closed, stem: stem(file), certificates: Vec::new(), keys: Vec::new(), rest, skipped };
        let alone = entries.iter().filter(|entry| matches!(entry.object.what, What::Certificate(_))).count() == 1;
        for entry in entries {
            let from = self.identity(file, entry.attributes, entry.attributes_der);
            match entry.object.what {
                What::Certificate(certificate) => {
                    held.certificates.push(HeldCertificate { certificate: *certificate, from, alone });
                }
                What::Key(key) => held.keys.push(held_key(file, key, from)?),
                What::Damaged(damage) => {
                    let why = format!("{}: {}", damage.kind, damage.why);
                    return Err(ConversionError::Unreadable { file: file.to_owned(), why });
                }
                // A PFX gives out nothing else.
                _ => {}
            }
        }
        self.pfx.push(held);
        Ok(())
    }

    fn identity(&mut self, file: &str, attributes: BagAttributes, attributes_der: Vec<u8>) -> Identity {
        self.count += 1;
        Identity { file: file.to_owned(), stem: stem(file), order: self.count, attributes, attributes_der }
    }
}

fn held_key(file: &str, key: Key, from: Identity) -> Result<HeldKey, ConversionError> {
    let file = file.to_owned();
    match (key.state, key.private) {
        (KeyState::Open(public), Some(pkcs8)) => Ok(HeldKey { pkcs8, public, from }),
        (KeyState::Open(public), None) => Err(ConversionError::Unsupported { file, what: public.text() }),
        (KeyState::PasswordNeeded, _) => Err(ConversionError::PasswordNeeded(file)),
        (KeyState::WrongPassword, _) => Err(ConversionError::WrongPassword(file)),
        (KeyState::Unsupported(what), _) => {
            Err(ConversionError::Unsupported { file, what: format!("a private key: {what}") })
        }
        (KeyState::Damaged(why), _) => Err(ConversionError::Unreadable { file, why: format!("a private key: {why}") }),
    }
}

/// A file's name without its ending, and without what only says that it holds a key.
fn stem(file: &str) -> String {
    let file = file.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or_default();
    let stem = match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file.trim_start_matches('.'),
    };
    let stem = stem.strip_suffix("_key").filter(|stem| !stem.is_empty()).unwrap_or(stem);
    if stem.is_empty() || stem == "standard input" { "converted".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_names_no_form() {
        for (file, expected) in [
            ("client.pfx", "client"),
            ("client_key.pem", "client"),
            ("qlik1.corp.pem", "qlik1.corp"),
            ("bundle", "bundle"),
            (".pem", "pem"),
            ("_key.pem", "_key"),
            ("standard input", "converted"),
            ("...", ".."),
        ] {
            assert_eq!(stem(file), expected, "{file}");
        }
    }
}
