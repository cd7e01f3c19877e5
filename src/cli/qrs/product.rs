//! What the Repository Service says about itself. It may say anything: texts are cut, and what is no text is left out.

use serde::Serialize;
use serde_json::Value;

const LONGEST: usize = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Product {
    pub(in crate::cli) version: String,
    pub(in crate::cli) build_date: Option<String>,
    /// `central` or `rim`, where it is one of them.
    pub(in crate::cli) node: Option<&'static str>,
    pub(in crate::cli) database_provider: Option<String>,
    pub(in crate::cli) shared_persistence: Option<bool>,
    pub(in crate::cli) requires_bootstrap: Option<bool>,
}

impl Product {
    /// `None` if this is not how the Repository Service answers `/qrs/about` (Qlik developer help, About: Get).
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        // .NET writes a byte order mark where it is told to.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let said: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| said.get(name).and_then(Value::as_str).map(cut);
        let yes = |name: &str| said.get(name).and_then(Value::as_bool);
        let version = text("buildVersion").filter(|version| !version.is_empty())?;
        let node = said.get("nodeType").and_then(|node| match node {
            Value::String(name) if name.eq_ignore_ascii_case("central") => Some("central"),
            Value::String(name) if name.eq_ignore_ascii_case("rim") => Some("rim"),
            Value::Number(number) => number.as_u64().and_then(|number| match number {
                1 => Some("central"),
                2 => Some("rim"),
                _ => None,
            }),
            _ => None,
        });
        Some(Self {
            version,
            build_date: text("buildDate"),
            node,
            database_provider: text("databaseProvider"),
            shared_persistence: yes("sharedPersistence"),
            requires_bootstrap: yes("requiresBootstrap"),
        })
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_known_by_its_answer() {
        let body = br#"{"buildVersion":"38.18.1.0","buildDate":"9/20/2013 10:09:00 AM","nodeType":1,
            "databaseProvider":"Devart.Data.PostgreSql","sharedPersistence":true,"requiresBootstrap":false,
            "singleNodeOnly":false,"schemaPath":"About"}"#;
        let expected = Product {
            version: "38.18.1.0".to_owned(),
            build_date: Some("9/20/2013 10:09:00 AM".to_owned()),
            node: Some("central"),
            database_provider: Some("Devart.Data.PostgreSql".to_owned()),
            shared_persistence: Some(true),
            requires_bootstrap: Some(false),
        };
        assert_eq!(Product::read(body), Some(expected.clone()));
        assert_eq!(Product::read(&[b"\xef\xbb\xbf", &body[..]].concat()), Some(expected));
        for length in 0..body.len() {
            assert_eq!(Product::read(&body[..length]), None);
        }
    }

    #[test]
    fn strange_answers_are_taken_for_what_they_are() {
        for body in [
            &b"{}"[..],
            b"[]",
            b"null",
            b"\"x\"",
            b"{\"buildVersion\":1}",
            b"{\"buildVersion\":\"\"}",
            b"{\"buildVersion\":{}}",
            b"\xff",
        ] {
            assert_eq!(Product::read(body), None, "{body:?}");
        }
        assert_eq!(Product::read("[".repeat(60_000).as_bytes()), None);
        let node = |node: &str| {
            Product::read(format!("{{\"buildVersion\":\"1\",\"nodeType\":{node}}}").as_bytes()).unwrap().node
        };
        let nodes = ["2", "\"Rim\"", "0", "-1", "1e300", "{}", "\"x\""].map(node);
        assert_eq!(nodes, [Some("rim"), Some("rim"), None, None, None, None, None]);
        let long = format!("{{\"buildVersion\":\"{}\",\"sharedPersistence\":\"yes\"}}", "ü".repeat(1000));
        let product = Product::read(long.as_bytes()).unwrap();
        assert_eq!((product.version.chars().count(), product.shared_persistence), (LONGEST, None));
    }
}
