//! `Folder`: one defect, declared: what is wrong, the files that show it, and what validate has to say about them.

use super::site::Files;

/// When every folder is judged that does not say otherwise.
const AT: &str = "--at 2026-06-01T00:00:00Z";

#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) name: String,
    what: String,
    files: Files,
    directives: Vec<String>,
    run: String,
    strict: bool,
    expected: Vec<String>,
}

pub(crate) fn folder(name: &str, what: &str, files: Files) -> Folder {
    let (name, what, run) = (name.to_owned(), what.to_owned(), AT.to_owned());
    Folder { name, what, files, directives: Vec::new(), run, strict: false, expected: Vec::new() }
}

impl Folder {
    pub(crate) fn put(mut self, file: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.files.insert(file.to_owned(), bytes.as_ref().to_vec());
        self
    }

    #[track_caller]
    pub(crate) fn remove(mut self, file: &str) -> Self {
        self.files.remove(file).unwrap();
        self
    }

    #[track_caller]
    pub(crate) fn change(mut self, file: &str, bend: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let bytes = self.files.get_mut(file).unwrap();
        *bytes = bend(bytes);
        self
    }

    #[track_caller]
    pub(crate) fn copy(self, from: &str, to: &str) -> Self {
        let bytes = self.files[from].clone();
        self.put(to, bytes)
    }

    #[track_caller]
    pub(crate) fn rename(self, from: &str, to: &str) -> Self {
        self.copy(from, to).remove(from)
    }

    #[track_caller]
    pub(crate) fn swap(self, one: &str, other: &str) -> Self {
        let bytes = self.files[one].clone();
        self.copy(other, one).put(other, bytes)
    }

    pub(crate) fn directive(mut self, line: &str) -> Self {
        self.directives.push(line.to_owned());
        self
    }

    /// More arguments for `qcert validate`.
    pub(crate) fn run(mut self, arguments: &str) -> Self {
        self.run = format!("{} {arguments}", self.run);
        self.strict |= arguments.contains("--strict");
        self
    }

    pub(crate) fn at(mut self, time: &str) -> Self {
        self.run = self.run.replace(AT, &format!("--at {time}"));
        self
    }

    /// One file: the first that the finding names. Several: exactly these.
    pub(crate) fn error(self, rule: &str, files: &str) -> Self {
        self.expect("error", rule, files)
    }

    pub(crate) fn warning(self, rule: &str, files: &str) -> Self {
        self.expect("warning", rule, files)
    }

    pub(crate) fn unjudged(self, rule: &str, files: &str) -> Self {
        self.expect("unjudged", rule, files)
    }

    pub(crate) fn note(self, rule: &str, files: &str) -> Self {
        self.expect("note", rule, files)
    }

    fn expect(mut self, severity: &str, rule: &str, files: &str) -> Self {
        self.expected.push(format!("{severity} {rule} {files}").trim_end().to_owned());
        self
    }

    fn verdict(&self) -> &'static str {
        let some = |severity: &str| self.expected.iter().any(|line| line.starts_with(severity));
        if some("error") || (self.strict && some("warning")) {
            "faulty"
        } else if some("unjudged") {
            "unjudged"
        } else {
            "sound"
        }
    }

    /// All its files, `expect` among them.
    pub(crate) fn finish(mut self) -> (String, Files) {
        let verdict = self.verdict();
        let mut lines = vec![format!("# {}", self.what)];
        lines.append(&mut self.directives);
        lines.extend([format!("run {}", self.run), format!("verdict {verdict}")]);
        lines.append(&mut self.expected);
        self.files.insert("expect".to_owned(), (lines.join("\n") + "\n").into_bytes());
        (self.name, self.files)
    }
}
