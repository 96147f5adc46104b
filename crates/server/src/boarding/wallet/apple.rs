//! A boarding pass for Apple Wallet: `pass.json`, its pictures, and the signed list of both, in a zip file
//! (developer.apple.com/documentation/walletpasses).

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use ::cms::cert::x509::der::asn1::ObjectIdentifier;
use anyhow::Context;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use platform::config::Wallet;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::cms::{Signer, certificate};
use super::key::SigningKey;
use super::{SELF_TEST_CERTIFICATE, SELF_TEST_KEY, read};
use crate::boarding::list::PassView;
use crate::boarding::paper::Words;

/// The media type of a pass.
pub(super) const MEDIA_TYPE: &str = "application/vnd.apple.pkpass";
/// What Apple puts the identifier of a pass type in (RFC 4519 section 2.39), and that of its team (section 2.20).
const USER_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1");
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");

/// Without `icon.png` no telephone takes a pass.
const PICTURES: [(&str, &[u8]); 3] = [
    ("icon.png", include_bytes!("icon.png")),
    ("icon@2x.png", include_bytes!("icon@2x.png")),
    ("icon@3x.png", include_bytes!("icon@3x.png")),
];

/// Signs packages.
pub(super) struct AppleWallet {
    signer: Signer,
    pass_type: String,
    team: String,
    /// Signed by a certificate that no telephone trusts.
    pub(super) self_test: bool,
}

impl AppleWallet {
    /// With the configured certificate; where none is, with one for trying things out.
    pub(super) fn new(settings: &Wallet) -> anyhow::Result<Self> {
        let files = [&settings.apple_certificate_file, &settings.apple_key_file, &settings.apple_issuer_file];
        if files.iter().all(|file| file.is_empty()) {
            let key = SigningKey::from_pem(SELF_TEST_KEY)?;
            return Self::of(Signer::new(key, certificate(SELF_TEST_CERTIFICATE)?, None)?, true);
        }
        anyhow::ensure!(
            files.iter().all(|file| !file.is_empty()),
            "apple_certificate_file, apple_key_file and apple_issuer_file belong together"
        );
        let [own, key, above] = files;
        let own = read(own).and_then(|pem| certificate(&pem)).context("apple_certificate_file")?;
        let key = read(key).and_then(|pem| SigningKey::from_pem(&pem)).context("apple_key_file")?;
        let above = read(above).and_then(|pem| certificate(&pem)).context("apple_issuer_file")?;
        Self::of(Signer::new(key, own, Some(above)).context("apple_certificate_file")?, false)
    }

    /// Those of its certificates that no telephone takes at an instant.
    pub(super) fn out_of_date(&self, at: Timestamp) -> Vec<String> {
        self.signer.out_of_date(at)
    }

    fn of(signer: Signer, self_test: bool) -> anyhow::Result<Self> {
        let pass_type = signer.named(USER_ID).context("the certificate names no pass type (UID)")?;
        let team = signer.named(UNIT).context("the certificate names no team (OU)")?;
        Ok(Self { signer, pass_type, team, self_test })
    }

    /// The package of a pass.
    pub(super) fn package(
        &self,
        pass: &PassView,
        words: &Words<'_>,
        now: Timestamp,
    ) -> anyhow::Result<Vec<u8>> {
        let json = serde_json::to_vec(&self.json(pass, words))?;
        let files: Vec<(&str, &[u8])> =
            [("pass.json", json.as_slice())].into_iter().chain(PICTURES).collect();
        let digest = |(name, bytes): &(&'static str, &[u8])| (*name, HEXLOWER.encode(&Sha1::digest(bytes)));
        let manifest: BTreeMap<&str, String> = files.iter().map(digest).collect();
        let manifest = serde_json::to_vec(&manifest)?;
        let signature = self.signer.sign(&manifest, now)?;
        let signed = [("manifest.json", manifest.as_slice()), ("signature", signature.as_slice())];
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files.into_iter().chain(signed) {
            zip.start_file(name, options)?;
            zip.write_all(bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    }

    /// What the telephone shows. One pass for each passenger on each flight: a later version takes the place of the one before.
    fn json(&self, pass: &PassView, words: &Words<'_>) -> Value {
        let mut back = vec![
            field("reference", &words.of("paper-reference", &[]), &pass.locator),
            field("ticket", &words.of("paper-ticket", &[]), &pass.ticket),
            field("version", &words.of("pass-version", &[]), &pass.version.to_string()),
            field("note", &words.of("pass-wallet-note", &[]), &words.of("pass-note", &[])),
        ];
        if self.self_test {
            let warning = words.of("pass-wallet-self-test", &[]);
            back.insert(0, field("self-test", &words.of("pass-wallet-self-test-label", &[]), &warning));
        }
        json!({
            "formatVersion": 1,
            "passTypeIdentifier": self.pass_type,
            "teamIdentifier": self.team,
            "serialNumber": serial(pass),
            "organizationName": words.app.config.booking.airline_name,
            "description": words.under(pass),
            "logoText": words.app.config.booking.airline_name,
            "foregroundColor": "rgb(255, 255, 255)",
            "labelColor": "rgb(255, 176, 46)",
            "backgroundColor": "rgb(8, 54, 60)",
            "relevantDate": pass.boarding_at,
            "expirationDate": words.at_origin(pass, pass.ends_at),
            "voided": pass.status == "cancelled",
            "barcodes": [{"format": "PKBarcodeFormatAztec", "message": pass.bar_code, "messageEncoding": "iso-8859-1",
                "altText": format!("{} {:03}", pass.locator, pass.sequence)}],
            "boardingPass": {
                "transitType": "PKTransitTypeAir",
                "headerFields": [field("gate", &words.of("pass-gate", &[]), &words.gate(pass))],
                "primaryFields": [field("origin", &words.city(pass.origin), pass.origin.as_str()),
                    field("destination", &words.city(pass.destination), pass.destination.as_str())],
                "secondaryFields": [field("passenger", &words.of("paper-passenger", &[]), &pass.name()),
                    time("boarding", &words.of("pass-boarding", &[]), &pass.boarding_at),
                    time("departs", &words.of("paper-departs", &[]), &pass.departs_at)],
                "auxiliaryFields": [field("flight", &words.of("paper-flight", &[]), &pass.flight_number.to_string()),
                    field("seat", &words.of("pass-seat", &[]), &words.seat(pass)),
                    field("sequence", &words.of("pass-sequence", &[]), &format!("{:03}", pass.sequence)),
                    field("cabin", &words.of("paper-cabin", &[]), &words.cabin(pass))],
                "backFields": back,
            },
            "semantics": semantics(pass),
        })
    }
}

/// The number of a pass in its type: of a passenger on a flight of a booking.
fn serial(pass: &PassView) -> String {
    format!("{}-{}-{}", pass.booking_id, pass.segment, pass.passenger)
}

fn field(key: &str, label: &str, value: &str) -> Value {
    json!({"key": key, "label": label, "value": value})
}

/// A time of day, at the airport whatever zone the telephone is in.
fn time(key: &str, label: &str, at: &str) -> Value {
    json!({"key": key, "label": label, "value": at, "dateStyle": "PKDateStyleNone", "timeStyle": "PKDateStyleShort",
        "ignoresTimeZone": true})
}

/// The same for programs, of which newer telephones make more than a picture.
fn semantics(pass: &PassView) -> Value {
    let mut all = json!({
        "airlineCode": pass.flight_number.airline,
        "flightNumber": pass.flight_number.number,
        "flightCode": pass.flight_number.to_string(),
        "departureAirportCode": pass.origin,
        "destinationAirportCode": pass.destination,
        "originalDepartureDate": pass.scheduled.0,
        "currentDepartureDate": pass.departs_at,
        "originalArrivalDate": pass.scheduled.1,
        "currentBoardingDate": pass.boarding_at,
        "passengerName": {"givenName": pass.given_name, "familyName": pass.family_name},
        "confirmationNumber": pass.locator,
        "boardingSequenceNumber": format!("{:03}", pass.sequence),
    });
    if let Some(gate) = &pass.gate {
        all["departureGate"] = json!(gate);
    }
    if let Some(seat) = &pass.seat {
        all["seats"] = json!([{"seatNumber": seat}]);
    }
    all
}
