//! A chain that somebody showed in a TLS handshake, as if it were a file: so the same rules judge it.

use super::read::MOST_OBJECTS;
use super::{FileContent, Form, Object, object};

/// `place` is how a person would name it, such as `host.domain:4242`; `chain` is DER, leaf first, from a stranger.
pub fn shown(place: &str, chain: &[Vec<u8>]) -> FileContent {
    let object = |der: &Vec<u8>| Object { label: None, line: None, what: object::certificate(der) };
    FileContent {
        path: place.to_owned(),
        name: place.to_owned(),
        size: chain.iter().map(Vec::len).sum(),
        others_may_read: false,
        tracked_by_git: false,
        form: Form::Shown,
        objects: chain.iter().take(MOST_OBJECTS).map(object).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::What;
    use super::*;

    #[test]
    fn what_was_shown_is_kept_whatever_it_is() {
        let root = include_bytes!("../../../fixtures/golden/compatible/root.cer").to_vec();
        let shown = shown("host.domain:4242", &[root.clone(), vec![0x30, 3, 1, 2, 3], Vec::new()]);
        assert_eq!((shown.name.as_str(), &shown.form, shown.size), ("host.domain:4242", &Form::Shown, root.len() + 5));
        assert_eq!(shown.certificates().next().unwrap().der(), root);
        assert!(shown.objects.iter().skip(1).all(|object| matches!(object.what, What::Damaged(_))));
    }
}
