//! The certificates of a report, a small table each: side by side on wide pages, so that they compare.

use super::dates::{Calendar, Holds};
use super::holdings::{Holding, Holdings};
use super::text::{count, escape, literal, literals, number, value};
use crate::pki::certificate::{Certificate, GeneralName, hexadecimal};
use std::fmt::Write as _;

/// More than these nobody reads on a page. `qcert inspect` shows all.
const MOST: usize = 2_000;
const MOST_NAMES: usize = 60;

pub(super) fn section(html: &mut String, holdings: &Holdings<'_>, calendar: Calendar) {
    if holdings.all.is_empty() {
        html.push_str("<p>There is none</p>\n");
        return;
    }
    html.push_str("<div class=\"certificates\">\n");
    for holding in holdings.all.iter().take(MOST) {
        card(html, holding, holdings.role(&holding.sha256), calendar);
    }
    html.push_str("</div>\n");
    if let Some(more @ 1..) = holdings.all.len().checked_sub(MOST) {
        _ = writeln!(html, "<p>{} not shown here</p>", count(more, "more certificate is", "more certificates are"));
    }
}

fn card(html: &mut String, holding: &Holding<'_>, role: &str, calendar: Calendar) {
    let certificate = holding.certificate;
    let state = calendar.state(certificate);
    let class = if Holds::new(certificate, calendar.at) == Holds::Yes { "quiet" } else { "alarm" };
    let date = |time| format!("<time>{}</time>", calendar.day(time));
    _ = writeln!(
        html,
        "<table class=\"card\"><caption><span class=\"role\">{}</span> {}</caption><tbody>",
        escape(role),
        value(&certificate.title())
    );
    let mut row = |name: &str, html_value: String| {
        _ = writeln!(html, "<tr><th scope=\"row\">{name}</th><td>{html_value}</td></tr>");
    };
    row(if holding.files.len() == 1 { "File" } else { "Files" }, literals(holding.files.iter().copied()));
    row("Subject", value(&certificate.subject_text()));
    let issuer =
        if certificate.is_self_issued() { "the same".to_owned() } else { value(&certificate.issuer_name().text()) };
    row("Issuer", issuer);
    row(
        "Valid",
        format!(
            "{} to {}, <span class=\"{class}\">{state}</span>",
            date(certificate.not_before()),
            date(certificate.not_after())
        ),
    );
    row("Names", names(certificate));
    row("Key", escape(&certificate.public_key().text()));
    row("Signature", escape(&certificate.signature_algorithm().text()));
    row("Serial", literal(&certificate.serial_text()));
    row("SHA-1", literal(&certificate.sha1()));
    row("SHA-256", literal(&holding.sha256));
    html.push_str("</tbody></table>\n");
}

/// The alternative names, each with its kind where that is not plain.
fn names(certificate: &Certificate) -> String {
    let names = certificate.alternative_names();
    if names.is_empty() {
        return "<span class=\"quiet\">no alternative names</span>".to_owned();
    }
    let mut shown: Vec<String> = names.iter().take(MOST_NAMES).map(name).collect();
    if let Some(more @ 1..) = names.len().checked_sub(MOST_NAMES) {
        shown.push(format!("and {} more", number(more)));
    }
    shown.join(", ")
}

fn name(name: &GeneralName) -> String {
    match name {
        GeneralName::Dns(name) => literal(name),
        GeneralName::Ip(octets) => match name.ip_address() {
            Some(address) => format!("{} (IP)", literal(&address.to_string())),
            None => format!("{} (not an address)", literal(&hexadecimal(octets))),
        },
        GeneralName::Email(address) => format!("{} (e-mail)", literal(address)),
        GeneralName::Directory(name) => format!("{} (directory)", literal(&name.text())),
        GeneralName::Uri(uri) => format!("{} (URI)", literal(uri)),
        GeneralName::Other(tag) => format!("another kind of name (tag {tag})"),
        GeneralName::Malformed(tag) => format!("a malformed name (tag {tag})"),
    }
}
