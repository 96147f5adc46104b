//! Boarding passes for the wallets of telephones, read by others' readers.

use std::process::Command;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::Terminal;
use super::readers::answers;
use crate::support::{Airline, Reply};

const SELF_TEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/boarding/wallet/self-test/certificate.pem");
/// The longest token that Google calls safe in an address (developers.google.com/wallet/tickets/boarding-passes/use-cases/jwt).
const TOKEN_MAX: usize = 1_800;

impl Terminal {
    /// A passenger's pass for `apple` or `google`, asked for by somebody.
    async fn wallet(&self, token: &str, id: &str, passenger: i16, which: &str) -> Reply {
        let path = format!("/bookings/{id}/boarding-passes/1/{passenger}/{which}-wallet");
        self.airline.call("GET", &path, Some(token), None).await
    }
}

/// What a package says, as Python and OpenSSL read it.
fn opened(package: &[u8]) -> Value {
    let file = std::env::temp_dir().join(format!("udaan-{}.pkpass", uuid::Uuid::new_v4()));
    std::fs::write(&file, package).expect("a file");
    let mut python = Command::new("python3");
    python.args([concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/passes/wallet.py"), SELF_TEST]);
    let said = answers(&mut python, &[file.display().to_string()]).pop().expect("an answer");
    std::fs::remove_file(&file).expect("it was there");
    said
}

#[tokio::test]
async fn apples_wallet_gets_a_signed_package_that_says_what_the_pass_says() {
    let hall = Terminal::open().await;
    let id = hall.booked("ai", "k1").await;
    let call = |passenger| hall.wallet(&hall.token, &id, passenger, "apple");
    hall.seconds_before(24 * 3600);
    let early = call(1).await.expect(409);
    assert_eq!(early.code(), "no_boarding_pass");
    hall.check_in(&id, &[1]).await.expect(200);
    hall.staff_put(json!({"delay_minutes": 30, "gate": "B4"})).await;
    let shown = &hall.passes(&id).await[0];
    let reply = call(1).await.expect(200);
    for (name, value) in [
        ("content-type", "application/vnd.apple.pkpass"),
        ("cache-control", "no-store"),
        ("udaan-signed-by", "self_test"),
    ] {
        assert_eq!(reply.headers[name], value, "{name}");
    }
    let said = opened(&reply.bytes);
    assert_eq!(said["files"], json!(["icon.png", "icon@2x.png", "icon@3x.png", "pass.json"]));
    let pass = &said["pass"];
    for (place, value) in [
        ("/formatVersion", json!(1)),
        ("/passTypeIdentifier", json!("pass.example.udaan.self-test")),
        ("/teamIdentifier", json!("SELFTEST00")),
        ("/serialNumber", json!(format!("{id}-1-1"))),
        ("/boardingPass/transitType", json!("PKTransitTypeAir")),
        ("/boardingPass/headerFields/0/value", json!("B4")),
        ("/boardingPass/primaryFields/0/value", json!("ABE")),
        ("/boardingPass/primaryFields/1/value", json!("ATL")),
        ("/boardingPass/secondaryFields/2/value", json!("2026-06-10T09:05:00-04:00")),
        ("/boardingPass/auxiliaryFields/1/value", shown["seat"].clone()),
        ("/barcodes/0/message", shown["bar_code"].clone()),
        ("/barcodes/0/format", json!("PKBarcodeFormatAztec")),
        ("/expirationDate", json!("2026-06-10T11:05:00-04:00")),
        ("/voided", json!(false)),
        ("/semantics/originalDepartureDate", json!("2026-06-10T08:35:00-04:00")),
        ("/semantics/passengerName/familyName", json!("Rao")),
    ] {
        assert_eq!(pass.pointer(place), Some(&value), "{place}: {pass}");
    }
    let back = pass["boardingPass"]["backFields"][0]["value"].as_str().expect("a text");
    assert!(back.contains("No telephone takes"), "a self-test says so on the pass: {back}");
    let infant = opened(&call(2).await.expect(200).bytes);
    assert_eq!(infant["pass"]["boardingPass"]["auxiliaryFields"][1]["value"], "On a lap");
    // Whoever is not checked in any more has none.
    hall.undo(&id, 1).await.expect(200);
    call(1).await.expect(409);
    let thief = hall.airline.account("thief@example.com", server::identity::api::Role::Traveller).await;
    hall.wallet(&thief, &id, 1, "apple").await.expect(404);
}

#[tokio::test]
async fn googles_wallet_gets_a_signed_link_with_times_of_the_airport() {
    let hall = Terminal::open().await;
    let id = hall.booked("a", "k1").await;
    hall.seconds_before(24 * 3600);
    let call = || hall.wallet(&hall.token, &id, 1, "google");
    assert_eq!(call().await.expect(409).code(), "no_boarding_pass");
    hall.check_in(&id, &[1]).await.expect(200);
    hall.staff_put(json!({"delay_minutes": 30, "gate": "B4"})).await;
    let reply = call().await.expect(200);
    assert_eq!(reply.text("/signed_by"), "self_test");
    let link = reply.text("/url");
    let token = link.strip_prefix("https://pay.google.com/gp/v/save/").expect("Google's");
    let claims = read(token);
    let shown = &hall.passes(&id).await[0];
    let flight = "/payload/flightClasses/0";
    let object = "/payload/flightObjects/0";
    for (place, value) in [
        ("/typ".to_owned(), json!("savetowallet")),
        (format!("{flight}/localScheduledDepartureDateTime"), json!("2026-06-10T08:35:00")),
        (format!("{flight}/localEstimatedOrActualDepartureDateTime"), json!("2026-06-10T09:05:00")),
        (format!("{flight}/origin"), json!({"airportIataCode": "ABE", "gate": "B4"})),
        (format!("{flight}/flightHeader/carrier/carrierIataCode"), json!("KR")),
        (format!("{flight}/flightHeader/flightNumber"), json!("1")),
        (format!("{object}/barcode"), json!({"type": "AZTEC", "value": shown["bar_code"]})),
        (format!("{object}/passengerName"), json!("Asha Rao")),
        (format!("{object}/boardingAndSeatingInfo/seatNumber"), shown["seat"].clone()),
        (format!("{object}/reservationInfo/confirmationCode"), shown["locator"].clone()),
    ] {
        assert_eq!(claims.pointer(&place), Some(&value), "{place}: {claims}");
    }
    assert_eq!(claims.pointer(&format!("{object}/classId")), claims.pointer(&format!("{flight}/id")));
    // Another text under the same signature is nobody's.
    let (head, rest) = token.split_once('.').expect("three parts");
    let forged = format!("{head}.e30.{}", rest.rsplit_once('.').expect("three parts").1);
    assert!(jsonwebtoken::decode::<Value>(&forged, &public_key(), &validation()).is_err());
}

/// An account as Google hands them out: its number has 19 digits. With a seat, a gate and a delay, and a name of some length.
#[tokio::test]
async fn a_configured_account_signs_and_its_link_is_short_enough() {
    let file = std::env::temp_dir().join(format!("udaan-{}.json", uuid::Uuid::new_v4()));
    let key = include_str!("../../../src/boarding/wallet/self-test/key.pem");
    let account = "boarding-passes@udaan-production.iam.gserviceaccount.com";
    let text = json!({"type": "service_account", "client_email": account, "private_key": key}).to_string();
    std::fs::write(&file, text).expect("a file");
    let airline = Airline::with(|config| {
        config.wallet.google_issuer_id = "3388000000012345678".into();
        config.wallet.google_key_file = file.display().to_string();
    })
    .await;
    std::fs::remove_file(&file).expect("it was there");
    let hall = Terminal::mapped(airline, 150).await;
    let id = hall.booked("a", "k1").await;
    hall.seconds_before(24 * 3600);
    hall.check_in(&id, &[1]).await.expect(200);
    hall.staff_put(json!({"delay_minutes": 30, "gate": "B14"})).await;
    let reply = hall.wallet(&hall.token, &id, 1, "google").await.expect(200);
    assert_eq!(reply.text("/signed_by"), "airline");
    let link = reply.text("/url");
    let token = link.strip_prefix("https://pay.google.com/gp/v/save/").expect("Google's");
    let claims = read(token);
    assert_eq!(claims["iss"], account);
    let id = claims.pointer("/payload/flightObjects/0/id").and_then(Value::as_str).expect("an id");
    assert!(id.starts_with("3388000000012345678.") && id.ends_with("-1-1"), "{id}");
    assert!(token.len() <= TOKEN_MAX, "{}", token.len());
}

/// What a token says whose signature is good.
fn read(token: &str) -> Value {
    jsonwebtoken::decode::<Value>(token, &public_key(), &validation()).expect("signed").claims
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["google"]);
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    validation
}

/// The public half of the self-test, as OpenSSL reads it from the certificate.
fn public_key() -> DecodingKey {
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-in", SELF_TEST, "-noout", "-modulus"]);
    let said = String::from_utf8(openssl.output().expect("openssl").stdout).expect("text");
    let modulus = said.trim().strip_prefix("Modulus=").expect("a modulus");
    let bytes = data_encoding::HEXUPPER.decode(modulus.as_bytes()).expect("hexadecimal");
    DecodingKey::from_rsa_raw_components(&bytes, &[1, 0, 1])
}

/// Whoever starts a server reads there that no telephone will take its passes.
#[tokio::test]
async fn the_start_says_which_wallets_are_a_self_test() {
    let _airline = Airline::new().await;
    for wallet in ["Apple Wallet", "Google Wallet"] {
        let line = format!(
            "its passes are signed by the self-test: no telephone takes them until [wallet] is set wallet=\"{wallet}\""
        );
        assert!(testkit::canary::has_logged(&line), "{wallet}");
    }
}
