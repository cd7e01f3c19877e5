//! Holds docs/limits.md to the constants: each value is the source's, and no limit of what comes from outside is left out.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test reads the project and fails loudly"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn sources(room: &str) -> Vec<(String, String)> {
    let source = project("src");
    let (mut folders, mut found) = (vec![source.join(room)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// Name and value of each constant number at the outermost level.
fn constants(source: &str) -> impl Iterator<Item = (&str, &str)> {
    source.lines().filter_map(|line| {
        let line = line.strip_prefix("pub").map_or(line, |rest| rest.split_once(' ').map_or(rest, |(_, rest)| rest));
        let (name, rest) = line.strip_prefix("const ")?.split_once(": ")?;
        let (kind, value) = rest.strip_suffix(';')?.split_once(" = ")?;
        matches!(kind, "usize" | "u64" | "u32" | "u8").then_some((name, value))
    })
}

/// Value, constant and file of each row.
fn rows() -> Vec<(String, String, String)> {
    let page = std::fs::read_to_string(project("docs/limits.md")).unwrap();
    let row = |line: &str| {
        let cells: Vec<_> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let [.., value, _, place] = cells[..] else { panic!("{line}") };
        let plain = |text: &str| Some(text.strip_prefix('`')?.strip_suffix('`')?.to_owned());
        let (name, file) = place.split_once(" in ")?;
        Some((plain(value)?, plain(name)?, plain(file)?))
    };
    page.lines().filter_map(row).collect()
}

#[test]
fn the_page_has_the_values_of_the_source() {
    let rows = rows();
    assert!(rows.len() > 50, "{}", rows.len());
    for (value, name, file) in rows {
        let source = std::fs::read_to_string(project("src").join(&file)).unwrap_or_else(|_| panic!("{file}"));
        let found = constants(&source).find(|(one, _)| *one == name);
        assert_eq!(found, Some((&*name, &*value)), "{name} in {file}");
    }
}

/// How much is shown of something is no limit of what is read, nor is what a number weighs.
const OTHERS: [&str; 13] = [
    "host/windows/stores.rs LARGEST_PROPERTY",
    "pki/conversion.rs MOST_SHOWN",
    "pki/conversion/remarks.rs MOST",
    "pki/examine/merge.rs MOST_ROOTS",
    "pki/knowledge/find.rs LONGEST_WORD",
    "pki/name.rs COMMON_NAME_LIMIT",
    "pki/plan/account.rs LONGEST",
    "pki/rehearsal/source.rs MOST_SHOWN",
    "pki/request.rs LARGEST_EXPONENT",
    "pki/rules/stores/machine.rs MOST_DAYS",
    "pki/rules/stores/machine.rs MOST_OCTETS",
    "pki/rules/stores/scene.rs MOST_OF_A_KIND",
    "pki/path/names.rs LIMIT",
];

#[test]
fn no_limit_is_left_out() {
    let told: BTreeSet<String> = rows().into_iter().map(|(_, name, file)| format!("{file} {name}")).collect();
    let parts = ["MOST", "LIMIT", "MAX", "LARGEST", "LONGEST", "DEEPEST", "DEPTH", "BUDGET", "COMPARISONS", "STEPS"];
    let mut missing = Vec::new();
    for (file, source) in ["pki", "host"].into_iter().flat_map(sources) {
        for (name, _) in constants(&source) {
            let place = format!("{file} {name}");
            let limits = name.split('_').any(|word| parts.contains(&word));
            if limits && !told.contains(&place) && !OTHERS.contains(&&*place) {
                missing.push(place);
            }
        }
    }
    assert!(missing.is_empty(), "docs/limits.md does not tell {missing:?}");
}
