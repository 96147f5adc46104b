//! TLS towards others: rustls with ring, trusting what the operating system trusts and what a setting adds.

use std::io::BufReader;
use std::sync::Arc;

use anyhow::Context;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// A client's configuration; `ca_file` is the value of the setting `setting`, empty for none.
///
/// # Errors
/// The file cannot be read, or has no certificate in it.
pub fn client(setting: &str, ca_file: &str) -> anyhow::Result<ClientConfig> {
    // For reqwest's clients that are built without a configuration; a process that chose before keeps its choice.
    let _chosen_before = ring::default_provider().install_default();
    let mut roots = RootCertStore::empty();
    // What cannot be loaded is left out; a machine without any trusts nobody, and each connection says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if !ca_file.is_empty() {
        let named = || format!("{setting} {ca_file}");
        let file = std::fs::File::open(ca_file).with_context(named)?;
        let before = roots.len();
        for certificate in CertificateDer::pem_reader_iter(BufReader::new(file)) {
            roots.add(certificate.with_context(named)?).with_context(named)?;
        }
        anyhow::ensure!(roots.len() > before, "{} has no certificate", named());
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
