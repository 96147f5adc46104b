//! Accounts: passwords, tokens, sessions, and who else may say who somebody is.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Required;

/// Accounts.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Life of an access token, minutes.
    pub token_minutes: i64,
    /// Argon2id memory, KiB (OWASP: at least 19 MiB with two passes).
    pub hash_memory_kib: u32,
    /// Argon2id passes.
    pub hash_passes: u32,
    /// Password hashes at one time; more wait, and beyond `hash_queue` are refused.
    pub hash_parallel: usize,
    /// How many may wait for a hash.
    pub hash_queue: usize,
    /// Whom access tokens are for (RFC 9068); they are issued by `http.public_url`.
    pub audience: String,
    /// How long a traveller's session may be left alone, minutes.
    pub idle_minutes: i32,
    /// How long a traveller's session lasts at most, hours.
    pub session_hours: i64,
    /// How long staff's may be left alone, minutes.
    pub staff_idle_minutes: i32,
    /// How long staff's lasts at most, hours.
    pub staff_session_hours: i64,
    /// When staff need a second factor for what only staff may do.
    pub staff_second_factor: Required,
    /// Whether somebody may sign in with a password before the address is confirmed. In a demo alone: whoever registers an address and
    /// gets in at once knows by it that it had no account.
    pub login_unconfirmed: bool,
    /// How long ago whoever does something sensitive may have proved who they are, minutes.
    pub step_up_minutes: i64,
    /// Who else may say who somebody is: providers of `OpenID` Connect.
    pub providers: Vec<Provider>,
    /// What we prove ourselves to them with, by their ids; so that the environment can set them one by one.
    pub provider_secrets: BTreeMap<String, String>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            token_minutes: 15,
            hash_memory_kib: 19 * 1024,
            hash_passes: 2,
            hash_parallel: 2,
            hash_queue: 50,
            audience: "udaan-api".into(),
            idle_minutes: 60 * 24 * 14,
            session_hours: 24 * 60,
            staff_idle_minutes: 30,
            staff_session_hours: 12,
            staff_second_factor: Required::InProduction,
            login_unconfirmed: false,
            step_up_minutes: 15,
            providers: Vec::new(),
            provider_secrets: BTreeMap::new(),
        }
    }
}

/// A provider of `OpenID` Connect. What it says is checked at start (`server::identity`, `oidc`).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// Its name in addresses, settings and metrics: small letters, digits, single underscores.
    pub id: String,
    /// What people read on its button.
    pub label: String,
    /// Its issuer, to the character: what its discovery document and its tokens must say.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// A file with the secret it gave us, instead of `provider_secrets`.
    pub client_secret_file: String,
    /// What we ask for; `openid` and `email` must be among it.
    pub scopes: Vec<String>,
    /// A file of certificates (PEM) to trust besides the operating system's; empty for none.
    pub ca_file: String,
    /// Whether it may be at an address of an internal network.
    pub allow_private: bool,
    /// Longest wait for one answer, milliseconds; a sign-in needs up to four.
    pub timeout_ms: u64,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            id: String::new(),
            label: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            client_secret_file: String::new(),
            scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
            ca_file: String::new(),
            allow_private: false,
            timeout_ms: 2_000,
        }
    }
}
