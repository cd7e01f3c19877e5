//! `--connect`: what a port shows becomes one file more; what the connection was like, and how a bundle compares.

use super::super::output::Output;
use super::super::reach::compare::{Comparison, compare};
use super::super::reach::connect::Connect;
use super::super::reach::connection::{ClientCertificate, ConnectionFacts};
use super::super::reading::read_paths;
use super::page::{Page, Tone};
use crate::pki::inventory::FileContent;
use crate::pki::secret::Password;
use serde::Serialize;
use time::OffsetDateTime;

#[derive(Debug, Serialize)]
pub(super) struct Called {
    #[serde(skip)]
    pub(super) place: String,
    pub(super) connection: ConnectionFacts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compared: Option<Comparison>,
}

pub(super) fn call(
    connect: &Connect,
    passwords: &[Password],
    at: OffsetDateTime,
    output: &Output,
) -> anyhow::Result<Option<(Called, FileContent)>> {
    let Some(served) = connect.serve(output)? else { return Ok(None) };
    let compared = match &connect.bundle {
        Some(bundle) => {
            let files = read_paths(std::slice::from_ref(bundle), false, passwords);
            Some(compare(&served.content, &bundle.display().to_string(), &files, at))
        }
        None => None,
    };
    let connection = ConnectionFacts::new(&served, connect.patience);
    Ok(Some((Called { place: served.target.place(), connection, compared }, served.content)))
}

impl Called {
    /// What must not go unsaid where only certificates are printed.
    pub(super) fn warn(&self, output: &Output) {
        if let Some(why) = &self.connection.key_doubt {
            output.warn(&format!("`{}` did not prove that it has the certificate's key: {why}", self.place));
        }
    }

    pub(super) fn write(&self, page: &mut Page) {
        page.heading("connection");
        for (label, value) in self.connection.rows() {
            let tone = match label {
                "key" if !self.connection.key_proved => Tone::Bad,
                "trouble" => Tone::Bad,
                "client" if self.connection.client_certificate == ClientCertificate::Unknown => Tone::Soon,
                _ => Tone::Plain,
            };
            page.row_in(label, tone, &value);
        }
        if let Some(compared) = &self.compared {
            page.blank();
            page.lines(&compared.text());
        }
    }
}
