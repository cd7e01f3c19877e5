//! The tree of certificates, drawn.

use super::page::{Page, Tone, folder, safe};
use super::tree::Branch;

pub(super) fn draw(branches: &[Branch<'_>], page: &mut Page) {
    page.heading("chains");
    page.stand_in(common_folder(branches));
    // Whether the branch at each depth above is the last one, so that no line goes on below it.
    let mut ended: Vec<bool> = Vec::new();
    for branch in branches {
        ended.truncate(branch.depth);
        let mut line = String::from("  ");
        for above in ended.iter().skip(1) {
            line.push_str(if *above { "   " } else { "│  " });
        }
        if branch.depth > 0 {
            line.push(if branch.last { '└' } else { '├' });
            line.push_str(match branch.link {
                "broken" => "╳ ",
                "unchecked" => "? ",
                _ => "─ ",
            });
        }
        ended.resize(branch.depth, true);
        ended.push(branch.last);
        line.push_str(&label(branch, page));
        page.line(&line);
    }
}

/// What all files lie in.
fn common_folder<'a>(branches: &[Branch<'a>]) -> &'a str {
    let mut folders = branches.iter().flat_map(|branch| branch.files).map(|path| folder(path));
    let Some(first) = folders.next() else { return "" };
    folders.fold(first, |common, other| {
        let mut common = common;
        while !other.starts_with(common) {
            common = folder(&common[..common.len() - 1]);
        }
        common
    })
}

fn label(branch: &Branch<'_>, page: &Page) -> String {
    let role = branch.role.map(|role| format!("  {role}")).unwrap_or_default();
    let files: Vec<_> = branch.files.iter().take(4).map(|path| safe(page.near(path))).collect();
    let mut files = files.join(" = ");
    if branch.files.len() > 4 {
        files.push_str(" = …");
    }
    let title = safe(&branch.title);
    let why = branch.why.as_deref().unwrap_or_default();
    let state = branch.state.unwrap_or_default().replace('_', " ");
    let (tone, note) = match branch.link {
        "absent" => return format!("({title})  {}", page.toned(Tone::Bad, "not among these files")),
        "broken" | "unchecked" if branch.depth == 0 => (Tone::Bad, format!("  names itself as issuer, but is {why}")),
        "broken" => (Tone::Bad, format!("  {why}")),
        "unchecked" => (Tone::Soon, format!("  {why}")),
        "loop" => (Tone::Bad, "  its issuer stands below it: a loop".to_owned()),
        _ if state != "valid" => (Tone::Bad, format!("  {state}")),
        _ => (Tone::Plain, String::new()),
    };
    format!("{title}{role}  {files}{}", page.toned(tone, &note))
}
