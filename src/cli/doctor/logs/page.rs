//! What the logs say, as a part of the HTML page. Everything out of a log passes `text::escape`; may not judge.

use super::text::{amount, headline, seen};
use super::{Entry, Logs};
use crate::cli::explain::log::columns;
use crate::cli::html::text::{escape, literal, sentence, value};
use std::fmt::Write as _;

/// The body of a section, in the classes of the page's style sheet.
pub(in super::super) fn page(logs: &Logs) -> String {
    let mut html = format!("<p>{}</p>\n", sentence(&headline(logs)));
    if !logs.entries.is_empty() {
        html.push_str("<ul class=\"findings\">\n");
        for entry in &logs.entries {
            about(&mut html, entry, logs);
        }
        html.push_str("</ul>\n");
    }
    left_out(&mut html, logs);
    html
}

fn about(html: &mut String, entry: &Entry, logs: &Logs) {
    let (class, word) = if entry.past { ("note", "no longer said") } else { ("warning", "the log says") };
    // Writing to a String cannot fail.
    _ = writeln!(
        html,
        "<li class=\"finding {class}\">\n<p class=\"what\"><strong class=\"badge {class}\">{word}</strong> {} <span \
         class=\"quiet\">({})</span></p>\n<pre class=\"seen\"><samp>{}</samp></pre>",
        escape(&entry.known.usual()),
        escape(entry.program),
        value(&columns(&entry.excerpt))
    );
    for (label, said) in seen(entry, logs) {
        _ = writeln!(html, "<p class=\"where\">{label} {}</p>", sentence(&said));
    }
    _ = writeln!(
        html,
        "<p class=\"cause\">{}</p>\n<p class=\"fix\"><b>Fix:</b> {}</p>\n<p class=\"where\">{}",
        sentence(&entry.known.cause_told()),
        sentence(entry.fix),
        literal(entry.command)
    );
    for rule in &entry.rules {
        _ = write!(html, " <span class=\"rule\">{}</span>", escape(rule));
    }
    html.push_str("</p>\n</li>\n");
}

fn left_out(html: &mut String, logs: &Logs) {
    if logs.left_out.is_empty() && logs.unreadable.is_empty() || logs.why_not().is_some() {
        return;
    }
    html.push_str("<table class=\"files\"><caption>Not looked at in the logs</caption>\n<tbody>\n");
    let mut row = |what: &str, why: &str| {
        _ = writeln!(html, "<tr><th scope=\"row\">{what}</th><td>{}</td></tr>", value(why));
    };
    for left in &logs.left_out {
        row(&escape(&amount(left)), &left.why);
    }
    for one in &logs.unreadable {
        row(&literal(&one.file), &one.why);
    }
    html.push_str("</tbody></table>\n");
}
