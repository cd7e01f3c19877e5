//! The page of `--report`: what is in it and in which order, that it loads nothing, and that nothing foreign becomes markup.

use crate::server::LOCAL;
use crate::site::Files;
use crate::tree;
use crate::walk::lay_out;
use std::process::Command;

fn page(files: &Files) -> String {
    let scene = tempfile::tempdir().unwrap();
    lay_out(scene.path(), files);
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcert"));
    command.current_dir(scene.path()).env("QCERT_HOME", scene.path().join("home")).env_remove("QCERT_PASSWORD_FILE");
    command.args(["doctor", "Sense", "--no-logs", "--at", "2026-06-01", "--report", "page.html", "-q"]);
    let output = command.output().unwrap();
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    std::fs::read_to_string(scene.path().join("page.html")).unwrap()
}

fn assert_order(page: &str, texts: &[&str]) {
    let mut from = 0;
    for text in texts {
        let at = page[from..].find(text).unwrap_or_else(|| panic!("{text:?} is missing, or too early"));
        from += at + text.len();
    }
}

#[test]
fn the_page_tells_the_server_and_each_part() {
    let page = page(&tree()["exported-of-another-root"]);
    assert_order(
        &page,
        &[
            "<title>Sense: faulty</title>",
            "<h1><span class=\"verdict error\">faulty</span> <code>Sense</code></h1>",
            "<dd>1 error, ",
            "What is wrong with this server",
            "2 of 3 exports are of another root",
            "They were exported before",
            "Way out:</b> export again",
            "host/exported-of-another-root</span> <span class=\"files\"><code>nprinting.example.com</code>",
            "Repository Service’s next start",
            "What was looked at",
            "names <code>qs1.example.com</code>",
            "href=\"#report-0\">certificate stores</a>",
            &format!("href=\"#report-1\">{LOCAL}</a>"),
            "<article id=\"report-0\">",
            "<article id=\"report-4\">",
            "</main>",
        ],
    );
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for word in ["<script", "<link", "<img", "<iframe", "url(", "@import", "style=\"", "http:", "https:", "src="] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn what_was_not_looked_at_stands_on_the_page() {
    let page = page(&tree()["stores-missing"]);
    assert_order(&page, &["verdict unjudged\">could not be judged<", "not looked at</span>: there is no snapshot"]);
    assert!(!page.contains("verdict good\">sound</span> <code>Sense"));
}

#[cfg(unix)]
#[test]
fn foreign_names_stay_text() {
    let hostile = "<img src=x onerror=alert(1)>\u{1b}[31m\u{202e}";
    let server = &tree()["exported-of-another-root"];
    let files = server.iter().map(|(path, bytes)| (path.replace("qs3.example.com", hostile), bytes.clone())).collect();
    let page = page(&files);
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;\\u{1b}[31m\\u{202e}") && !page.contains("<img"));
    assert!(!page.chars().any(|character| character.is_control() && character != '\n' || character == '\u{202e}'));
}
