//! Questions nobody means well with: whatever the bytes, the answer is a list or a problem that says what is wrong, and
//! never a defect. The cases are drawn from a seed, so that a failure can be had again: it names the request.

use axum::body::Body;
use axum::http::{Request, Uri};
use serde_json::{Value, json};
use server::search::api::{FuzzedAirline, read_cursor, read_offer};

use crate::support::{Airline, Reply, send};

const CASES: usize = 3_000;

/// `SplitMix64`: chance that is the same every time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below")
    }

    fn one_of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// True once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

const KEYS: &[&str] = &[
    "origin",
    "destination",
    "date",
    "from",
    "days",
    "nearby_km",
    "adults",
    "children",
    "infants",
    "cabin",
    "mixed_cabin",
    "max_stops",
    "sort",
    "max_price",
    "max_duration",
    "departs_after",
    "departs_before",
    "arrives_after",
    "arrives_before",
    "airlines",
    "exclude_airlines",
    "via",
    "exclude_via",
    "min_connection",
    "max_connection",
    "facets",
    "limit",
    "cursor",
    "q",
    "refundable",
    "bag",
    "slices",
    "",
    "origin[]",
    "\u{0}",
];

/// Values that mean something, to get past the first checks.
const SENSIBLE: &[(&str, &[&str])] = &[
    ("origin", &["ABE", "ATL", "LAX", "abe", "PHX"]),
    ("destination", &["LAX", "ATL", "lax", "PHX", "ABE"]),
    ("date", &["2026-06-10", "2026-06-11", "2026-06-01", "2026-11-01", "2026-10-31", "2026-11-02"]),
    ("from", &["2026-06-10", "2026-06-01", "2026-10-31"]),
    ("days", &["1", "31", "62"]),
    ("nearby_km", &["0", "1", "300"]),
    ("adults", &["1", "2", "9"]),
    ("children", &["0", "1", "8"]),
    ("infants", &["0", "1", "9"]),
    ("cabin", &["economy", "premium_economy", "business", "first"]),
    ("mixed_cabin", &["true", "false"]),
    ("max_stops", &["0", "1", "2", "3"]),
    ("sort", &["duration", "price", "departure", "arrival", "best"]),
    ("max_price", &["0", "20000", "9223372036854775807"]),
    ("max_duration", &["0", "600", "4294967295"]),
    ("departs_after", &["00:00", "06:30", "23:59", "02:30"]),
    ("departs_before", &["00:00", "06:30", "23:59", "01:30"]),
    ("arrives_after", &["00:00", "06:30", "23:59", "02:30"]),
    ("arrives_before", &["00:00", "06:30", "23:59", "01:30"]),
    ("airlines", &["KR", "KR,S2", ","]),
    ("exclude_airlines", &["KR", "S2,"]),
    ("via", &["ATL", "ATL,LAX"]),
    ("exclude_via", &["ATL", "PHX"]),
    ("min_connection", &["0", "60", "4294967295"]),
    ("max_connection", &["0", "60", "4294967295"]),
    ("facets", &["true", "false"]),
    ("limit", &["1", "20", "100"]),
    ("q", &["atl", "new york", "los ang", "international"]),
];

/// Values that are wrong somewhere: numbers at and over every edge, dates that are none or no trip's, text of every kind.
const ODD: &[&str] = &[
    "",
    " ",
    "0",
    "-0",
    "-1",
    "+1",
    "00",
    "1e3",
    "0x10",
    "1.5",
    "NaN",
    "inf",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
    "-9223372036854775808",
    "true",
    "TRUE",
    "null",
    "undefined",
    "[]",
    "{}",
    "\"",
    "'; DROP TABLE flights; --",
    "../../etc/passwd",
    "%",
    "%2",
    "%zz",
    "\u{0}",
    "\u{1}",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{a0}",
    "\u{200b}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "é",
    "e\u{301}",
    "ß",
    "İ",
    "ﬀ",
    "日本",
    "🛫",
    "ＡＢＥ",
    "ΑΒΕ",
    "AB",
    "ABEX",
    "A B",
    "A-E",
    "AB\u{0}",
    "2026-02-29",
    "2028-02-29",
    "2026-06-31",
    "2026-13-01",
    "2026-00-10",
    "2026-6-1",
    "20260610",
    "0000-01-01",
    "-0001-01-01",
    "-009999-01-01",
    "9999-12-31",
    "9999-12-30",
    "10000-01-01",
    "+010000-01-01",
    "1970-01-01",
    "1969-12-31",
    "2026-03-08",
    "2026-11-01",
    "2026-06-10T00:00",
    "2026-06-10T00:00:00Z",
    "2026-06-10[America/New_York]",
    "2026-W24-3",
    "today",
    "24:00",
    "23:60",
    "23:59:60",
    "6:30",
    "06",
    "06:30:15",
    "06:30:15.999999999",
    "-01:00",
    "02:30",
    "ZZ",
    "99",
    "KR1",
    "KR,,S2",
    "kr",
    "off_",
    "AAAA",
    ",,,,,,,,,,,,,,,,",
];

/// Every byte written as `%XX`.
fn encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

/// A question that may well have an answer, with none, some or all of what can be asked.
fn sensible(chance: &mut Chance, path: &str) -> Vec<(String, String)> {
    let asked: &[&str] = match path {
        "/search/calendar" => {
            &["origin", "destination", "from", "days", "adults", "cabin", "max_stops", "via"]
        }
        "/airports" => &["q", "limit"],
        _ => &[],
    };
    let needed = ["origin", "destination", if path == "/search" { "date" } else { "from" }];
    let mut pairs = Vec::new();
    for (key, values) in SENSIBLE {
        let allowed =
            if asked.is_empty() { !["from", "days", "q"].contains(key) } else { asked.contains(key) };
        if allowed && (needed.contains(key) || chance.once_in(12)) {
            pairs.push(((*key).to_owned(), chance.one_of(values).to_owned()));
        }
    }
    pairs
}

fn odd(chance: &mut Chance) -> String {
    match chance.below(8) {
        0 => encoded(&chance.bytes(40)),
        // Lists without end.
        1 => vec![chance.one_of(&["KR", "ATL", "", "é", "ZZ"]); chance.below(3_000)].join(","),
        2 => chance.one_of(&["A", "9", "%41", "-", "\u{1f6eb}"]).repeat(chance.below(5_000)),
        _ => chance.one_of(ODD).to_owned(),
    }
}

fn joined(chance: &mut Chance, pairs: &[(String, String)]) -> String {
    let mut write = |(key, value): &(String, String)| match chance.below(12) {
        0 => key.clone(),
        1 => format!("{key}={value}"),
        2 => format!("{}={}", encoded(key.as_bytes()), encoded(value.as_bytes())),
        3 => format!("{key}={}", value.replace(' ', "+")),
        _ => format!("{key}={}", encoded(value.as_bytes())),
    };
    pairs.iter().map(&mut write).collect::<Vec<_>>().join("&")
}

/// A query string of some malice.
fn query(chance: &mut Chance, path: &str, cursor: &str) -> String {
    let mut pairs = sensible(chance, path);
    match chance.below(10) {
        // As good as it was.
        0 | 7..=9 => {}
        1 => {
            for _ in 0..=chance.below(3) {
                let value = odd(chance);
                if !pairs.is_empty() && !chance.once_in(3) {
                    let at = chance.below(pairs.len());
                    pairs[at].1 = value;
                } else {
                    pairs.push((chance.one_of(KEYS).to_owned(), value));
                }
            }
        }
        2 => pairs = (0..chance.below(12)).map(|_| (chance.one_of(KEYS).to_owned(), odd(chance))).collect(),
        3 => {
            // The same again and again.
            let again = chance.below(pairs.len().max(1));
            let times = chance.below(600);
            pairs.extend(std::iter::repeat_n(pairs.get(again).cloned(), times).flatten());
        }
        4 => pairs.push(("cursor".to_owned(), bent(chance, cursor.to_owned()))),
        5 => {
            let clean = joined(chance, &pairs);
            return bent(chance, clean);
        }
        _ => return encoded(&chance.bytes(60)),
    }
    joined(chance, &pairs)
}

/// The text with some characters changed, left out, or put in.
fn bent(chance: &mut Chance, text: String) -> String {
    const LETTERS: &[u8] = b"AZaz09=&%+,-._~:;/?@!$'()*[]{}|\\^`\"<>\xC3\xA9\xFF\x00";
    let mut bytes = text.into_bytes();
    for _ in 0..chance.below(6) {
        let (at, letter) = (chance.below(bytes.len().max(1)), LETTERS[chance.below(LETTERS.len())]);
        match chance.below(3) {
            0 if at < bytes.len() => bytes[at] = letter,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ => bytes.insert(at.min(bytes.len()), letter),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn airline() -> Airline {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for (number, route, departs, arrives) in [
        ("KR1", ("ABE", "ATL"), "2026-06-10T08:00", "2026-06-10T10:00"),
        ("S22", ("ATL", "LAX"), "2026-06-10T11:00", "2026-06-10T13:00"),
        ("KR3", ("LAX", "PHX"), "2026-06-10T23:30", "2026-06-11T00:45"),
        // The night in which clocks go back, which Phoenix does not have.
        ("KR1", ("ABE", "ATL"), "2026-11-01T01:30", "2026-11-01T03:10"),
        ("KR3", ("LAX", "PHX"), "2026-11-01T01:15", "2026-11-01T03:30"),
        ("KR4", ("PHX", "ABE"), "2026-10-31T23:50", "2026-11-01T07:00"),
    ] {
        airline.flight(&admin, number, route, (departs, arrives), 9).await;
    }
    airline
}

/// Checks the answer; whether it was a list.
fn judge(what: &str, reply: &Reply) -> bool {
    let status = reply.status.as_u16();
    if status == 200 {
        assert!(reply.json.is_object(), "{what}");
        return true;
    }
    assert!((400..500).contains(&status), "{what}: {status} {}", String::from_utf8_lossy(&reply.bytes));
    assert_eq!(reply.headers["content-type"], "application/problem+json", "{what}");
    assert!(!reply.code().is_empty() && !reply.text("/detail").is_empty(), "{what}: {}", reply.json);
    assert_eq!(reply.json["status"], status, "{what}");
    false
}

#[tokio::test]
async fn hostile_query_strings_are_answered_or_refused() {
    let airline = airline().await;
    let first = "/search?origin=ABE&destination=LAX&date=2026-06-10&limit=1";
    let cursor = airline.call("GET", first, None, None).await.expect(200);
    let cursor = cursor.json["next_cursor"].as_str().unwrap_or("AAAA").to_owned();
    let mut chance = Chance(2026);
    for path in ["/search", "/search/calendar", "/airports"] {
        let (mut lists, mut asked) = (0, 0);
        while asked < CASES {
            let question = query(&mut chance, path, &cursor);
            // What is no URI is refused before it comes here.
            let Ok(uri) = format!("/api/v1{path}?{question}").parse::<Uri>() else { continue };
            asked += 1;
            let request = Request::builder().uri(uri).body(Body::empty()).expect("a request");
            let shown: String = question.chars().take(2_000).collect();
            lists += usize::from(judge(&format!("{path}?{shown}"), &send(airline.router(), request).await));
        }
        assert!(lists * 10 > CASES, "{path}: only {lists} questions were answered; the cases are too odd");
    }
}

/// A body of some malice: members of every type where another is expected.
fn body(chance: &mut Chance, depth: usize) -> Value {
    match chance.below(if depth == 0 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => json!(chance.once_in(2)),
        2 => json!(chance.next().cast_signed()),
        3 => json!(f64::from_bits(chance.next())),
        4 | 5 => json!(odd(chance)),
        6 => (0..chance.below(9)).map(|_| body(chance, depth - 1)).collect(),
        _ => {
            let members =
                (0..chance.below(9)).map(|_| (chance.one_of(KEYS).to_owned(), body(chance, depth - 1)));
            Value::Object(members.collect())
        }
    }
}

/// What a slice of a trip has of its own.
const OF_A_SLICE: [&str; 7] =
    ["origin", "destination", "date", "departs_after", "departs_before", "arrives_after", "arrives_before"];

/// A trip that makes sense, but for a value now and then.
fn trip(chance: &mut Chance) -> Value {
    let slices = (0..=chance.below(4)).map(|_| {
        let pairs =
            sensible(chance, "/search").into_iter().filter(|(key, _)| OF_A_SLICE.contains(&key.as_str()));
        let pairs: Vec<(String, String)> = pairs.collect();
        let bend = |(key, value): (String, String)| {
            let value = if chance.once_in(40) { odd(chance) } else { value };
            (key, json!(value))
        };
        Value::Object(pairs.into_iter().map(bend).collect())
    });
    let slices: Vec<Value> = slices.collect();
    json!({"slices": slices, "adults": 1 + chance.below(3), "children": chance.below(2), "limit": 1 + chance.below(5),
        "refundable": chance.once_in(3), "max_stops": chance.below(4), "airlines": if chance.once_in(9) { vec![odd(chance)] } else { Vec::new() }})
}

#[tokio::test]
async fn hostile_bodies_are_answered_or_refused() {
    let airline = airline().await;
    let mut chance = Chance(62);
    let mut trips = 0;
    for _ in 0..CASES {
        let asked = if chance.once_in(2) { body(&mut chance, 4) } else { trip(&mut chance) };
        let mut bytes = asked.to_string();
        if chance.once_in(4) {
            bytes = bent(&mut chance, bytes);
        }
        let shown: String = bytes.chars().take(2_000).collect();
        let path = chance.one_of(&["/search", "/search", "/search", "/offers"]);
        let request = Request::builder().method("POST").uri(format!("/api/v1{path}"));
        let request = request.header("content-type", "application/json").body(Body::from(bytes));
        let reply = send(airline.router(), request.expect("a request")).await;
        trips += usize::from(judge(&shown, &reply));
    }
    assert!(trips * 20 > CASES, "only {trips} trips were answered; the cases are too odd");
}

/// The doors of the fuzz targets are open, and the questions they begin with have answers.
#[test]
fn the_seeds_of_the_fuzz_targets_are_good() {
    let seeds = |target: &str| -> Vec<Vec<u8>> {
        let folder = format!("{}/../../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
        let seeds: Vec<_> = files.map(|path| std::fs::read(path).expect("a seed")).collect();
        assert!(!seeds.is_empty(), "{target} has no seeds");
        seeds
    };
    let airline = FuzzedAirline::new().expect("an airline in memory");
    for seed in seeds("query") {
        let (whom, query) = seed.split_first().expect("a byte that says whom to ask");
        let path = ["/search", "/search/calendar", "/airports"][usize::from(*whom % 4)];
        assert_eq!(airline.get(path, query), Some(200), "{path}?{}", String::from_utf8_lossy(query));
    }
    assert_eq!(airline.get("/search", b"origin=ABE&destination=ABE&date=2026-10-05"), Some(422));
    assert_eq!(airline.get("/search", b"origin=\x00"), None, "no URI");
    // Behind the doors there is no database; before it, what was sent is read.
    let ask = |body: &'static str| {
        let bearer = format!("Bearer {}", airline.token());
        let asked = Request::post("/api/v1/me/travellers").header("authorization", bearer);
        let asked = asked.header("content-type", "application/json").header("idempotency-key", "k");
        airline.ask(asked.body(Body::from(body)).expect("a request"))
    };
    assert_eq!(ask("{"), 400);
    assert_eq!(ask(r#"{"given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}"#), 503);
    for target in ["request", "token", "files"] {
        assert!(!seeds(target).is_empty());
    }
    for seed in seeds("offer") {
        assert!(read_offer(&seed));
    }
    for seed in seeds("cursor") {
        assert!(read_cursor(&String::from_utf8(seed).expect("text")));
    }
}
