//! What Chromium shows: on wide and narrow screens, light and dark, and on paper.

use crate::browser::look;
use crate::hostile::hostile;
use crate::page;
use crate::samples::{broken, many, nested, rootless, sound};
use serde_json::Value;

/// WCAG 2.2, 1.4.3, level AA for text of the usual size.
const CONTRAST: f64 = 4.5;

fn text<'a>(seen: &'a Value, field: &str) -> &'a str {
    seen[field].as_str().unwrap_or_else(|| panic!("no {field}"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("not a number: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}"))
}

fn name(seen: &Value) -> String {
    format!("{} {}", text(seen, "page"), text(seen, "view"))
}

fn inside(inner: &Value, outer: &Value) -> bool {
    let slack = 0.75;
    number(&inner["left"]) >= number(&outer["left"]) - slack
        && number(&inner["top"]) >= number(&outer["top"]) - slack
        && number(&inner["right"]) <= number(&outer["right"]) + slack
        && number(&inner["bottom"]) <= number(&outer["bottom"]) + slack
}

fn overlap(one: &Value, other: &Value) -> bool {
    let apart = |low: &str, high: &str| {
        number(&one[high]) <= number(&other[low]) + 0.5 || number(&other[high]) <= number(&one[low]) + 0.5
    };
    !apart("left", "right") && !apart("top", "bottom")
}

/// What holds of every page in every view.
fn assert_well_shown(seen: &Value) {
    let name = name(seen);
    assert_eq!(list(&seen["requests"]).len(), 1, "{name} asks for {}", seen["requests"]);
    assert!(list(&seen["said"]).is_empty(), "{name}: {}", seen["said"]);
    assert!(number(&seen["scroll"]) <= number(&seen["width"]), "{name} is wider than the screen");
    assert!(list(&seen["overflowing"]).is_empty(), "{name}: {}", seen["overflowing"]);
    assert!(number(&seen["contrast"]["ratio"]) >= CONTRAST, "{name}: {}", seen["contrast"]);
    assert!(number(&seen["texts"]) > 30.0, "{name} shows nothing");
    let foreign = ["script", "img", "iframe", "link", "object", "embed", "foreignObject", "base", "form"];
    for element in list(&seen["elements"]) {
        assert!(!foreign.contains(&element.as_str().unwrap()), "{name} has {element}");
    }
    for attribute in list(&seen["attributes"]) {
        let attribute = attribute.as_str().unwrap();
        assert!(!attribute.starts_with("on") && attribute != "style", "{name} has {attribute}");
    }
    for link in list(&seen["links"]) {
        assert!(link.as_str().unwrap().starts_with("#report-"), "{name} links to {link}");
    }
    let headings: Vec<&str> = list(&seen["headings"]).iter().map(|heading| heading.as_str().unwrap()).collect();
    assert_eq!(headings.first(), Some(&"h1"), "{name}");
    assert!(headings.windows(2).all(|pair| pair[1] <= pair[0] || pair[1].as_bytes()[1] == pair[0].as_bytes()[1] + 1));
    for picture in list(&seen["pictures"]) {
        assert_well_drawn(&name, picture);
    }
}

fn assert_well_drawn(name: &str, picture: &Value) {
    assert_eq!(picture["role"], "img");
    assert!(!text(picture, "label").is_empty());
    let boxes = list(&picture["boxes"]);
    assert!(!boxes.is_empty());
    for (index, one) in boxes.iter().enumerate() {
        let title = text(one, "title");
        assert!(inside(one, &picture["outer"]), "{name}: the box {title} lies outside");
        for other in &boxes[index + 1..] {
            assert!(!overlap(one, other), "{name}: the boxes {title} and {} overlap", other["title"]);
        }
        let texts = list(&one["texts"]);
        for (index, text) in texts.iter().enumerate() {
            assert!(inside(text, one), "{name}: the box {title} cuts {}", text["text"]);
            for other in &texts[index + 1..] {
                // Boxes of letters have air above and below; side by side they may not touch.
                let same_line = (number(&text["bottom"]) - number(&other["bottom"])).abs() < 2.0;
                assert!(!(same_line && overlap(text, other)), "{name}: {} runs into {}", text["text"], other["text"]);
            }
        }
    }
}

#[test]
fn pages_are_shown_well() {
    let [sound, broken, many, rootless, nested] =
        [sound(), broken(), many(60), rootless(), nested()].map(|report| page(&[report]));
    let several = page(&[self::broken(), self::sound(), self::rootless()]);
    let pages = [
        ("sound", &sound),
        ("broken", &broken),
        ("many", &many),
        ("rootless", &rootless),
        ("nested", &nested),
        ("several", &several),
    ];
    let Some(seen) = look("pages", &pages.map(|(name, html)| (name, html.as_str()))) else { return };
    assert_eq!(seen.len(), 30);
    for seen in &seen {
        assert_well_shown(seen);
    }
    let find = |page: &str, view: &str| seen.iter().find(|seen| seen["page"] == page && seen["view"] == view).unwrap();
    for view in ["wide", "wide-dark", "narrow", "narrow-dark", "paper"] {
        let broken = find("broken", view);
        let wanted = [
            "faulty site",
            "server.pem is signed by another root than root.pem: same name qlik1.test-CA, other key",
            "chain/same-name-other-key",
            "code: 'CERT_SIGNATURE_FAILURE'",
            "delete it, make a new one",
            "expired 12 days ago",
        ];
        for wanted in wanted {
            assert!(text(broken, "text").contains(wanted), "{view} does not show {wanted:?}");
        }
        let [picture] = list(&broken["pictures"]) else { panic!("{view}: one picture is shown, no more") };
        assert_eq!(picture["broken"], 1, "{view}");
        let drawn: Vec<&str> = list(&picture["boxes"])
            .iter()
            .flat_map(|shown| list(&shown["texts"]))
            .map(|shown| text(shown, "text"))
            .collect();
        for wanted in
            ["ROOT", "SERVER", "CLIENT", "expired", "error", "signature is not by this issuer", "signed by itself"]
        {
            assert!(drawn.contains(&wanted), "{view}: {wanted:?} is not drawn: {drawn:?}");
        }
        assert_eq!(list(&find("many", view)["pictures"][0]["boxes"]).len(), 25, "the root, 23 leaves and the rest");
        assert_eq!(list(&find("several", view)["pictures"]).len(), 3);
    }
    let luminous = |view: &str| text(find("sound", view), "background") == "rgb(255, 255, 255)";
    assert!(luminous("wide") && luminous("paper") && !luminous("wide-dark") && !luminous("narrow-dark"));
}

#[test]
fn nothing_foreign_acts() {
    let html = page(&[hostile()]);
    let Some(seen) = look("hostile", &[("hostile", &html)]) else { return };
    for seen in &seen {
        assert_well_shown(seen);
        assert!(text(seen, "title").starts_with("</title><script>document.title='ran'</script>"), "{}", seen["title"]);
        assert!(text(seen, "text").contains("<iframe srcdoc="));
    }
}

/// What the tests above look for is seen where it is.
#[test]
fn foreign_acts_would_be_noticed() {
    let html = "<!DOCTYPE html><title>a</title><body style='width:2000px'><p style='color:#999'>pale</p>\
                <img src='canary.png' onerror=\"document.title='ran';console.log('ran')\">";
    let padded = format!("{html}{}", "<p>text</p>".repeat(200));
    let Some(seen) = look("canary", &[("canary", &padded)]) else { return };
    let wide = &seen[0];
    assert_eq!(wide["title"], "ran");
    assert!(list(&wide["requests"]).len() > 1 && !list(&wide["said"]).is_empty());
    assert!(number(&wide["scroll"]) > number(&wide["width"]) && !list(&wide["overflowing"]).is_empty());
    assert!(number(&wide["contrast"]["ratio"]) < CONTRAST);
}
