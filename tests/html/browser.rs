//! Headless Chromium, asked by `look.js` what it shows of pages.
//!
//! May not leave a process behind or reach beyond the files it is given.

use crate::process;
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything that was seen, one value for each page and view; `None` after having said what is missing.
pub(crate) fn look(name: &str, pages: &[(&str, &str)]) -> Option<Vec<Value>> {
    let chromium = find("Chromium", &["chromium", "chromium-browser", "google-chrome"])?;
    let node = find("Node.js", &["node"])?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("html_report").join(name);
    // What an earlier run left; a profile of another release would be refused.
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(node);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/html/look.js")).arg(chromium).arg(&folder);
    for (name, html) in pages {
        let path = folder.join(name).with_extension("html");
        std::fs::write(&path, html).unwrap();
        command.arg(path);
    }
    let ended = process::run(command).assert_code(0);
    drop(std::fs::remove_dir_all(folder.join("profile")));
    for (name, _) in pages {
        let pdf = std::fs::read(folder.join(format!("{name}-paper.pdf"))).unwrap();
        assert!(pdf.starts_with(b"%PDF") && pdf.len() > 5_000, "{name} does not print");
    }
    Some(serde_json::from_str(&ended.stdout).unwrap())
}

fn find(name: &str, programs: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| programs.iter().map(move |program| folder.join(program)))
        .find(|path| path.is_file());
    if found.is_none() {
        assert!(
            std::env::var("QCERT_STRANGERS").as_deref() != Ok("required"),
            "{name} is not installed, and QCERT_STRANGERS=required"
        );
        // Written past the test harness, which would keep it from the eyes of whoever runs a passing test.
        drop(writeln!(std::io::stderr(), "SKIPPED: {name} is not installed"));
    }
    found
}
