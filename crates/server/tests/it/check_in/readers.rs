//! Others' readers agree with what we draw and write: `ZXing`'s with every picture, the npm package bcbp with every text.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use documents::BarCode;
use iata::bcbp::{BoardingPass, Each, Leg, Once, Seat, Status, VERSION};
use platform::keys::Secret;
use serde_json::{Value, json};
use server::boarding::api::BoardingKeys;

/// How many in `./dev test`.
const SAMPLE: u64 = 25;
/// Pictures that a reader is given at a time.
const BATCH: usize = 500;

/// Numbers that look drawn, and are the same in every run (splitmix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    fn small(&mut self, first: u16, last: u16) -> u16 {
        first + u16::try_from(self.below(u64::from(last - first) + 1)).expect("small")
    }

    fn letters(&mut self, from: &str, count: usize) -> String {
        let from: Vec<char> = from.chars().collect();
        (0..count).map(|_| from[usize::try_from(self.below(from.len() as u64)).expect("small")]).collect()
    }

    fn one(&mut self, of: &[char]) -> char {
        of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
}

const A_TO_Z: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A pass as we write them: one flight, one person, all that may differ drawn.
fn pass(draw: &mut Draw) -> BoardingPass {
    let (surname, given) = (draw.small(1, 10), draw.small(1, 9));
    let name = format!("{}/{}", draw.letters(A_TO_Z, surname.into()), draw.letters(A_TO_Z, given.into()));
    let seat = match draw.below(8) {
        0 => Seat::Infant,
        1 => Seat::None,
        _ => Seat::At(draw.small(1, 99), draw.one(&['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K'])),
    };
    let carrier = draw.letters(A_TO_Z, 2);
    let each = Each {
        airline_number: format!("{:03}", draw.small(1, 999)),
        serial: format!("{:010}", draw.below(10_000_000_000)),
        ..Each::default()
    };
    let leg = Leg {
        locator: draw.letters("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6),
        from: draw.letters(A_TO_Z, 3),
        to: draw.letters(A_TO_Z, 3),
        carrier: carrier.clone(),
        flight: draw.small(1, 9_999),
        suffix: None,
        day: draw.small(1, 365),
        cabin: draw.one(&['F', 'J', 'W', 'Y']),
        seat,
        sequence: Some(draw.small(1, 9_999)),
        status: Status::CheckedIn,
        each,
        own: format!("V{}", draw.small(1, 99)),
    };
    let at = draw.one(&['W', 'A']);
    let once = Once {
        version: VERSION,
        description: Some(draw.one(&['0', '3', '4'])),
        checked_in_at: Some(at),
        issued_at: Some(at),
        issued_on: Some((u8::try_from(draw.below(10)).expect("a digit"), draw.small(1, 365))),
        document: Some('B'),
        issuer: carrier,
        bags: Vec::new(),
    };
    BoardingPass { name, electronic: true, legs: vec![leg], once: Some(once), security: None }
}

/// What the package bcbp must find in a pass, as far as it says the same of every year.
fn fields(pass: &BoardingPass) -> Value {
    let leg = &pass.legs[0];
    let seat = match leg.seat {
        Seat::At(row, letter) => json!(format!("{row:03}{letter}")),
        Seat::Infant => json!("INF"),
        Seat::None => Value::Null,
    };
    let once = pass.once.as_ref().expect("it says more");
    json!({"name": pass.name, "locator": leg.locator, "from": leg.from, "to": leg.to, "carrier": leg.carrier,
        "flight": format!("{:04}", leg.flight), "cabin": leg.cabin, "seat": seat,
        "sequence": format!("{:04}", leg.sequence.expect("a number")), "status": "1", "airline": leg.each.airline_number,
        "serial": leg.each.serial, "own": leg.own, "kind": once.description, "at": once.checked_in_at,
        "issuer": once.issuer, "security": pass.security.as_ref().map(|security| &security.data)})
}

/// The same of what the package found.
fn found(data: &Value) -> Value {
    let leg = &data["legs"][0];
    json!({"name": data["passengerName"], "locator": leg["operatingCarrierPNR"], "from": leg["departureAirport"],
        "to": leg["arrivalAirport"], "carrier": leg["operatingCarrierDesignator"], "flight": leg["flightNumber"],
        "cabin": leg["compartmentCode"], "seat": leg["seatNumber"], "sequence": leg["checkInSequenceNumber"],
        "status": leg["passengerStatus"], "airline": leg["airlineNumericCode"], "serial": leg["serialNumber"],
        "own": leg["airlineInfo"], "kind": data["passengerDescription"], "at": data["checkInSource"],
        "issuer": data["boardingPassIssuerDesignator"], "security": data["securityData"]})
}

#[expect(clippy::disallowed_methods, reason = "where the readers are unpacked is the test run's to say")]
pub(crate) fn place(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set; run ./dev test, or eval \"$(./dev db env)\" first")
    })
}

/// The lines that a program answers to these.
pub(crate) fn answers(command: &mut Command, lines: &[String]) -> Vec<Value> {
    let mut process =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a program that reads");
    let mut input = process.stdin.take().expect("its input");
    let text = lines.join("\n") + "\n";
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = process.wait_with_output().expect("it ended");
    writing.join().expect("a thread").expect("it read everything");
    assert!(output.status.success(), "{command:?} failed");
    let said = String::from_utf8(output.stdout).expect("text");
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn tool(name: &str) -> String {
    format!("{}/../../tools/passes/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Draws passes `first` and on, and lets both readers say what they are.
fn check(first: u64, count: usize, folder: &Path) {
    let keys = BoardingKeys::new(&BTreeMap::from([(1, Secret::new([7; 32]))])).expect("a key");
    let (mut passes, mut texts, mut files) = (Vec::new(), Vec::new(), Vec::new());
    for number in first..first + count as u64 {
        let text = keys.sign(pass(&mut Draw(number))).expect("a pass");
        passes.push(keys.verify(&text).expect("ours").pass);
        for (symbology, make, scale) in
            [("Aztec", BarCode::aztec as fn(&str) -> _, 3), ("PDF417", BarCode::pdf417, 2)]
        {
            let code: BarCode = make(&text).expect("a bar code");
            let file = folder.join(format!("{number}-{symbology}.png"));
            std::fs::write(&file, code.png(scale).expect("a picture")).expect("a file");
            files.push((file.display().to_string(), symbology));
        }
        texts.push(text);
    }
    let mut python = Command::new("python3");
    python.arg(tool("read.py")).env("PYTHONPATH", place("UDAAN_TEST_ZXING"));
    let names: Vec<String> = files.iter().map(|(file, _)| file.clone()).collect();
    let read = answers(&mut python, &names);
    assert_eq!(read.len(), files.len(), "an answer for each picture");
    for (index, (answer, (file, symbology))) in read.iter().zip(&files).enumerate() {
        assert_eq!(*answer, json!({"symbology": symbology, "text": texts[index / 2]}), "{file}");
    }
    let mut node = Command::new("node");
    node.args([tool("parse.mjs"), place("UDAAN_TEST_BCBP")]);
    let parsed = answers(&mut node, &texts);
    assert_eq!(parsed.len(), texts.len(), "an answer for each text");
    for ((data, pass), text) in parsed.iter().zip(&passes).zip(&texts) {
        assert_eq!(found(data), fields(pass), "{text}");
    }
    for (file, _) in &files {
        std::fs::remove_file(file).expect("it was there");
    }
}

fn check_many(count: u64) {
    let folder = std::env::temp_dir().join(format!("udaan-passes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut first = 0;
    while first < count {
        let batch = usize::try_from(count - first).expect("a number").min(BATCH);
        check(first, batch, &folder);
        first += batch as u64;
    }
    std::fs::remove_dir(&folder).expect("nothing is left in it");
}

#[test]
fn others_read_what_we_draw() {
    check_many(SAMPLE);
}

/// `./dev chaos passes`.
#[test]
#[ignore = "takes minutes; ./dev chaos passes runs it"]
#[expect(clippy::disallowed_methods, reason = "how many is the caller's to say")]
fn chaos_passes() {
    let many = std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok());
    let many = many.unwrap_or(10_000);
    check_many(many);
    println!("{many} passes: ZXing and bcbp agree on each");
}
