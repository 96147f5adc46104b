//! Web push.

use serde::Deserialize;

/// Web push.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Push {
    /// Hosts of the push services that are called, `*.` for all below one; empty for no pushes.
    pub services: Vec<String>,
    /// Whom a service writes to when something is wrong, as `mailto:` or `https:`; empty for the site's address.
    pub contact: String,
    /// Browsers an account may have.
    pub browsers: i16,
    /// Longest a service may take for its answer, milliseconds.
    pub answer_ms: u64,
    /// Whether plain HTTP and addresses of internal networks are allowed; for tests.
    pub allow_private: bool,
    /// A file of certificates (PEM) to trust besides the operating system's; empty for none.
    pub ca_file: String,
}

impl Default for Push {
    fn default() -> Self {
        // Chrome, Edge and others on Chromium; Firefox; Safari; Edge on Windows.
        let services = [
            "fcm.googleapis.com",
            "jmt17.google.com",
            "*.push.services.mozilla.com",
            "*.push.apple.com",
            "*.notify.windows.com",
        ];
        Self {
            services: services.map(str::to_owned).into(),
            contact: String::new(),
            browsers: 20,
            answer_ms: 5_000,
            allow_private: false,
            ca_file: String::new(),
        }
    }
}
