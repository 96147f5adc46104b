//! docs/events.md is the contract: each type is in it with its version and an example that can be read, and the samples that
//! check a signature run.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;
use server::events::api::CATALOGUE;

fn text() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/events.md")).expect("docs/events.md")
}

/// The first block of a language after a place.
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let fence = format!("```{language}\n");
    let from = text.find(&fence).expect("a block") + fence.len();
    &text[from..from + text[from..].find("\n```").expect("its end")]
}

#[test]
fn every_type_is_documented_with_its_version_and_an_example_that_reads() {
    let text = text();
    for kind in CATALOGUE {
        let heading = format!("\n### `{}` (version {})\n", kind.name, kind.version);
        let at = text.find(&heading).unwrap_or_else(|| panic!("docs/events.md has no section{heading}"));
        let example: Value = serde_json::from_str(block(&text[at..], "json")).expect("JSON");
        assert_eq!((&example["type"], &example["version"]), (&kind.name.into(), &kind.version.into()));
        let members: BTreeSet<&str> =
            example.as_object().expect("an object").keys().map(String::as_str).collect();
        let envelope = ["id", "type", "version", "subject", "sequence", "created_at", "data"];
        assert_eq!(members, envelope.into(), "{}", kind.name);
        let read = (kind.read)(example["data"].clone());
        let read = read.unwrap_or_else(|error| panic!("the example of {}: {error}", kind.name));
        assert_eq!(read, example["data"], "the example of {} shows every member and no other", kind.name);
        assert!(text.contains(&format!("| [`{}`]", kind.name)), "{} is missing in the table", kind.name);
    }
    let sections = text.matches("\n### `").count();
    assert_eq!(sections, CATALOGUE.len(), "a section for a type there is not");
}

#[test]
fn every_payload_is_in_the_catalogue_and_in_the_api_document() {
    let sources = [
        include_str!("../../../src/events/payloads.rs"),
        include_str!("../../../src/events/payloads/check_in.rs"),
        include_str!("../../../src/events/payloads/money.rs"),
    ];
    let payloads: usize = sources.iter().map(|source| source.matches("\npayload!(").count()).sum();
    assert_eq!(payloads, CATALOGUE.len());
    let names: BTreeSet<&str> = CATALOGUE.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), CATALOGUE.len());
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    for kind in CATALOGUE {
        let schema = &document["components"]["schemas"][(kind.schema_name)()];
        assert!(schema["properties"].is_object(), "{}: {schema}", kind.name);
    }
}

/// Names of people, addresses and documents have no place in a payload; a member that sounds like one needs a second look.
#[test]
fn no_payload_has_personal_data() {
    for kind in CATALOGUE {
        let schema = serde_json::to_value((kind.schema)()).expect("JSON");
        for member in schema["properties"].as_object().expect("properties").keys() {
            for word in
                ["name", "email", "phone", "born", "document", "contact", "address", "user", "locator"]
            {
                assert!(!member.contains(word), "{}: {member}", kind.name);
            }
        }
    }
}

const BODY: &str = r#"{"id":"evt_1","type":"webhook.ping"}"#;

/// Runs a sample on a signature of our own making; it prints whether it holds.
fn run(program: &str, arguments: &[&str], sample: &str, ask: &str) {
    let secret = "whsec_000102030405060708090a0b0c0d0e0f1011121314151617";
    let now = 1_780_315_200_i64;
    let mac = |secret: &str, text: &str| {
        use hmac::Mac;
        let mut mac =
            <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (good, other) = (mac(secret, &format!("{now}.{BODY}")), mac("whsec_other", &format!("{now}.{BODY}")));
    let both = format!("t={now},v1={other},v1={good}");
    for (header, body, at, holds) in [
        (format!("t={now},v1={good}"), BODY, now, true),
        (both.clone(), BODY, now + 299, true),
        (both.clone(), BODY, now + 301, false),
        (both, "{}", now, false),
        (format!("t={now},v1={other}"), BODY, now, false),
        (format!("t={},v1={good}", now + 1), BODY, now, false),
        ("nonsense".to_owned(), BODY, now, false),
        (String::new(), BODY, now, false),
    ] {
        let script = format!("{sample}\n{ask}");
        let mut command = Command::new(program);
        command.args(arguments).arg(script);
        command.env("SECRET", secret).env("HEADER", &header).env("BODY", body).env("NOW", at.to_string());
        let output = command.output().expect("it runs");
        let printed = String::from_utf8_lossy(&output.stdout).trim().to_lowercase();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(printed, holds.to_string(), "{program}: {header} {body} at {at}\n{errors}");
    }
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Whoever has no Python or Node.js on their machine learns of a broken sample from one who has.
#[test]
fn the_samples_that_check_a_signature_run() {
    let text = text();
    if is_installed("python3") {
        let ask = "import os\nprint(verify(os.environ['BODY'].encode(), os.environ['HEADER'], [os.environ['SECRET']], \
                   int(os.environ['NOW'])))";
        run("python3", &["-c"], block(&text, "python"), ask);
    }
    if is_installed("node") {
        let ask = "const e = process.env;\nconsole.log(verify(Buffer.from(e.BODY), e.HEADER, [e.SECRET], Number(e.NOW)));";
        run("node", &["--input-type=module", "-e"], block(&text, "js"), ask);
    }
}
