//! People's journeys in a real browser, through the web app in the real binary: `web/tests` walks them, this serves the airline. Node and
//! Chromium are fetched by `./dev`, so this is ignored until `./dev` asks for it.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::support::airline::{Airline, Place};
use crate::support::api::Answer;
use crate::support::limits::Room;

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/tests");
/// Days on sale: as far as the journeys travel.
const DAYS: i64 = 20;
/// As long as all of it may take, several times over.
const PATIENCE: Duration = Duration::from_mins(10);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "./dev test gets Node and Chromium and starts it"]
async fn people_find_their_way() {
    // Passkeys belong to a name: a site that is known by its number has none.
    let place = Place { host: Some("localhost"), ..Place::default() };
    let airline = Airline::on_sale_at(DAYS, Room::Wide, place).await;
    for what in ["fare-families", "seat-maps", "extras", "promotions"] {
        airline.import(&[what, &format!("data/{what}.csv")]).await;
    }
    let page = airline.api.get_root("/").await;
    let text = String::from_utf8_lossy(&page.bytes);
    assert!(text.contains("id=\"root\""), "the binary has no web app: ./dev web build, then build it again");
    the_screen_comes_with_the_page(&airline, &page).await;
    // Somebody of the staff, for what happens to flights while travellers look.
    let staff = airline.api.sign_up().await;
    airline.promote_everybody().await;
    let here = [("UDAAN_URL", airline.api.site()), ("UDAAN_STAFF", &staff)];
    let mut failed = Vec::new();
    for name in ["journey", "flown", "status", "account", "care", "prices", "push", "live", "trip", "screens"]
    {
        if is_wanted(name) && !ends_well(name, &here).await {
            failed.push(name);
        }
    }
    // The same airline as it is with Stripe, whose part the test gateway takes.
    let (site, server) = airline.second_site("localhost", &[("UDAAN_GATEWAY__FIELDS", "stripe")]).await;
    let stripe = [("UDAAN_URL", site.site()), ("UDAAN_GATEWAY", &airline.gateway_url)];
    if is_wanted("stripe") && !ends_well("stripe", &stripe).await {
        failed.push("stripe");
    }
    drop(server);
    airline.stop().await;
    assert!(failed.is_empty(), "journeys that failed: {failed:?}; what is above says why");
}

/// All are walked, or those that `UDAAN_JOURNEYS` names ("push stripe").
#[expect(clippy::disallowed_methods, reason = "the command says which")]
fn is_wanted(name: &str) -> bool {
    std::env::var("UDAAN_JOURNEYS").map_or(true, |names| names.split_whitespace().any(|one| one == name))
}

/// Walks the journeys of a file.
async fn ends_well(name: &str, environment: &[(&str, &str)]) -> bool {
    let mut journeys = Command::new("node");
    journeys.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]);
    journeys.arg(format!("{TESTS}/{name}.test.mjs"));
    journeys.envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let mut journeys = journeys.spawn().expect("node");
    let ended = tokio::time::timeout(PATIENCE, journeys.wait()).await.expect("an end in time");
    ended.expect("an exit status").success()
}

/// What the page tells browsers to fetch with it is there: the screen, and its words.
async fn the_screen_comes_with_the_page(airline: &Airline, page: &Answer) {
    let links = page.headers.get("link").and_then(|value| value.to_str().ok()).expect("a Link header");
    let files: Vec<&str> =
        links.split(", ").filter_map(|link| link.strip_prefix('<')?.split('>').next()).collect();
    for kind in ["home", "en"] {
        assert!(files.iter().any(|file| file.starts_with(&format!("/assets/{kind}-"))), "{kind} in {links}");
    }
    for file in files {
        assert_eq!(airline.api.get_root(file).await.status, 200, "{file}");
    }
}
