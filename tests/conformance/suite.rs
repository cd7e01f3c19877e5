//! The cases, out of the archive beside the project.

use qcert::pki::certificate::Certificate;
use qcert::pki::path::{PeerName, Purpose};
use qcert::pki::pem;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A certificate, or why it is none.
pub(crate) type Read = Result<Certificate, String>;

pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) set: String,
    pub(crate) valid: bool,
    pub(crate) purpose: Purpose,
    pub(crate) name: Option<PeerName>,
    pub(crate) at: OffsetDateTime,
    /// Any of these explains it.
    pub(crate) faults: Vec<String>,
    /// False where the suite left out the very certificate that has the fault: nobody can name it then.
    pub(crate) culprit_is_there: bool,
    pub(crate) leaf: Read,
    pub(crate) intermediates: Vec<Read>,
    pub(crate) roots: Vec<Read>,
}

/// `None` where the archive or tar is missing and may be.
pub(crate) fn cases() -> Option<Vec<Case>> {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/open.tar.xz");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let unpacked = Command::new("tar").arg("-xJf").arg(&archive).arg("-C").arg(folder.path()).arg("chains").status();
    if !archive.exists() || !unpacked.is_ok_and(|status| status.success()) {
        let required = std::env::var_os("QCERT_STRANGERS").is_some_and(|value| value == "required");
        assert!(!required, "{} or tar is missing", archive.display());
        println!("SKIPPED: {} or tar is missing", archive.display());
        return None;
    }
    let mut folders = vec![folder.path().join("chains")];
    let mut cases = Vec::new();
    while let Some(next) = folders.pop() {
        if next.join("expected.json").exists() {
            cases.push(case(&next));
        } else {
            let entries = std::fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path());
            folders.extend(entries.filter(|path| path.is_dir()));
        }
    }
    cases.sort_by(|one, other| one.id.cmp(&other.id));
    Some(cases)
}

fn case(folder: &Path) -> Case {
    let expected: Value = serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let text = |field: &str| expected[field].as_str().unwrap_or_default().to_owned();
    let also = expected["also_ok"].as_array().cloned().unwrap_or_default();
    let faults = expected["fault"].as_str().into_iter().chain(also.iter().filter_map(Value::as_str));
    let name = expected["name"]["value"].as_str().map(|value| match value.parse() {
        Ok(address) => PeerName::Ip(address),
        Err(_) => PeerName::Dns(value.to_owned()),
    });
    Case {
        id: folder
            .components()
            .rev()
            .take(2)
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("@"),
        set: text("set"),
        valid: text("expected") == "valid",
        purpose: match text("kind").as_str() {
            "server" => Purpose::Server,
            "client" => Purpose::Client,
            _ => Purpose::Any,
        },
        name,
        at: OffsetDateTime::parse(&text("time"), &Rfc3339).unwrap(),
        faults: faults.map(str::to_owned).collect(),
        culprit_is_there: text("fault_at") != "intermediate" || expected["n_intermediates"] != 0,
        leaf: certificates(folder.join("leaf.pem")).pop().unwrap(),
        intermediates: certificates(folder.join("intermediates.pem")),
        roots: certificates(folder.join("roots.pem")),
    }
}

fn certificates(path: PathBuf) -> Vec<Read> {
    let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
    let blocks = match pem::decode(&bytes) {
        Ok(blocks) => blocks,
        Err(error) => return vec![Err(error.to_string())],
    };
    let read = |block: pem::Block| Certificate::parse(block.der.expose().to_vec()).map_err(|error| error.to_string());
    blocks.into_iter().filter(|block| block.label.contains("CERTIFICATE")).map(read).collect()
}
