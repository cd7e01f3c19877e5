//! `--report`: what `validate` or `doctor` found, as one HTML page to attach to a ticket.
//!
//! One file that needs nothing else: no script, no font, no picture from anywhere, and a Content-Security-Policy that
//! allows none. It holds no private key and no password. Judges nothing; text out of files passes `text::escape`.

mod certificates;
mod dates;
mod family;
mod files;
mod findings;
mod holdings;
mod layout;
mod picture;
mod server;
mod style;
pub(super) mod text;

use super::Clock;
use crate::pki::inventory::Form;
use crate::pki::report::{Report, Verdict};
use dates::Calendar;
use holdings::Holdings;
pub(super) use server::{Server, Source, server_page};
use std::fmt::Write as _;
use text::{count, literal, value};

const KICKER_START: &str = "<p class=\"kicker\">Certificates judged by qcert ";
const KICKER: &str =
    concat!("<header>\n<p class=\"kicker\">Certificates judged by qcert ", env!("CARGO_PKG_VERSION"), "</p>\n");

/// Whether a file is such a page, which a newer one may replace.
pub(super) fn is_a_report(bytes: &[u8]) -> bool {
    bytes.starts_with(b"<!DOCTYPE html>")
        && bytes.windows(KICKER_START.len()).any(|part| part == KICKER_START.as_bytes())
}

/// Each report is a section of the page; with `strict`, warnings count as faults.
pub(super) fn page(reports: &[Report], strict: bool, clock: Clock) -> String {
    let title = match reports {
        [report] => format!("{}: {}", value(&report.subject), verdict(report, strict).1),
        several => format!("qcert: {} judged", count(several.len(), "folder", "folders")),
    };
    document(&title, clock, |html| match reports {
        [report] => one(html, report, strict, clock),
        several => all(html, &several.iter().collect::<Vec<_>>(), strict, clock),
    })
}

/// The title is markup.
fn document(title: &str, clock: Clock, body: impl FnOnce(&mut String)) -> String {
    let mut html = String::with_capacity(64 << 10);
    _ = write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{}</style>\n</head>\n",
        style::HASH,
        style::SHEET
    );
    html.push_str("<body>\n");
    body(&mut html);
    let made = Calendar { at: clock.now, offset: clock.offset }.moment(clock.now);
    _ = writeln!(
        html,
        "<footer><p>Made {made} by qcert {}. This page loads nothing and holds no private key and no password</p></footer>",
        env!("CARGO_PKG_VERSION")
    );
    html.push_str("</body>\n</html>\n");
    html
}

/// The class of its colour, and the words.
fn verdict(report: &Report, strict: bool) -> (&'static str, &'static str) {
    match report.verdict(strict) {
        Verdict::Sound => ("good", "sound"),
        Verdict::Faulty => ("error", "faulty"),
        Verdict::Unjudged => ("unjudged", "could not be judged"),
    }
}

fn one(html: &mut String, report: &Report, strict: bool, clock: Clock) {
    let (class, word) = verdict(report, strict);
    html.push_str(KICKER);
    _ = writeln!(html, "<h1><span class=\"verdict {class}\">{word}</span> {}</h1>", literal(&report.subject));
    summary(html, report, strict, clock);
    html.push_str("</header>\n<main>\n");
    sections(html, report, clock, "h2", "");
    html.push_str("</main>\n");
}

fn all(html: &mut String, reports: &[&Report], strict: bool, clock: Clock) {
    let of = |wanted| reports.iter().filter(|report| report.verdict(strict) == wanted).count();
    html.push_str(KICKER);
    html.push_str("<h1>");
    let verdicts = [
        (of(Verdict::Faulty), "error", "faulty"),
        (of(Verdict::Unjudged), "unjudged", "could not be judged"),
        (of(Verdict::Sound), "good", "sound"),
    ];
    for (count, class, word) in verdicts.into_iter().filter(|(count, ..)| *count > 0) {
        _ = write!(html, "<span class=\"verdict {class}\">{} {word}</span> ", text::number(count));
    }
    html.push_str("</h1>\n</header>\n");
    contents(html, reports, strict);
    html.push_str("<main>\n");
    articles(html, reports, strict, clock);
    html.push_str("</main>\n");
}

fn contents(html: &mut String, reports: &[&Report], strict: bool) {
    html.push_str("<nav aria-label=\"Contents\">\n<table class=\"contents\"><caption>Contents</caption>\n");
    html.push_str(
        "<thead><tr><th scope=\"col\">Judged</th><th scope=\"col\">Verdict</th><th scope=\"col\">Found</th></tr></thead>\n\
         <tbody>\n",
    );
    for (index, report) in reports.iter().enumerate() {
        let (class, word) = verdict(report, strict);
        _ = writeln!(
            html,
            "<tr><th scope=\"row\"><a href=\"#report-{index}\">{}</a></th>\
             <td><strong class=\"badge {class}\">{word}</strong></td><td>{}</td></tr>",
            value(&report.subject),
            findings::counts(&report.findings)
        );
    }
    html.push_str("</tbody></table>\n</nav>\n");
}

fn articles(html: &mut String, reports: &[&Report], strict: bool, clock: Clock) {
    for (index, report) in reports.iter().enumerate() {
        let (class, word) = verdict(report, strict);
        _ = writeln!(
            html,
            "<article id=\"report-{index}\">\n<h2><span class=\"verdict {class}\">{word}</span> {}</h2>",
            literal(&report.subject)
        );
        summary(html, report, strict, clock);
        sections(html, report, clock, "h3", &format!("-{index}"));
        html.push_str("</article>\n");
    }
}

/// What was judged, for which machine and time, and how much was found.
fn summary(html: &mut String, report: &Report, strict: bool, clock: Clock) {
    let calendar = Calendar { at: report.at, offset: clock.offset };
    let counts = findings::counts(&report.findings);
    html.push_str("<dl class=\"about\">\n");
    let mut fact = |name: &str, html_value: &str| {
        _ = writeln!(html, "<div><dt>{name}</dt><dd>{html_value}</dd></div>");
    };
    fact("Found", if counts.is_empty() { "nothing" } else { &counts });
    if let Some(machine) = &report.machine {
        fact("Machine", &literal(machine));
    }
    fact("Judged for", &calendar.moment(report.at));
    fact("Looked at", &count(report.files.len(), "file", "files"));
    if strict {
        fact("Strictly", "warnings count as faults");
    }
    html.push_str("</dl>\n");
}

fn sections(html: &mut String, report: &Report, clock: Clock, heading: &str, suffix: &str) {
    let calendar = Calendar { at: report.at, offset: clock.offset };
    let holdings = Holdings::new(report);
    let mut section = |id: &str, title: &str, body: &mut dyn FnMut(&mut String)| {
        _ = writeln!(
            html,
            "<section id=\"{id}{suffix}\" aria-labelledby=\"{id}{suffix}-title\">\n\
             <{heading} id=\"{id}{suffix}-title\">{title}</{heading}>"
        );
        body(html);
        html.push_str("</section>\n");
    };
    section("findings", "What was found", &mut |html| findings::findings(html, report));
    section("chain", "The chain", &mut |html| picture::section(html, report, &holdings, calendar));
    if !report.consumers.is_empty() {
        section("consumers", "What each program makes of it", &mut |html| findings::consumers(html, &report.consumers));
    }
    if !report.start_up.is_empty() {
        section("start-up", "At the Repository Service’s next start", &mut |html| {
            let stores = report.files.iter().any(|file| matches!(file.form, Form::Snapshot(_)));
            findings::start_up(html, &report.start_up, stores);
        });
    }
    section("certificates", "Certificates", &mut |html| certificates::section(html, &holdings, calendar));
    section("files", "Files", &mut |html| files::section(html, report, &holdings, calendar));
}
