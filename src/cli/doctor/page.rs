//! The diagnosis as an HTML page: hands `html` what it is made of.

use super::super::{Clock, html};
use super::logs;
use super::sources::Server;
use super::text::what;
use crate::pki::diagnosis::Diagnosed;
use crate::pki::report::Verdict;

pub(super) fn page(server: &Server, found: &[Diagnosed], (verdict, strict): (Verdict, bool), clock: Clock) -> String {
    let sources = server.sources.iter().map(|source| html::Source {
        called: source.called,
        path: source.path.as_deref(),
        told: source.why_not.as_deref().map_or_else(|| Ok(what(server, source)), Err),
    });
    let page = html::Server {
        subject: &server.subject,
        at: server.at,
        verdict,
        strict,
        found,
        stores: server.stores.as_ref(),
        reports: server.reports().collect(),
        sources: sources.collect(),
        logs: server.logs.as_ref().map(logs::page),
    };
    html::server_page(&page, clock)
}
