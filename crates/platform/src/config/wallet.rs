//! Boarding passes for the wallets of telephones.

use serde::Deserialize;

/// Boarding passes for the wallets of telephones. Where nothing is set they are signed for trying things out, and no telephone takes them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wallet {
    /// A file with the certificate of the pass type (PEM). It names the pass type and the team.
    pub apple_certificate_file: String,
    /// A file with its RSA key (PEM, without a password).
    pub apple_key_file: String,
    /// A file with the certificate above it (PEM): Apple's "Worldwide Developer Relations".
    pub apple_issuer_file: String,
    /// The number of the account with Google Wallet.
    pub google_issuer_id: String,
    /// A file with the key of a service account of it (JSON).
    pub google_key_file: String,
}
