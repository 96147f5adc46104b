//! Which settings are taken. What others make of passes and links: `it/check_in/wallets`.

use ::cms::cert::x509::der::asn1::BitString;
use ::cms::cert::x509::name::Name;

use super::cms::{Signer, certificate};
use super::key::SigningKey;
use super::*;

fn refused(change: impl Fn(&mut Wallet)) -> String {
    let mut settings = Wallet::default();
    change(&mut settings);
    let error = Wallets::new(&settings).err().expect("it cannot be used");
    format!("{error:#}")
}

/// Where a file of this folder is.
fn file(name: &str) -> String {
    format!("{}/src/boarding/wallet/self-test/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn nothing_configured_is_a_self_test_and_half_of_it_an_error() {
    let wallets = Wallets::new(&Wallet::default()).expect("a self-test");
    assert!(wallets.apple.self_test && wallets.google.self_test);
    let half = refused(|settings| settings.apple_key_file = file("key.pem"));
    assert!(half.contains("belong together"), "{half}");
    let half = refused(|settings| settings.google_issuer_id = "3388000000012345678".into());
    assert!(half.contains("belong together"), "{half}");
}

#[test]
fn a_configured_certificate_signs_and_one_of_another_key_is_refused() {
    let all = |settings: &mut Wallet, key: String| {
        settings.apple_certificate_file = file("certificate.pem");
        settings.apple_issuer_file = file("certificate.pem");
        settings.apple_key_file = key;
    };
    let mut settings = Wallet::default();
    all(&mut settings, file("key.pem"));
    assert!(!Wallets::new(&settings).expect("it can be used").apple.self_test);
    let mut other = certificate(SELF_TEST_CERTIFICATE).expect("a certificate");
    let key = || SigningKey::from_pem(SELF_TEST_KEY).expect("a key");
    let mut public = key().public().to_vec();
    public[100] ^= 1;
    let public = BitString::from_bytes(&public).expect("bits");
    other.tbs_certificate.subject_public_key_info.subject_public_key = public;
    let error = Signer::new(key(), other, None).err().expect("refused");
    assert_eq!(error.to_string(), "the certificate is of another key");
    let mut above = certificate(SELF_TEST_CERTIFICATE).expect("a certificate");
    above.tbs_certificate.subject = Name::default();
    let own = || certificate(SELF_TEST_CERTIFICATE).expect("a certificate");
    let error = Signer::new(key(), own(), Some(above)).err().expect("refused").to_string();
    assert!(error.contains("OU=SELFTEST00") && error.contains("apple_issuer_file"), "{error}");
    let none = refused(|settings| all(settings, file("certificate.pem")));
    assert!(none.contains("apple_key_file"), "{none}");
    let missing = refused(|settings| all(settings, "/nowhere".into()));
    assert!(missing.contains("/nowhere"), "{missing}");
}

#[test]
fn a_certificate_that_is_not_valid_yet_or_any_more_is_said() {
    let wallets = Wallets::new(&Wallet::default()).expect("a self-test");
    let odd = |at: &str| wallets.out_of_date(at.parse().expect("an instant"));
    for good in ["2020-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2120-01-01T00:00:00Z"] {
        assert_eq!(odd(good), Vec::<String>::new(), "{good}");
    }
    for bad in ["2019-12-31T23:59:59Z", "2120-01-01T00:00:01Z"] {
        let said = odd(bad);
        assert!(said.len() == 1 && said[0].contains("pass.example.udaan.self-test"), "{said:?}");
    }
}
