//! An RSA key that signs: by ring, whose time tells nothing of the key (RUSTSEC-2023-0071 is about another library, which verifies alone).

use anyhow::{Context, anyhow, bail};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// A private key, 2048 to 4096 bits.
pub(super) struct SigningKey(RsaKeyPair);

impl SigningKey {
    /// Of PEM, without a password: PKCS #8 or PKCS #1.
    pub(super) fn from_pem(pem: &[u8]) -> anyhow::Result<Self> {
        let key = PrivateKeyDer::from_pem_slice(pem).context("no private key in PEM without a password")?;
        let pair = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => bail!("the private key is not one of RSA"),
        };
        pair.map(Self).map_err(|error| anyhow!("the private key cannot be used: {error}"))
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017).
    pub(super) fn sign(&self, message: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map_err(|_| anyhow!("RSA did not sign"))?;
        Ok(signature)
    }

    /// The public half, DER (`RSAPublicKey`).
    pub(super) fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}
