//! Every answer of the real binary is one that the OpenAPI document promises, whatever a machine thinks of asking: schemathesis makes
//! requests out of the document, right ones and wrong ones, alone and in chains, as nobody, as a traveller and as an administrator, under
//! the limits of production. `tools/api` says how. It is fetched by `./dev`, so these tests are ignored until `./dev` asks for them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use testkit::TestDb;
use tokio::process::{Child, Command};

use crate::support::limits::Room;
use crate::support::small::Small;

const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/api");
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/api/schemathesis.toml");
const SEED: u64 = 20_260_601;
/// How often it goes on where it did not get far enough.
const TURNS: u64 = 4;
const ROLES: [&str; 3] = ["nobody", "traveller", "admin"];
/// Operations that succeed only with what no machine can make up, and why.
const OUT_OF_REACH: [(&str, &str); 22] = [
    ("POST /api/v1/email/confirm", "a mail's token"),
    ("POST /api/v1/email/restore", "a mail's token"),
    ("POST /api/v1/verification", "a mail's token"),
    ("POST /api/v1/password/reset", "a mail's token"),
    ("POST /api/v1/records/session", "a mailed code"),
    ("POST /api/v1/login/passkey", "a passkey's signature"),
    ("POST /api/v1/session/passkey", "a passkey's signature"),
    ("POST /api/v1/me/second-factors/passkeys", "a passkey's signature"),
    ("POST /api/v1/me/second-factors/{id}/confirm", "a code of the moment"),
    ("POST /api/v1/me/second-factors/recovery-codes", "a second factor"),
    ("POST /api/v1/login/second-factor", "a second factor"),
    ("POST /api/v1/session/second-factor", "a second factor"),
    ("POST /api/v1/payments/webhook", "the gateway's signature"),
    ("POST /api/v1/admin/refunds/{id}/retry", "a refund that failed"),
    ("POST /api/v1/admin/refunds/{id}/settle", "a refund that failed"),
    ("GET /api/v1/oauth/authorization", "a program's address and challenge"),
    ("POST /api/v1/oauth/authorization", "a program's address and challenge"),
    ("POST /oauth/token", "a program's secret"),
    ("POST /api/v1/auth/sign-in", "a provider to sign in with"),
    ("POST /api/v1/auth/callback", "a provider to sign in with"),
    ("POST /api/v1/me/providers", "a provider to sign in with"),
    ("DELETE /api/v1/me/providers/{id}", "a provider to sign in with"),
];

/// Whoever registers has opened the link of their mail: no tool here reads mails, and roles and second factors are for those who did.
const CONFIRMED: &str = "
    CREATE FUNCTION confirmed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.email_verified_at = NEW.created_at; RETURN NEW; END $$;
    CREATE TRIGGER confirmed BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION confirmed()";

/// An airline on sale, and the document.
struct Asked {
    small: Small,
    // Ends before the database goes.
    _server: Child,
    db: TestDb,
    document: PathBuf,
    folder: PathBuf,
}

impl Asked {
    async fn new() -> Self {
        let db = TestDb::empty().await.expect("a database");
        let url = db.config.url.clone();
        let more = [
            // Each request comes from an address of its own, by way of a proxy.
            ("UDAAN_HTTP__TRUSTED_PROXIES", r#"["127.0.0.1"]"#),
            // Nobody is asked to sign in again while this lasts.
            ("UDAAN_AUTH__TOKEN_MINUTES", "10000"),
            ("UDAAN_AUTH__STEP_UP_MINUTES", "10000"),
            ("UDAAN_AUTH__STAFF_IDLE_MINUTES", "10000"),
            ("UDAAN_AUTH__STAFF_SESSION_HOURS", "1000"),
        ];
        let mut small = Small::with((&url, &url), Room::Production, &more).await;
        let server = small.serve("all").await;
        small.open(&db.db).await;
        db.db.read().await.expect("a connection").batch(CONFIRMED).await.expect("confirmed");
        let document = small.api.get_root("/api/openapi.json").await.json(200);
        let folder = small.folder();
        let file = folder.join("openapi.json");
        std::fs::write(&file, document.to_string()).expect("written");
        Self { small, _server: server, db, document: file, folder }
    }

    /// Starts asking as somebody; `more` are further options of schemathesis.
    fn ask(&self, role: &str, document: &Path, seed: u64, more: &[&str]) -> Child {
        let seed = seed.to_string();
        let tool = tool();
        let mut command = Command::new("python3");
        command.arg(tool.join("bin/schemathesis")).args(["--config-file", CONFIG, "run"]);
        command.arg(document).args(["--url", self.small.api.site(), "--seed", &seed, "--no-color"]);
        command.args(["--generation-database", "none", "--no-shrink"]).args(more).current_dir(&self.folder);
        command.env("PYTHONPATH", format!("{}:{TOOLS}", tool.display())).env("PYTHONDONTWRITEBYTECODE", "1");
        command.envs([("API_SITE", self.small.api.site()), ("API_AS", role)]);
        command.env("API_ADMIN", self.small.api.token().expect("signed in"));
        command.env("API_DAY", self.small.day.to_string()).env("API_SEEN", self.folder.join(role));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        command.spawn().expect("python3")
    }

    /// Which statuses each operation answered, in all roles.
    fn seen(&self) -> BTreeMap<String, BTreeSet<u16>> {
        let mut seen: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
        for role in ROLES {
            let text = std::fs::read_to_string(self.folder.join(role)).expect("what was seen");
            let of_role: BTreeMap<String, BTreeMap<u16, u64>> = serde_json::from_str(&text).expect("JSON");
            for (operation, statuses) in of_role {
                seen.entry(operation).or_default().extend(statuses.keys());
            }
        }
        seen
    }
}

#[expect(clippy::disallowed_methods, reason = "./dev says where it put the tool")]
fn tool() -> PathBuf {
    std::env::var("UDAAN_SCHEMATHESIS").expect("UDAAN_SCHEMATHESIS: ./dev chaos api gets the tool").into()
}

/// What it said, and whether it found nothing.
async fn verdict(asking: Child) -> (bool, String) {
    let output = asking.wait_with_output().await.expect("an end");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks for so long, and for as long again where that did not reach nine of ten operations: how far it goes in a minute is the
/// machine's business, and how far it must go is not.
async fn ask_everything(seconds: u64) {
    let asked = Asked::new().await;
    let mut seen: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    let mut far_enough = false;
    for turn in 1..=TURNS {
        ask_in_all_roles(&asked, seconds, SEED + turn - 1).await;
        for (operation, statuses) in asked.seen() {
            seen.entry(operation).or_default().extend(statuses);
        }
        let never = never_succeeded(&asked, &seen);
        println!(
            "turn {turn}: {} operations, {} of them without success: {never:#?}",
            seen.len(),
            never.len()
        );
        far_enough = never.len() * 10 < seen.len();
        if far_enough {
            break;
        }
    }
    assert!(far_enough, "what was asked says little of the operations above");
    asked.small.is_sound().await;
    drop(asked.db);
}

async fn ask_in_all_roles(asked: &Asked, seconds: u64, seed: u64) {
    let time = seconds.to_string();
    let more = ["--max-time", &time];
    let asking: Vec<Child> = ROLES.iter().map(|role| asked.ask(role, &asked.document, seed, &more)).collect();
    for (role, asking) in ROLES.iter().zip(asking) {
        let (nothing, said) = verdict(asking).await;
        assert!(nothing, "asked as {role}:\n{said}");
        println!("{role}: {}", said.lines().find(|line| line.contains(" generated, ")).unwrap_or("?").trim());
    }
}

/// Operations that never answered with success, although somebody could have had one.
fn never_succeeded(asked: &Asked, seen: &BTreeMap<String, BTreeSet<u16>>) -> Vec<String> {
    let document: Value =
        serde_json::from_str(&std::fs::read_to_string(&asked.document).expect("there")).expect("JSON");
    let mut never = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            let name = format!("{} {path}", method.to_uppercase());
            // What only programs may do wants one that is registered.
            if item[method]["x-scope"].as_str().is_some_and(|scope| scope.starts_with("webhooks:")) {
                continue;
            }
            let statuses = seen.get(&name).cloned().unwrap_or_default();
            let out_of_reach = OUT_OF_REACH.iter().any(|(operation, _)| *operation == name);
            if !out_of_reach && !statuses.iter().any(|status| *status < 300) {
                never.push(format!("{name} {statuses:?}"));
            }
        }
    }
    never
}

/// A minute of it. Longer: `./dev chaos api`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "./dev test gets schemathesis and starts it"]
async fn sample_every_answer_is_in_the_document() {
    ask_everything(60).await;
}

/// `./dev chaos api`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes as long as it is told; ./dev chaos api runs it"]
async fn chaos_api() {
    ask_everything(60 * minutes()).await;
}

#[expect(clippy::disallowed_methods, reason = "./dev chaos says here for how long")]
fn minutes() -> u64 {
    std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok()).unwrap_or(30)
}

/// Answers are taken out of the document, or changed there; each must be found. Else the run above proves nothing.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "./dev test gets schemathesis and starts it"]
async fn sample_what_is_not_in_the_document_is_found() {
    let asked = Asked::new().await;
    let document: Value =
        serde_json::from_str(&std::fs::read_to_string(&asked.document).expect("there")).expect("JSON");
    let get = "/paths/~1api~1v1~1flights~1{id}/get/responses";
    for (what, pointer, member, found) in [
        ("a status", get, "404", "Undocumented status code"),
        (
            "a kind of body",
            "/components/responses/NotFound/content",
            "application/problem+json",
            "Undocumented Content-Type",
        ),
        ("a member", "/components/schemas/Problem/properties", "title", "Response violates schema"),
    ] {
        let mut other = document.clone();
        let place = other.pointer_mut(pointer).and_then(Value::as_object_mut).expect("a place");
        let removed = place.remove(member).expect("a member");
        if what == "a kind of body" {
            place.insert("text/plain".into(), removed);
        } else if what == "a member" {
            place.insert(member.into(), serde_json::json!({"type": "integer"}));
        }
        let file = asked.folder.join("other.json");
        std::fs::write(&file, other.to_string()).expect("written");
        let few = ["--include-operation-id", "get_flight", "--phases", "coverage,fuzzing", "-n", "10"];
        let (nothing, said) = verdict(asked.ask("nobody", &file, SEED, &few)).await;
        assert!(!nothing && said.contains(found), "{what} is taken away:\n{said}");
    }
}
