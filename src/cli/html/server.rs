//! `doctor`'s page: what is wrong with a server, each fault once; what the Repository Service would do; what was looked
//! at; then each part in a section of its own, as `validate`'s page has it.

use super::super::Clock;
use super::dates::Calendar;
use super::findings::{counts, list, start_up};
use super::text::{literal, sentence, value};
use super::{KICKER, articles, contents, document};
use crate::pki::diagnosis::Diagnosed;
use crate::pki::report::{Report, Verdict};
use std::fmt::Write as _;
use time::OffsetDateTime;

/// What the page is made of.
#[derive(Debug)]
pub(in super::super) struct Server<'a> {
    pub(in super::super) subject: &'a str,
    pub(in super::super) at: OffsetDateTime,
    pub(in super::super) verdict: Verdict,
    pub(in super::super) strict: bool,
    pub(in super::super) found: &'a [Diagnosed],
    pub(in super::super) stores: Option<&'a Report>,
    /// The stores' among them.
    pub(in super::super) reports: Vec<&'a Report>,
    pub(in super::super) sources: Vec<Source<'a>>,
    /// What the logs say, as markup.
    pub(in super::super) logs: Option<String>,
}

/// What became of a part.
#[derive(Debug)]
pub(in super::super) struct Source<'a> {
    pub(in super::super) called: &'static str,
    pub(in super::super) path: Option<&'a str>,
    /// What was seen, or why nothing was.
    pub(in super::super) told: Result<String, &'a str>,
}

pub(in super::super) fn server_page(server: &Server<'_>, clock: Clock) -> String {
    let (class, word) = match server.verdict {
        Verdict::Sound => ("good", "sound"),
        Verdict::Faulty => ("error", "faulty"),
        Verdict::Unjudged => ("unjudged", "could not be judged"),
    };
    document(&format!("{}: {word}", value(server.subject)), clock, |html| {
        html.push_str(KICKER);
        _ = writeln!(html, "<h1><span class=\"verdict {class}\">{word}</span> {}</h1>", literal(server.subject));
        about(html, server, clock);
        html.push_str("</header>\n<main>\n");
        section(html, "findings", "What is wrong with this server", |html| {
            list(html, server.found.iter().map(|one| (&one.finding, &one.of[..])));
        });
        if let Some(report) = server.stores.filter(|report| !report.start_up.is_empty()) {
            section(html, "start-up", "At the Repository Service’s next start", |html| {
                start_up(html, &report.start_up, true);
            });
        }
        if let Some(logs) = &server.logs {
            section(html, "logs", "What the logs say", |html| html.push_str(logs));
        }
        section(html, "sources", "What was looked at", |html| sources(html, &server.sources));
        if !server.reports.is_empty() {
            contents(html, &server.reports, server.strict);
        }
        articles(html, &server.reports, server.strict, clock);
        html.push_str("</main>\n");
    })
}

fn about(html: &mut String, server: &Server<'_>, clock: Clock) {
    let calendar = Calendar { at: server.at, offset: clock.offset };
    let counts = counts(server.found.iter().map(|one| &one.finding));
    html.push_str("<dl class=\"about\">\n");
    let mut fact = |name: &str, html_value: &str| {
        _ = writeln!(html, "<div><dt>{name}</dt><dd>{html_value}</dd></div>");
    };
    fact("Found", if counts.is_empty() { "nothing" } else { &counts });
    fact("Judged for", &calendar.moment(server.at));
    if server.strict {
        fact("Strictly", "warnings count as faults");
    }
    html.push_str("</dl>\n");
}

fn section(html: &mut String, id: &str, title: &str, body: impl FnOnce(&mut String)) {
    _ = writeln!(html, "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>");
    body(html);
    html.push_str("</section>\n");
}

fn sources(html: &mut String, sources: &[Source<'_>]) {
    html.push_str(
        "<table class=\"files\"><caption>The parts of a server</caption>\n\
         <thead><tr><th scope=\"col\">Part</th><th scope=\"col\">Where</th><th scope=\"col\">What was seen</th></tr></thead>\n\
         <tbody>\n",
    );
    for Source { called, path, told } in sources {
        let path = path.map(literal).unwrap_or_default();
        let told = match told {
            Ok(told) => sentence(told),
            Err(why) => format!("<span class=\"alarm\">not looked at</span>: {}", sentence(why)),
        };
        _ = writeln!(html, "<tr><th scope=\"row\">{called}</th><td>{path}</td><td>{told}</td></tr>");
    }
    html.push_str("</tbody></table>\n");
}
