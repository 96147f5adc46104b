//! A backup is a dump and the key file (docs/operations.md, "Backup and restore"). Restored elsewhere, the airline goes on:
//! logins, names, tickets and the guards of the inventory.

use std::process::Command;

use serde_json::json;
use server::migrations::MIGRATIONS;
use testkit::TestDb;

use crate::support::{Airline, request, send};

/// PostgreSQL's own tools: beside the server that `./dev test` started, or on the path.
#[expect(clippy::disallowed_methods, reason = "tests learn from the environment where their server is")]
fn run_tool(tool: &str, arguments: &[&str]) {
    let program = match std::env::var("UDAAN_TEST_PG_BIN") {
        Ok(folder) => format!("{folder}/{tool}"),
        Err(_) => tool.to_owned(),
    };
    let mut command = Command::new(&program);
    // Packages unpacked without root find their libraries this way alone.
    if let Ok(folders) = std::env::var("UDAAN_TEST_PG_LIBRARIES") {
        command.env("LD_LIBRARY_PATH", folders);
    }
    let output = command.args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_restored_backup_goes_on_selling() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let flight =
        airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 2).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let booking = airline.hold(&token, &offer, "k1").await.expect(201).text("/id");
    airline.pay(&token, &booking, "4242424242424242", "p1").await.expect(201);

    let dump = tempfile();
    run_tool("pg_dump", &["--format=custom", "--file", &dump, &airline.app.config.database.url]);
    let restored = TestDb::empty().await.expect("a database");
    run_tool("pg_restore", &["--exit-on-error", "--no-owner", "--dbname", &restored.config.url, &dump]);
    std::fs::remove_file(&dump).expect("the dump");

    let pending = ::platform::db::pending_migrations(&restored.db, MIGRATIONS).await.expect("asked");
    assert_eq!(pending, Vec::<&str>::new());
    let router = airline.server_on(&restored).await;
    let login = json!({"email": "traveller@example.com", "password": "a password of some length"});
    let login = send(router.clone(), request("POST", "/login", None, Some(login), None)).await.expect(200);
    let token = login.text("/access_token");
    let path = format!("/bookings/{booking}");
    let found = send(router.clone(), request("GET", &path, Some(&token), None, None)).await.expect(200);
    assert_eq!(
        (found.text("/status"), found.text("/passengers/0/given_name")),
        ("confirmed".into(), "Asha".into())
    );
    assert_eq!(found.text("/passengers/0/ticket_number").len(), 13);
    let left =
        send(router, request("GET", &format!("/flights/{flight}"), None, None, None)).await.expect(200);
    assert_eq!(left.json["cabins"][0]["seats_left"], 1);
    let guard =
        restored.db.read().await.expect("a connection").execute("UPDATE inventory SET taken = 3", &[]).await;
    assert_eq!(guard.expect_err("refused").constraint(), Some("inventory_never_oversold"));
}

fn tempfile() -> String {
    let name = format!(
        "udaan-backup-{}-{:x}.dump",
        std::process::id(),
        u64::from_be_bytes(::platform::random::Random.bytes())
    );
    std::env::temp_dir().join(name).to_string_lossy().into_owned()
}
