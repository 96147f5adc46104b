//! A signature beside what it signs: CMS (RFC 5652), as Apple asks for it of a pass's manifest: detached, with the signer's certificate, that
//! of its issuer, and the time of signing (developer.apple.com/documentation/walletpasses/building-a-pass).

use std::time::Duration;

use ::cms::cert::x509::Certificate;
use ::cms::cert::x509::attr::Attribute;
use ::cms::cert::x509::der::asn1::{
    Any, GeneralizedTime, Null, ObjectIdentifier, OctetString, SetOfVec, UtcTime,
};
use ::cms::cert::x509::der::{Decode, Encode};
use ::cms::cert::x509::spki::AlgorithmIdentifierOwned;
use ::cms::cert::x509::time::Time;
use ::cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use ::cms::content_info::{CmsVersion, ContentInfo};
use ::cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use anyhow::Context;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::key::SigningKey;

// RFC 5652 sections 4, 5.1 and 11; RFC 5754; RFC 8017.
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Whoever signs: a key, its certificate, and the one above it.
pub(super) struct Signer {
    key: SigningKey,
    own: Certificate,
    above: Option<Certificate>,
}

/// The first certificate of a PEM text.
pub(super) fn certificate(pem: &[u8]) -> anyhow::Result<Certificate> {
    let der = CertificateDer::from_pem_slice(pem).context("no certificate in PEM")?;
    Certificate::from_der(&der).context("a certificate that cannot be read")
}

impl Signer {
    /// Refused is a certificate of another key, and one above it that did not issue it: Apple has several of the same purpose.
    pub(super) fn new(key: SigningKey, own: Certificate, above: Option<Certificate>) -> anyhow::Result<Self> {
        let certified = own.tbs_certificate.subject_public_key_info.subject_public_key.as_bytes();
        anyhow::ensure!(certified == Some(key.public()), "the certificate is of another key");
        let issuer = &own.tbs_certificate.issuer;
        anyhow::ensure!(
            above.as_ref().is_none_or(|above| above.tbs_certificate.subject == *issuer),
            "the certificate was issued by {issuer}, and not by the one in apple_issuer_file"
        );
        Ok(Self { key, own, above })
    }

    /// The names on its certificates that are not valid at an instant, each with the time from or to which it is.
    pub(super) fn out_of_date(&self, at: Timestamp) -> Vec<String> {
        let at = Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0));
        let all = [Some(&self.own), self.above.as_ref()].into_iter().flatten();
        let named = all.map(|one| (&one.tbs_certificate.subject, one.tbs_certificate.validity));
        let odd = named.filter(|(_, validity)| {
            at < validity.not_before.to_unix_duration() || validity.not_after.to_unix_duration() < at
        });
        odd.map(|(name, validity)| format!("{name}: {} to {}", validity.not_before, validity.not_after))
            .collect()
    }

    /// The value of an attribute of the signer's name.
    pub(super) fn named(&self, attribute: ObjectIdentifier) -> Option<String> {
        let mut names = self.own.tbs_certificate.subject.0.iter().flat_map(|names| names.0.iter());
        let value = &names.find(|name| name.oid == attribute)?.value;
        String::from_utf8(value.value().to_vec()).ok()
    }

    /// The signature over some content, DER (`ContentInfo`).
    pub(super) fn sign(&self, content: &[u8], at: Timestamp) -> anyhow::Result<Vec<u8>> {
        let digest = OctetString::new(Sha256::digest(content).to_vec())?;
        let signed_attributes = SetOfVec::try_from(vec![
            attribute(CONTENT_TYPE, Any::encode_from(&DATA)?)?,
            attribute(SIGNING_TIME, Any::encode_from(&time(at)?)?)?,
            attribute(MESSAGE_DIGEST, Any::encode_from(&digest)?)?,
        ])?;
        let signature = self.key.sign(&signed_attributes.to_der()?)?;
        let sha_256 = || AlgorithmIdentifierOwned { oid: SHA_256, parameters: None };
        let named = &self.own.tbs_certificate;
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: named.issuer.clone(),
                serial_number: named.serial_number.clone(),
            }),
            digest_alg: sha_256(),
            signed_attrs: Some(signed_attributes),
            signature_algorithm: AlgorithmIdentifierOwned {
                oid: RSA,
                parameters: Some(Any::encode_from(&Null)?),
            },
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        let shown = [Some(&self.own), self.above.as_ref()].into_iter().flatten().cloned();
        let shown: Vec<CertificateChoices> = shown.map(CertificateChoices::Certificate).collect();
        let signed = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![sha_256()])?,
            encap_content_info: EncapsulatedContentInfo { econtent_type: DATA, econtent: None },
            certificates: Some(CertificateSet(SetOfVec::try_from(shown)?)),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
        };
        Ok(ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(&signed)? }.to_der()?)
    }
}

fn attribute(oid: ObjectIdentifier, value: Any) -> anyhow::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

/// A time as RFC 5652 section 11.3 wants it: with two digits of the year until 2049.
fn time(at: Timestamp) -> anyhow::Result<Time> {
    let since = Duration::from_secs(u64::try_from(at.as_second())?);
    Ok(match UtcTime::from_unix_duration(since) {
        Ok(short) => Time::UtcTime(short),
        Err(_) => Time::GeneralTime(GeneralizedTime::from_unix_duration(since)?),
    })
}
