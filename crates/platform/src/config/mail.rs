//! Sending mail.

use serde::Deserialize;

/// Sending mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// The mail server: `smtps://` (TLS), `smtp://` (STARTTLS) or `smtp+plain://`, with name and password; empty for none.
    pub url: String,
    /// Who mails are from.
    pub from: String,
    /// Longest the mail server may take for a connection, or for a mail, milliseconds.
    pub timeout_ms: u64,
    /// A file with a certificate (PEM) to trust besides the operating system's; empty for none.
    pub ca_file: String,
    /// How long what became of a mail is kept, days.
    pub keep_days: u32,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            url: String::new(),
            from: "Udaan <no-reply@udaan.example>".into(),
            timeout_ms: 10_000,
            ca_file: String::new(),
            keep_days: 30,
        }
    }
}
