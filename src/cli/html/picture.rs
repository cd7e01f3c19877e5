//! Draws a family as SVG: one picture for wide pages and paper, one for narrow pages; CSS shows the one that fits.
//!
//! Colours come from the page's CSS, words say the same; text is cut to its box and whole in its tooltip.

use super::dates::{Calendar, Holds};
use super::family::{Family, Kind, Known, Member, Tie};
use super::holdings::Holdings;
use super::layout::{HEIGHT, Layout, Line, Place};
use super::text::{count, escape, fitted, number, value};
use crate::pki::report::Report;
use std::fmt::Write as _;

/// Inside a box, left and right.
const PADDING: usize = 12;
/// In a tooltip; the table has all.
const MOST_FILES: usize = 20;
const TICK: &str = "M1 6l3 3 6-7";
const CROSS: &str = "M2 2l7 7m0-7l-7 7";

pub(super) fn section(html: &mut String, report: &Report, holdings: &Holdings<'_>, calendar: Calendar) {
    let family = Family::new(report, holdings);
    if family.members.is_empty() {
        html.push_str(match family.left_out {
            0 => "<p>No certificate was found that a chain could be drawn of</p>\n",
            _ => "<p>The chains are too long to be drawn</p>\n",
        });
        return;
    }
    let label = escape(&summary(&family, calendar));
    html.push_str("<figure class=\"chain\">\n");
    for (class, layout) in [("wide", Layout::wide(&family)), ("narrow", Layout::narrow(&family))] {
        let Layout { width, height, .. } = layout;
        _ = writeln!(
            html,
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
             aria-label=\"{label}\">"
        );
        for line in &layout.lines {
            draw_line(html, &family, *line);
        }
        for place in &layout.boxes {
            if let Some(member) = family.members.get(place.member) {
                draw_box(html, member, *place, calendar, &report.subject);
            }
        }
        html.push_str("</svg>\n");
    }
    _ = write!(html, "<figcaption>{label}");
    if family.left_out > 0 {
        _ = write!(html, "; {} in no drawn chain", count(family.left_out, "more certificate", "more certificates"));
    }
    html.push_str("</figcaption>\n</figure>\n");
}

/// The picture in words: for those who do not see it, and below it for those who do.
fn summary(family: &Family<'_>, calendar: Calendar) -> String {
    let (mut drawn, mut broken, mut unchecked, mut missing, mut outdated, mut more) = (0, 0, 0, 0, 0, 0);
    let mut unasked = 0;
    for member in &family.members {
        match &member.kind {
            Kind::Certificate(known) => {
                drawn += 1;
                let holds =
                    known.certificate.is_none_or(|certificate| Holds::new(certificate, calendar.at) == Holds::Yes);
                outdated += usize::from(!holds);
            }
            Kind::Missing { .. } => missing += 1,
            Kind::More { count, .. } => more += count,
        }
        match member.tie {
            Tie::Broken | Tie::SelfBroken => broken += 1,
            Tie::Unchecked(_) => unchecked += 1,
            Tie::Anchor => unasked += 1,
            _ => {}
        }
    }
    let mut text = count(drawn, "certificate", "certificates");
    let mut add = |amount: usize, one: &str, several: &str| {
        if amount > 0 {
            _ = write!(text, ", {}", count(amount, one, several));
        }
    };
    add(missing, "issuer missing", "issuers missing");
    add(broken, "signature does not fit", "signatures do not fit");
    add(unchecked, "signature not checked here", "signatures not checked here");
    add(unasked, "taken as root unasked", "taken as roots unasked");
    add(outdated, "not valid at this time", "not valid at this time");
    add(more, "more that is not drawn", "more that are not drawn");
    if broken + unchecked + unasked + missing == 0 {
        text.push_str(", every drawn signature fits");
    }
    text
}

fn is_broken(family: &Family<'_>, member: usize) -> bool {
    family.members.get(member).is_some_and(|member| matches!(member.tie, Tie::Broken | Tie::SelfBroken))
}

fn draw_line(html: &mut String, family: &Family<'_>, Line { from, to, member }: Line) {
    let class = match member {
        Some(member) if is_broken(family, member) => "tie broken",
        Some(member) if !matches!(family.members.get(member), Some(Member { tie: Tie::Verified, .. })) => "tie open",
        _ => "tie",
    };
    _ = writeln!(html, "<path class=\"{class}\" d=\"M{} {}L{} {}\"/>", from.0, from.1, to.0, to.1);
    if class == "tie broken" {
        let (x, y) = (usize::midpoint(from.0, to.0), usize::midpoint(from.1, to.1));
        _ = writeln!(
            html,
            "<circle class=\"mark\" cx=\"{x}\" cy=\"{y}\" r=\"8\"/>\
             <path class=\"cross\" d=\"M{} {}l6 6m0-6l-6 6\"/>",
            x - 3,
            y - 3
        );
    }
}

fn draw_box(html: &mut String, member: &Member<'_>, place: Place, calendar: Calendar, subject: &str) {
    let Place { x, y, width, .. } = place;
    _ = write!(html, "<svg x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" class=\"");
    let mut pen = Pen { html, right: width - PADDING };
    match &member.kind {
        Kind::Certificate(known) => certificate_box(&mut pen, known, &member.tie, calendar, subject),
        Kind::Missing { issuer } => {
            pen.open("ghost", width, &format!("missing: {issuer}"));
            pen.text("role bad", 22, 20, "MISSING");
            pen.text("name", 46, 22, if issuer.is_empty() { "its issuer" } else { issuer });
            pen.text("", 70, 34, "no certificate of this name");
            pen.text("", 88, 34, "is here that issued the one below");
        }
        Kind::More { count, faulty } => {
            pen.open("ghost", width, "not drawn");
            pen.text("role", 22, 20, "NOT DRAWN");
            pen.text("name", 46, 22, &format!("and {} more", number(*count)));
            let faults = match faulty {
                0 => "no error is about one of them".to_owned(),
                _ => format!("{} of them with an error", number(*faulty)),
            };
            pen.text("", 70, 34, &faults);
        }
    }
    html.push_str("</svg>\n");
}

fn certificate_box(pen: &mut Pen<'_>, known: &Known<'_>, tie: &Tie, calendar: Calendar, subject: &str) {
    let state = known.certificate.map(|certificate| Holds::new(certificate, calendar.at));
    let outdated = state.is_some_and(|state| state != Holds::Yes);
    let bad = known.faulty || outdated || matches!(tie, Tie::Broken | Tie::SelfBroken | Tie::NoIssuer);
    let shown = known.files.iter().take(MOST_FILES).map(|file| short(file, subject)).collect::<Vec<_>>().join(", ");
    let mut tooltip = format!("{} {}", known.role, known.title);
    for file in known.files.iter().take(MOST_FILES) {
        _ = write!(tooltip, "\n{file}");
    }
    pen.open(if bad { "bad" } else { "sound" }, pen.right + PADDING, &tooltip);
    pen.text("role", 22, 20, &known.role.to_uppercase());
    // Files are told from the left: the last ones may be cut, the first may not.
    let files = if shown.is_empty() { "given from elsewhere" } else { &shown };
    pen.text("name", 45, 22, known.title);
    pen.text("file", 64, 29, files);
    if let Some(certificate) = known.certificate {
        let class = if outdated { "end alarm" } else { "end" };
        pen.text(class, 22, 22, &calendar.state_in_short(certificate));
        let (from, until) = (calendar.day(certificate.not_before()), calendar.day(certificate.not_after()));
        if known.faulty {
            pen.text("end alarm", 83, 8, "error");
        }
        pen.text("", 83, 30, &format!("{from} to {until}"));
        let (key, signature) = (certificate.public_key().text(), certificate.signature_algorithm().text());
        pen.text("", 100, 31, &format!("{key}, {signature}"));
    }
    match tie {
        Tie::Verified => pen.verdict("good", TICK, "signature fits its issuer"),
        Tie::SelfSigned => pen.verdict("good", TICK, "signed by itself"),
        Tie::Broken => pen.verdict("alarm", CROSS, "signature is not by this issuer"),
        Tie::SelfBroken => pen.verdict("alarm", CROSS, "its own signature does not fit"),
        Tie::NoIssuer => pen.verdict("alarm", CROSS, "issuer is missing"),
        Tie::Anchor => pen.text("", 118, 30, "taken as root"),
        Tie::Unchecked(why) => pen.text("", 118, 30, &format!("not checked: {why}")),
        Tie::None => {}
    }
}

/// Inside the folder that was judged, its name says nothing.
fn short<'a>(path: &'a str, subject: &str) -> &'a str {
    let separators = ['/', '\\'];
    let rest = path.strip_prefix(subject.trim_end_matches(separators));
    rest.and_then(|rest| rest.strip_prefix(separators)).filter(|rest| !rest.is_empty()).unwrap_or(path)
}

/// Writes into one box.
struct Pen<'a> {
    html: &'a mut String,
    right: usize,
}

impl Pen<'_> {
    fn open(&mut self, class: &str, width: usize, tooltip: &str) {
        let tooltip = tooltip.split('\n').map(value).collect::<Vec<_>>().join("\n");
        _ = writeln!(
            self.html,
            "box {class}\"><title>{tooltip}</title><rect x=\"1\" y=\"1\" width=\"{}\" height=\"{}\" rx=\"6\"/>",
            width - 2,
            HEIGHT - 2
        );
    }

    /// `letters` is what fits into a box of the usual width; broader boxes take more.
    fn text(&mut self, class: &str, y: usize, letters: usize, text: &str) {
        let usual = 240 - 2 * PADDING;
        let text = escape(&fitted(text, letters * (self.right - PADDING) / usual));
        let (x, anchor) = if class.starts_with("end") { (self.right, " text-anchor=\"end\"") } else { (PADDING, "") };
        _ = writeln!(self.html, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>");
    }

    fn verdict(&mut self, class: &str, sign: &str, text: &str) {
        _ = writeln!(
            self.html,
            "<path class=\"sign {class}\" transform=\"translate({PADDING} 108)\" d=\"{sign}\"/>\
             <text class=\"{class}\" x=\"{}\" y=\"118\">{}</text>",
            PADDING + 17,
            escape(text)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_left_out_of_its_files() {
        for subject in ["site", "site/"] {
            assert_eq!(short("site/old/root.pem", subject), "old/root.pem");
        }
        assert_eq!(short("C:\\site\\root.pem", "C:\\site"), "root.pem");
        for other in ["site2/root.pem", "site", "elsewhere/root.pem"] {
            assert_eq!(short(other, "site"), other);
        }
    }
}
