//! Exports from a real PostgreSQL, read back as a journey planner would.

use std::collections::BTreeMap;
use std::io::Cursor;

use jiff::civil::{Date, date};
use server::flights::export::{ExportError, read_gtfs, write_gtfs};
use zip::ZipArchive;

use crate::support::Airline;

const DAY: Date = date(2026, 6, 10);

async fn airline() -> (Airline, String) {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 9).await;
    airline.flight(&admin, "KR2", ("ATL", "LAX"), ("2026-06-10T18:40", "2026-06-10T20:00"), 9).await;
    // 22:30 in Los Angeles is 05:30 of the next day in UTC, but a departure of the 10th.
    airline.flight(&admin, "KR3", ("LAX", "ATL"), ("2026-06-10T22:30", "2026-06-11T05:30"), 9).await;
    airline.flight(&admin, "KR4", ("ABE", "ATL"), ("2026-06-11T00:10", "2026-06-11T02:00"), 9).await;
    (airline, admin)
}

async fn export(airline: &Airline, from: Date, days: u16) -> Result<Vec<u8>, ExportError> {
    let feed = read_gtfs(&airline.app.db, &airline.app.config, from, days, &|_, _| ()).await?;
    let mut bytes = Cursor::new(Vec::new());
    write_gtfs(&feed, &mut bytes).expect("written");
    Ok(bytes.into_inner())
}

/// The rows of a file, each by the names of its columns.
fn rows(zip: &[u8], file: &str) -> Vec<BTreeMap<String, String>> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).expect("a zip file");
    let file = archive.by_name(file).expect("in the feed");
    csv::Reader::from_reader(file).deserialize().map(|row| row.expect("a row")).collect()
}

fn column(rows: &[BTreeMap<String, String>], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].clone()).collect()
}

#[tokio::test]
async fn a_day_of_flights_is_a_feed() {
    let (airline, _) = airline().await;
    let zip = export(&airline, DAY, 1).await.expect("exported");
    assert_eq!(column(&rows(&zip, "trips.txt"), "trip_short_name"), ["KR1", "KR2", "KR3"]);
    assert_eq!(column(&rows(&zip, "trips.txt"), "service_id"), ["20260610", "20260610", "20260611"]);
    let times = rows(&zip, "stop_times.txt");
    assert_eq!(column(&times, "stop_id"), ["ABE", "ATL", "ATL", "LAX", "LAX", "ATL"]);
    let clock = ["12:00:00", "14:00:00", "22:40:00", "27:00:00", "05:30:00", "09:30:00"];
    assert_eq!(column(&times, "departure_time"), clock, "UTC, and on after midnight");
    assert_eq!(column(&rows(&zip, "calendar_dates.txt"), "date"), ["20260610", "20260611"]);
    assert_eq!(column(&rows(&zip, "agency.txt"), "agency_timezone"), ["Etc/UTC"]);
    assert_eq!(column(&rows(&zip, "stops.txt"), "stop_id"), ["ABE", "ATL", "LAX"]);
    assert_eq!(column(&rows(&zip, "transfers.txt"), "min_transfer_time"), ["2400"; 3]);
    assert_eq!(column(&rows(&zip, "routes.txt"), "route_id"), ["KR-ABE-ATL", "KR-ATL-LAX", "KR-LAX-ATL"]);
    let info = rows(&zip, "feed_info.txt");
    assert_eq!(info[0]["feed_publisher_url"], airline.app.config.http.public_url);
    assert_eq!(export(&airline, DAY, 1).await.expect("exported"), zip, "the same flights, the same bytes");
}

#[tokio::test]
async fn cancelled_flights_are_left_out_and_an_empty_window_is_an_error() {
    let (airline, _) = airline().await;
    let cancel = "UPDATE flights SET declared_status = 'cancelled' WHERE number IN (1, 4)";
    airline.sql().await.batch(cancel).await.expect("cancelled");
    let zip = export(&airline, DAY, 2).await.expect("exported");
    assert_eq!(column(&rows(&zip, "trips.txt"), "trip_short_name"), ["KR2", "KR3"]);
    let refused = |result: Result<Vec<u8>, ExportError>| result.expect_err("refused").to_string();
    let empty = refused(export(&airline, date(2026, 6, 11), 1).await);
    assert!(empty.starts_with("no flight departs from 2026-06-11 to 2026-06-11"), "{empty}");
    for days in [0, 367] {
        assert!(refused(export(&airline, DAY, days).await).contains("right would be 1 to 366"));
    }
}
