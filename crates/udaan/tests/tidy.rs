//! The rules of the house, checked by a test and not by memory (ARCHITECTURE.md, "Rules"). Each check is a function of text,
//! and each has a sample it must refuse.

#![expect(clippy::expect_used, reason = "a helper of tests fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 500;

/// Which crate may depend on which of ours (tests aside). The arrows run one way.
const ARROWS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("domain", &["kernel"]),
    ("itinerary", &["kernel"]),
    ("iata", &["kernel"]),
    ("documents", &["kernel"]),
    ("platform", &["kernel"]),
    ("gateway", &["kernel"]),
    ("webapp", &["platform"]),
    ("server", &["platform", "domain", "itinerary", "iata", "documents", "kernel"]),
    ("udaan", &["server", "platform", "gateway", "webapp", "kernel"]),
    ("testkit", &["platform", "kernel"]),
];

/// Crates of values in, values out: no runtime, no database, no web.
const PURE: &[&str] = &["kernel", "domain", "itinerary", "iata", "documents"];
const IMPURE_LIBRARIES: &[&str] =
    &["tokio", "axum", "tokio-postgres", "deadpool-postgres", "reqwest", "getrandom", "rand"];

const SLICES: &[&str] = &[
    "identity",
    "flights",
    "search",
    "booking",
    "payments",
    "ledger",
    "integrity",
    "extras",
    "events",
    "webhooks",
    "promotions",
    "audit",
    "mail",
    "records",
    "check_in",
    "boarding",
    "notify",
    "reviews",
    "support",
    "faq",
    "realtime",
    "tracking",
    "push",
];

/// Who owns each table. A statement on a table stands in its owner's store and nowhere else.
const OWNERS: &[(&str, &[&str])] = &[
    ("server/src/tracking", &["price_head", "price_dates", "price_days", "price_history", "price_watches"]),
    ("server/src/realtime", &["live_inbox", "live_head", "live_log", "live_tickets"]),
    (
        "server/src/flights",
        &[
            "airports",
            "market_ratios",
            "connection_times",
            "imports",
            "fare_families",
            "tax_rules",
            "refund_rules",
            "flights",
            "inventory",
            "search_inbox",
            "search_feed",
            "search_feed_head",
        ],
    ),
    (
        "server/src/identity",
        &[
            "users",
            "user_keys",
            "user_emails",
            "saved_travellers",
            "sessions",
            "refresh_tokens",
            "ended_sessions",
            "oauth_clients",
            "oauth_codes",
            "account_tokens",
            "second_factors",
            "recovery_codes",
            "login_tokens",
            "second_factor_guesses",
            "passkey_challenges",
            "provider_links",
            "provider_sign_ins",
        ],
    ),
    (
        "server/src/booking",
        &[
            "bookings",
            "booking_passengers",
            "booking_segments",
            "booking_slices",
            "booking_fares",
            "cancellations",
            "booking_orders",
            "booking_waivers",
            "tickets",
            "ticket_coupons",
            "booking_locators",
            "user_bookings",
        ],
    ),
    (
        "server/src/payments",
        &["payments", "payment_bookings", "refunds", "gateway_events", "gateway_customers", "saved_methods"],
    ),
    ("server/src/ledger", &["ledger_postings"]),
    (
        "server/src/promotions",
        &[
            "promotions",
            "promotion_counters",
            "promotion_redemptions",
            "promotion_audience",
            "promotion_first_bookings",
            "booking_promotions",
        ],
    ),
    ("server/src/webhooks", &["webhook_endpoints", "webhook_deliveries", "webhook_attempts"]),
    ("platform/src/outbox", &["outbox", "outbox_lanes", "outbox_inbox", "outbox_parked"]),
    (
        "server/src/extras",
        &[
            "seat_maps",
            "extras_catalogue",
            "seat_assignments",
            "lap_infants",
            "flight_extras",
            "booking_extras",
        ],
    ),
    ("server/src/check_in", &["check_in_policies", "flight_check_ins", "check_ins", "travel_documents"]),
    ("server/src/boarding", &["boarding_passes", "boardings", "undone_boardings"]),
    ("server/src/audit", &["audit_records", "audit_links"]),
    ("server/src/mail", &["mails"]),
    ("server/src/push", &["push_subscriptions", "pushes"]),
    ("server/src/records", &["record_codes"]),
    ("server/src/notify", &["notifications", "notification_preferences", "news", "announcements"]),
    ("server/src/reviews", &["reviews", "review_reports", "flight_ratings"]),
    ("server/src/support", &["support_tickets", "support_messages", "support_attachments"]),
    ("platform/src/attempts", &["attempts"]),
    ("platform/src/idempotency", &["idempotency_keys"]),
    ("platform/src/jobs", &["leases"]),
    ("server/src/integrity", &["integrity_checks"]),
];

/// The stores that look at the tables of others.
const READ_EVERYTHING: [&str; 3] = [
    "server/src/integrity/store.rs",
    "server/src/integrity/store/said.rs",
    "server/src/integrity/store/travel.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project's root")
}

/// Every Rust file under `crates/*/src`, by its path below `crates/`.
fn sources() -> BTreeMap<String, String> {
    let crates = root().join("crates");
    let mut found = BTreeMap::new();
    let mut folders = vec![crates.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(&crates).expect("below crates").to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") && name.contains("/src/") {
                found.insert(name, fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    assert!(found.len() > 80, "only {} files found", found.len());
    found
}

fn manifest(name: &str) -> String {
    fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).expect("a manifest")
}

/// The names in a manifest's `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let section = manifest.split("\n[").find(|section| section.starts_with("dependencies]")).unwrap_or("");
    let lines = section.lines().skip(1).filter(|line| !line.trim_start().starts_with('#'));
    lines
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The code without its tests.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

/// Other slices named by a way around their door.
fn doors_missed(slice: &str, text: &str) -> Vec<String> {
    let others = SLICES.iter().filter(|other| **other != slice);
    let mut missed = Vec::new();
    for other in others {
        for marker in [format!("crate::{other}::"), format!("{other}::")] {
            for (at, _) in text.match_indices(&marker) {
                let rest = &text[at + marker.len()..];
                let before = text[..at].chars().last().unwrap_or(' ');
                let whole_word = !before.is_alphanumeric() && before != '_' && before != ':';
                let by_path = marker.starts_with("crate::")
                    || (whole_word && text.contains(&format!("use crate::{other};")));
                if by_path && !rest.starts_with("api") {
                    missed.push(format!("{marker}{}", rest.lines().next().unwrap_or("")));
                }
            }
        }
    }
    missed
}

/// Lines that hold SQL text.
fn sql_lines(text: &str) -> Vec<&str> {
    const STARTS: &[&str] = &[
        "\"SELECT ",
        "\"INSERT ",
        "\"UPDATE ",
        "\"DELETE ",
        "\"WITH ",
        "\"COPY ",
        "\"CREATE ",
        "\"ALTER ",
        "\"DROP ",
        "\"LOCK ",
    ];
    text.lines().filter(|line| STARTS.iter().any(|start| line.contains(start))).collect()
}

/// Tables that a store's statements name.
fn tables_named<'a>(text: &str, tables: &[&'a str]) -> BTreeSet<&'a str> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let verbs = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE", "COPY", "REFERENCES"];
    let named = words.windows(2).filter(|pair| verbs.contains(&pair[0]));
    named.filter_map(|pair| tables.iter().find(|table| **table == pair[1]).copied()).collect()
}

fn is_store(name: &str) -> bool {
    name.ends_with("/store.rs") || name.contains("/store/") || name.starts_with("platform/src/db/")
}

#[test]
fn the_arrows_run_one_way() {
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (name, allowed) in ARROWS {
        for dependency in dependencies(&manifest(name)) {
            let is_ours = ours.contains(dependency.as_str());
            assert!(
                !is_ours || allowed.contains(&dependency.as_str()),
                "{name} must not depend on {dependency}"
            );
        }
    }
    let folders = fs::read_dir(root().join("crates")).expect("crates").count();
    assert_eq!(folders, ARROWS.len(), "a crate is missing in the table of arrows");
}

#[test]
fn pure_crates_have_no_runtime_and_no_clock() {
    for name in PURE {
        for library in dependencies(&manifest(name)) {
            assert!(!IMPURE_LIBRARIES.contains(&library.as_str()), "{name} must not depend on {library}");
        }
    }
    for (name, text) in sources() {
        let pure = PURE.iter().any(|pure| name.starts_with(&format!("{pure}/")));
        let reads = ["::now()", "std::fs", "std::net", "std::env"]
            .into_iter()
            .find(|call| product(&text).contains(call));
        assert!(!pure || reads.is_none(), "{name} uses {reads:?}");
    }
}

#[test]
fn a_slice_is_entered_by_its_door() {
    for (name, text) in sources() {
        let slice = SLICES.iter().find(|slice| name.starts_with(&format!("server/src/{slice}/")));
        if let Some(slice) = slice {
            assert_eq!(doors_missed(slice, product(&text)), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn sql_lives_in_stores() {
    for (name, text) in sources() {
        let exempt = is_store(&name) || name.starts_with("testkit/");
        assert!(exempt || sql_lines(product(&text)).is_empty(), "{name}: {:?}", sql_lines(product(&text)));
    }
}

#[test]
fn each_table_has_one_owner() {
    let all: Vec<&str> = OWNERS.iter().flat_map(|(_, tables)| tables.iter().copied()).collect();
    let mut created = BTreeSet::new();
    for entry in fs::read_dir(root().join("migrations")).expect("migrations") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a text");
        let names = text.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
        created.extend(names.filter_map(|rest| rest.split([' ', '(']).next().map(str::to_owned)));
    }
    assert_eq!(
        created,
        all.iter().map(|table| (*table).to_owned()).collect(),
        "a table without an owner, or an owner without a table"
    );
    for (name, text) in sources() {
        if !is_store(&name) || name.starts_with("platform/src/db/") {
            continue;
        }
        // Invariants are about tables of several slices: it may read them all, and write none.
        if READ_EVERYTHING.contains(&name.as_str()) {
            assert!(
                !["INSERT ", "DELETE ", "UPDATE "].iter().any(|verb| text.contains(verb)),
                "{name} writes"
            );
            continue;
        }
        let owned =
            OWNERS.iter().find(|(folder, _)| name.starts_with(folder)).map_or(&[][..], |(_, tables)| tables);
        let foreign: Vec<&str> =
            tables_named(&text, &all).into_iter().filter(|table| !owned.contains(table)).collect();
        assert_eq!(foreign, Vec::<&str>::new(), "{name} reaches into other slices' tables");
    }
}

#[test]
fn stores_never_commit_and_only_the_binary_reads_the_environment() {
    for (name, text) in sources() {
        let is_slice_store = is_store(&name) && !name.starts_with("platform/src/db/");
        assert!(!is_slice_store || !text.contains(".commit("), "{name} commits");
        // `tests.rs` is a module of tests, which no build of the product has.
        let is_test = name.starts_with("testkit/") || name.ends_with("/tests.rs");
        let may_read = name.starts_with("udaan/") || is_test;
        assert!(may_read || !product(&text).contains("env::var"), "{name} reads the environment");
    }
}

/// Other sources of chance than [`platform::random::Random`], as code names them.
fn chances(text: &str) -> Vec<&'static str> {
    let all =
        ["getrandom::", "rand::", "fastrand", "OsRng", "SystemRandom", "thread_rng", "new_v4", "ThreadRng"];
    all.into_iter().filter(|chance| text.contains(chance)).collect()
}

/// What must not be guessed comes from the operating system, by one door.
#[test]
fn chance_has_one_door() {
    let may = |name: &str| match name {
        "platform/src/random.rs" => ["getrandom::"].as_slice(),
        // RSA is blinded by the library that signs; it takes its own word for chance and no other.
        "server/src/boarding/wallet/key.rs" => ["rand::", "SystemRandom"].as_slice(),
        _ => [].as_slice(),
    };
    for (name, text) in sources() {
        if !name.starts_with("testkit/") && !name.ends_with("/tests.rs") {
            assert_eq!(chances(product(&text)), may(&name), "{name} takes chance from elsewhere than Random");
        }
    }
}

#[test]
fn no_network_call_while_a_transaction_is_open() {
    // Whoever calls the gateway, or an address outside, must have let its transaction go.
    for (name, outside) in [
        ("server/src/payments/pay.rs", "app.gateway."),
        ("server/src/payments/jobs.rs", "app.gateway."),
        ("server/src/payments/refund.rs", "app.gateway."),
        ("server/src/payments/saved.rs", "app.gateway."),
        ("server/src/webhooks/send.rs", "app.webhooks.post("),
        ("server/src/mail/send.rs", "app.mailer."),
        ("server/src/webhooks/ping.rs", "send::attempt("),
        ("server/src/webhooks/create.rs", "body::check_url("),
        ("server/src/webhooks/endpoints.rs", "body::check_url("),
        ("server/src/identity/oidc/begin.rs", "provider.metadata("),
        ("server/src/identity/oidc/callback.rs", "provider.vouch("),
    ] {
        let text = &sources()[name];
        assert!(text.contains(outside), "{name} does not call {outside}");
        let heads = ["\nasync fn ", "\npub(super) async fn ", "\npub(in crate::identity) async fn "];
        for function in heads.iter().flat_map(|head| text.split(head).skip(1)) {
            let body = function.split("\n}\n").next().unwrap_or("");
            let call = body.find(outside).unwrap_or(0);
            let open = body[..call].matches(".begin()").count();
            let closed = body[..call].matches(".commit()").count();
            assert!(open <= closed, "{name}: a transaction is open at a call of {outside}");
        }
    }
}

/// A manifest that keeps the tests inside its library from running.
fn skips_its_tests(manifest: &str) -> bool {
    let sections = manifest.split("\n[").filter(|section| section.starts_with("lib]"));
    sections.flat_map(str::lines).any(|line| line.replace(' ', "") == "test=false")
}

#[test]
fn every_test_runs() {
    for (name, text) in sources() {
        let (krate, _) = name.split_once('/').expect("a crate");
        let has_tests = text.contains("#[cfg(test)]");
        assert!(!has_tests || !skips_its_tests(&manifest(krate)), "{name} has tests that {krate} never runs");
    }
}

#[test]
fn a_file_has_one_subject() {
    for (name, text) in sources() {
        let lines = text.lines().count();
        assert!(
            lines <= FILE_LINES_MAX,
            "{name} has {lines} lines; when a file grows past {FILE_LINES_MAX} it has found a second subject"
        );
    }
}

/// Numbers given to work that is under way beside this; a line goes when its migration is here.
const NUMBERS_GIVEN: &[&str] = &["0048", "0049", "0051"];

#[test]
fn migrations_are_numbered_without_gaps() {
    let mut names: Vec<String> = fs::read_dir(root().join("migrations"))
        .expect("migrations")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let present = |number: &str| names.iter().any(|name| name.starts_with(number));
    let missing = NUMBERS_GIVEN.iter().filter(|number| !present(number)).map(|number| format!("{number}_"));
    let missing: Vec<String> = missing.collect();
    names.extend(missing);
    names.sort();
    for (index, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name} is not number {}", index + 1);
    }
}

/// From here on a migration alters one table that was there before.
const ONE_TABLE_SINCE: &str = "0024";

/// Tables that a migration alters and has not made itself.
fn tables_altered(sql: &str) -> BTreeSet<&str> {
    let named = |verb: &str| -> BTreeSet<&str> {
        let after = |(at, _): (usize, &str)| sql[at + verb.len()..].split_whitespace().next();
        let words = sql.match_indices(verb).filter_map(after);
        words.map(|word| word.trim_end_matches(['(', ';'])).collect()
    };
    named("ALTER TABLE ").difference(&named("CREATE TABLE ")).copied().collect()
}

/// One that held the lock of a busy table while it waits for another's would keep everybody waiting, or be a deadlock.
#[test]
fn a_migration_alters_one_table_in_use() {
    for entry in fs::read_dir(root().join("migrations")).expect("migrations") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let sql = fs::read_to_string(&path).expect("SQL");
        let altered = tables_altered(&sql);
        assert!(
            name.as_str() < ONE_TABLE_SINCE || altered.len() < 2,
            "{name} alters {altered:?}; give each a migration of its own"
        );
    }
}

/// The checks refuse what they are for.
#[test]
fn the_checks_can_fail() {
    assert!(skips_its_tests("[package]\nname = \"x\"\n\n[lib]\ntest = false\n"));
    assert!(!skips_its_tests("[package]\nname = \"x\"\n\n[lib]\ndoctest = false\n\n[[bin]]\ntest = false\n"));
    assert_eq!(doors_missed("booking", "use crate::payments::store::find;").len(), 1);
    assert_eq!(doors_missed("booking", "use crate::payments;\nfn f() { payments::store::find() }").len(), 1);
    assert!(doors_missed("booking", "use crate::payments::api::find; use crate::booking::store;").is_empty());
    assert_eq!(sql_lines("let x = sql.query(\"SELECT 1\", &[]);").len(), 1);
    assert_eq!(tables_named("UPDATE payments SET x FROM bookings b", &["payments", "bookings"]).len(), 2);
    assert!(tables_named("the payments of a booking", &["payments"]).is_empty());
    let names = dependencies(
        "[package]\nname = \"x\"\n\n[dependencies]\ntokio.workspace = true\nkernel = { path = \"k\" }\n\n[dev-dependencies]\nrand = \"1\"\n",
    );
    assert_eq!(names, ["kernel", "tokio"].map(str::to_owned).into());
    let altered = tables_altered(
        "CREATE TABLE c (x int); ALTER TABLE c ADD y; ALTER TABLE a ADD x; ALTER TABLE b ADD x;",
    );
    assert_eq!(altered, ["a", "b"].into());
    assert_eq!(chances("let id = Uuid::new_v4();"), ["new_v4"]);
    assert_eq!(product("code\n#[cfg(test)]\nSystemTime::now()"), "code\n");
}
