//! `Server`: a Qlik server as a folder, declared: its parts, what is wrong with it, and what doctor has to say about it.

use crate::site::{Files, MACHINE, Site};
use crate::stores::Stores;
use crate::surroundings::base64;

/// When every server is judged that does not say otherwise.
const AT: &str = "--at 2026-06-01T00:00:00Z";

pub(crate) const EXPORTED: &str = "Sense/Repository/Exported Certificates";
pub(crate) const LOCAL: &str = ".Local Certificates";
pub(crate) const STORES: &str = "certificate stores";

#[derive(Debug)]
pub(crate) struct Server {
    name: String,
    what: String,
    files: Files,
    run: String,
    left_out: Vec<String>,
    expected: Vec<String>,
}

/// With the stores of a central node, `Host.cfg` and the services' own copies.
pub(crate) fn server(name: &str, what: &str, site: &Site) -> Server {
    bare(name, what).stores(&Stores::node(site)).host_cfg(base64(MACHINE.as_bytes())).folder(LOCAL, site.pem())
}

pub(crate) fn bare(name: &str, what: &str) -> Server {
    Server {
        name: name.to_owned(),
        what: what.to_owned(),
        files: Files::new(),
        run: format!("Sense {AT}"),
        left_out: Vec::new(),
        expected: Vec::new(),
    }
}

impl Server {
    pub(crate) fn put(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.files.insert(path.to_owned(), bytes.as_ref().to_vec());
        self
    }

    pub(crate) fn stores(self, stores: &Stores) -> Self {
        self.put("Sense/stores.json", stores.0.write())
    }

    pub(crate) fn host_cfg(self, content: impl AsRef<[u8]>) -> Self {
        self.put("Sense/Host.cfg", content)
    }

    /// In the exported certificates, in place of what is there.
    pub(crate) fn folder(mut self, name: &str, files: Files) -> Self {
        let folder = format!("{EXPORTED}/{name}/");
        self.files.retain(|path, _| !path.starts_with(&folder));
        self.files.extend(files.into_iter().map(|(file, bytes)| (format!("{folder}{file}"), bytes)));
        self
    }

    /// All whose paths begin so.
    #[track_caller]
    pub(crate) fn remove(mut self, begin: &str) -> Self {
        let before = self.files.len();
        self.files.retain(|path, _| !path.starts_with(begin));
        assert!(self.files.len() < before, "{begin}");
        self
    }

    /// Every path changed.
    pub(crate) fn rename(mut self, change: impl Fn(&str) -> String) -> Self {
        self.files = self.files.into_iter().map(|(path, bytes)| (change(&path), bytes)).collect();
        self
    }

    pub(crate) fn run(mut self, arguments: &str) -> Self {
        self.run = format!("{} {arguments}", self.run);
        self
    }

    pub(crate) fn instead(mut self, arguments: &str) -> Self {
        self.run = format!("{arguments} {AT}");
        self
    }

    pub(crate) fn at(mut self, time: &str) -> Self {
        self.run = self.run.replace(AT, &format!("--at {time}"));
        self
    }

    pub(crate) fn left_out(mut self, sources: &str) -> Self {
        self.left_out.push(sources.to_owned());
        self
    }

    /// The parts it was found in, with commas between them.
    pub(crate) fn error(self, rule: &str, parts: &str) -> Self {
        self.expect("error", rule, parts)
    }

    pub(crate) fn warning(self, rule: &str, parts: &str) -> Self {
        self.expect("warning", rule, parts)
    }

    pub(crate) fn unjudged(self, rule: &str, parts: &str) -> Self {
        self.expect("unjudged", rule, parts)
    }

    pub(crate) fn note(self, rule: &str, parts: &str) -> Self {
        self.expect("note", rule, parts)
    }

    fn expect(mut self, severity: &str, rule: &str, parts: &str) -> Self {
        self.expected.push(format!("{severity} {rule} {parts}").trim_end().to_owned());
        self
    }

    fn verdict(&self) -> &'static str {
        let some = |severity: &str| self.expected.iter().any(|line| line.starts_with(severity));
        if some("error") || self.run.contains("--strict") && some("warning") {
            "faulty"
        } else if some("unjudged") || !self.left_out.is_empty() {
            "unjudged"
        } else {
            "sound"
        }
    }

    /// All its files, `expect` among them.
    pub(crate) fn finish(mut self) -> (String, Files) {
        let verdict = self.verdict();
        let mut lines = vec![format!("# {}", self.what), format!("run {}", self.run), format!("verdict {verdict}")];
        lines.extend(self.left_out.iter().map(|source| format!("left-out {source}")));
        lines.append(&mut self.expected);
        self.files.insert("expect".to_owned(), (lines.join("\n") + "\n").into_bytes());
        (self.name, self.files)
    }
}
