//! `docs/rules.md`: the catalogue of rules as a page. Made of the rules alone; `tests/explain.rs` holds the file to it.

use crate::pki::finding::Rule;
use crate::pki::rules;
use std::fmt::Write as _;

const OPENING: &str = "\
# Rules

What `qcert validate` can find, and `qcert doctor` on a server, by family. `qcert explain RULE` says the same on the screen.

This page is written by `QCERT_UPDATE_DOCS=1 cargo test --test explain`, from the rules themselves.

- **error**: some Qlik service or a named program refuses it.
- **warning**: it works today; the finding says when or where it will not.
- **unjudged**: it could not be looked at. Never a pass.
- **note**: odd, harmless.
";

pub fn page() -> String {
    let mut page = OPENING.to_owned();
    // Writing to a String cannot fail.
    for (family, lists) in rules::FAMILIES {
        let list = || lists.iter().copied().flatten();
        _ = write!(page, "\n## {family}\n\n| rule | weighs | what is wrong |\n|---|---|---|\n");
        for rule in list() {
            let Rule { id, severity, title, .. } = rule;
            _ = writeln!(page, "| [`{id}`](#{}) | {} | {} |", id.replace('/', ""), severity.word(), cell(title));
        }
        for rule in list() {
            let Rule { id, severity, title, cause, fix, source } = rule;
            _ = write!(page, "\n### `{id}`\n\n**{}** ({}). {}\n\n", prose(title), severity.word(), prose(cause));
            _ = write!(page, "- To do: {}\n- Source: {}\n", prose(fix), prose(source));
        }
    }
    page
}

/// Outside of backticks, what Markdown would take for a tag or for emphasis.
fn prose(text: &str) -> String {
    let mut code = false;
    let mut out = String::new();
    for character in text.chars() {
        code ^= character == '`';
        if !code && matches!(character, '<' | '*' | '_') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_swallow_is_kept() {
        assert_eq!(prose("CN=<host>-CA in `a<b>` *"), "CN=\\<host>-CA in `a<b>` \\*");
        assert_eq!(cell("a|b"), "a\\|b");
    }
}
