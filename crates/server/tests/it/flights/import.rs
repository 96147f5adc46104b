//! Imports against a real PostgreSQL.

use std::io::Write;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use platform::db::Db;
use server::flights::import::{
    AirportsReport, File, ImportError, ImportReport, Progress, TimetableImport, import_airports,
    import_timetable,
};
use server::migrations::MIGRATIONS;
use testkit::TestDb;

const AIRPORTS: &str = "iata,name,city,subdivision,country,latitude,longitude,timezone
ABE,Lehigh Valley,Allentown,Pennsylvania,US,40.6521,-75.4408,America/New_York
ATL,Hartsfield,Atlanta,Georgia,US,33.6367,-84.428101,America/New_York
LAX,Los Angeles,Los Angeles,California,US,33.9425,-118.408,America/Los_Angeles
PHX,Sky Harbor,Phoenix,Arizona,US,33.4343,-112.012,America/Phoenix
";

const HEADER: &str = "airline,flight_number,origin,destination,days,departs_local,block_minutes,distance_miles,\
                      aircraft,seats_economy,seats_business";

/// Nineteen departures a week; one flight without business.
const PATTERNS: &str = "KR,1,ABE,ATL,1234567,08:35,120,692,73H,150,16
KR,2,ATL,LAX,12345,02:30,290,1947,321,174,20
UD,7A,LAX,PHX,1234567,22:15,75,370,AT7,70,0
";

const FARES: &str = "origin,destination,median_usd,p25_usd,p75_usd,sample
ABE,ATL,349,254,484,709
ATL,LAX,251,180,340,9000
ABE,LAX,300,220,420,300
";

/// A Monday.
const FROM: Date = date(2026, 6, 1);

async fn with_airports() -> anyhow::Result<TestDb> {
    let test = TestDb::new(MIGRATIONS).await?;
    let file = File { name: "airports.csv", bytes: AIRPORTS.as_bytes() };
    let report = import_airports(&test.db, Timestamp::UNIX_EPOCH, file).await?;
    assert_eq!(report, AirportsReport { airports: 4, changed: 4 });
    let told = test.db.read().await?.execute("DELETE FROM search_inbox", &[]).await?;
    assert_eq!(told, 1, "running servers read the airports again");
    Ok(test)
}

async fn import(db: &Db, patterns: &str, from: Date, days: u16) -> Result<ImportReport, ImportError> {
    let text = format!("{HEADER}\n{patterns}");
    import_bytes(db, text.as_bytes(), FARES.as_bytes(), from, days).await
}

async fn import_bytes(
    db: &Db,
    timetable: &[u8],
    fares: &[u8],
    from: Date,
    days: u16,
) -> Result<ImportReport, ImportError> {
    let input = TimetableImport {
        timetable: File { name: "timetable.csv", bytes: timetable },
        market_fares: Some(File { name: "fares.csv", bytes: fares }),
        from,
        days,
    };
    import_timetable(db, Timestamp::UNIX_EPOCH, input, &|_| ()).await
}

async fn number(db: &Db, sql: &'static str) -> anyhow::Result<i64> {
    Ok(db.read().await?.query_one(sql, &[]).await?.get(0))
}

/// Every row an import may touch, with the transaction that wrote it: an update to the same values would show.
async fn everything(db: &Db) -> anyhow::Result<Vec<String>> {
    let sql = "SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
                   SELECT t.xmin || t::text AS line FROM airports t UNION ALL SELECT t.xmin || t::text FROM market_ratios t
                   UNION ALL SELECT t.xmin || t::text FROM imports t UNION ALL SELECT t.xmin || t::text FROM flights t
                   UNION ALL SELECT t.xmin || t::text FROM inventory t
                   UNION ALL SELECT t.xmin || t::text FROM search_inbox t) AS lines";
    let hash = db.read().await?.query_one(sql, &[]).await?.get(0);
    Ok([vec![hash], structure(db).await?].concat())
}

/// Indexes and constraints of the two large tables.
async fn structure(db: &Db) -> anyhow::Result<Vec<String>> {
    let sql = "SELECT indexdef FROM pg_indexes WHERE tablename IN ('flights', 'inventory')
               UNION ALL
               SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
               WHERE conrelid IN ('flights'::regclass, 'inventory'::regclass)
               ORDER BY 1";
    Ok(db.read().await?.query(sql, &[]).await?.iter().map(|row| row.get(0)).collect())
}

const FLIGHTS: &str = "SELECT count(*) FROM flights";
const EVENTS: &str = "SELECT count(*) FROM search_inbox";
const IMPORTS: &str = "SELECT count(*) FROM imports WHERE kind = 'timetable'";

#[tokio::test]
async fn a_timetable_goes_on_sale() -> anyhow::Result<()> {
    let test = with_airports().await?;
    let before = structure(&test.db).await?;
    let report = import(&test.db, PATTERNS, FROM, 7).await?;
    assert_eq!(
        (report.patterns, report.flights_added, report.cabins_added, report.flights_kept),
        (3, 19, 31, 0)
    );
    // ABE to LAX through Atlanta, in economy and business: 300 / (349 + 251).
    assert_eq!(report.ratios_changed, 2);
    assert_eq!(number(&test.db, "SELECT sum(ratio_ppm) FROM market_ratios").await?, 2 * 500_000);
    assert_eq!(structure(&test.db).await?, before, "indexes and constraints are as the migrations made them");
    let sound = "SELECT count(*) FROM inventory JOIN flights ON id = flight_id
                 WHERE fare_1 > fare_2 AND fare_2 > fare_3 AND fare_3 > fare_4 AND currency = 'USD' AND taken = 0
                   AND closes_4 < closes_3 AND closes_3 < closes_2 AND closes_2 < departs_at AND limit_4 > 0";
    assert_eq!(number(&test.db, sound).await?, 31);
    let row = test.db.read().await?.query_one("SELECT from_date, to_date FROM search_inbox", &[]).await?;
    assert_eq!((row.get::<_, Date>(0), row.get::<_, Date>(1)), (FROM, date(2026, 6, 7)));
    assert_eq!(number(&test.db, IMPORTS).await?, 1);
    assert_eq!(
        number(&test.db, "SELECT weekly_departures::bigint FROM airports WHERE code = 'LAX'").await?,
        7
    );
    Ok(())
}

/// PostgreSQL has a tz database of its own; around both changes of the clocks it agrees with ours.
#[tokio::test]
async fn instants_and_wall_times_agree() -> anyhow::Result<()> {
    let test = with_airports().await?;
    for from in [date(2026, 3, 6), date(2026, 10, 30)] {
        import(&test.db, &PATTERNS.replace("12345,02:30", "1234567,02:30"), from, 4).await?;
    }
    let wrong = "SELECT count(*) FROM flights JOIN airports o ON o.code = origin JOIN airports d ON d.code = destination
                 WHERE departs_at AT TIME ZONE o.timezone <> departs_local
                    OR arrives_at AT TIME ZONE d.timezone <> arrives_local";
    assert_eq!((number(&test.db, FLIGHTS).await?, number(&test.db, wrong).await?), (24, 0));
    let shifted = "SELECT count(*) FROM flights WHERE number = 2 AND departs_local = '2026-03-08 03:30'";
    assert_eq!(number(&test.db, shifted).await?, 1, "02:30 is not on the clock of that night");
    Ok(())
}

#[tokio::test]
async fn importing_again_changes_nothing() -> anyhow::Result<()> {
    let test = with_airports().await?;
    import(&test.db, PATTERNS, FROM, 7).await?;
    let before = everything(&test.db).await?;
    let again = import(&test.db, PATTERNS, FROM, 7).await?;
    assert_eq!(
        (again.flights_added, again.cabins_added, again.flights_kept, again.ratios_changed),
        (0, 0, 19, 0)
    );
    let airports = File { name: "airports.csv", bytes: AIRPORTS.as_bytes() };
    assert_eq!(import_airports(&test.db, Timestamp::UNIX_EPOCH, airports).await?.changed, 0);
    assert_eq!(everything(&test.db).await?, before);
    Ok(())
}

#[tokio::test]
async fn a_longer_horizon_adds_only_what_is_new() -> anyhow::Result<()> {
    let test = with_airports().await?;
    import(&test.db, PATTERNS, FROM, 2).await?;
    test.db.read().await?.execute("UPDATE inventory SET taken = 3", &[]).await?;
    let longer = import(&test.db, PATTERNS, FROM, 7).await?;
    assert_eq!((longer.flights_added, longer.flights_kept), (13, 6));
    assert_eq!(
        number(&test.db, "SELECT count(*) FROM inventory WHERE taken = 3").await?,
        10,
        "what was sold stays"
    );
    assert_eq!((number(&test.db, EVENTS).await?, number(&test.db, IMPORTS).await?), (2, 2));
    Ok(())
}

#[tokio::test]
async fn a_bad_row_is_named_and_nothing_is_imported() -> anyhow::Result<()> {
    let test = with_airports().await?;
    let before = everything(&test.db).await?;
    let bad = PATTERNS.replace("22:15", "25:15").replace("ATL,LAX", "ATL,JFK");
    let Err(ImportError::BadInput(report)) = import(&test.db, &bad, FROM, 7).await else {
        anyhow::bail!("a bad row was taken")
    };
    let places: Vec<_> =
        report.cells.iter().map(|cell| (cell.line, cell.column.as_str(), cell.value.as_str())).collect();
    assert_eq!(places, [(3, "destination", "JFK"), (4, "departs_local", "25:15")]);
    assert!(
        report
            .to_string()
            .starts_with("timetable.csv, line 3, column destination: \"JFK\" is not a known airport")
    );
    let text = format!("{HEADER}\n{bad}");
    let error = import_bytes(&test.db, text.as_bytes(), FARES.replace("349", "x").as_bytes(), FROM, 7).await;
    assert!(
        error.is_err_and(|error| error.to_string().contains("fares.csv, line 2")),
        "both files are reported"
    );
    assert_eq!(everything(&test.db).await?, before);
    Ok(())
}

#[tokio::test]
async fn a_failure_half_way_leaves_nothing() -> anyhow::Result<()> {
    let test = with_airports().await?;
    test.db
        .read()
        .await?
        .batch("ALTER TABLE flights ADD CONSTRAINT t CHECK (departs_local < '2026-06-04')")
        .await?;
    let before = everything(&test.db).await?;
    let error = import(&test.db, PATTERNS, FROM, 7).await;
    assert!(matches!(error, Err(ImportError::Database(_))), "{error:?}");
    assert_eq!(everything(&test.db).await?, before, "rows, events, indexes and constraints");
    test.db.read().await?.batch("ALTER TABLE flights DROP CONSTRAINT t").await?;
    assert_eq!(import(&test.db, PATTERNS, FROM, 7).await?.flights_added, 19);
    Ok(())
}

/// The second import begins while the first is half done, and waits for it. Without the lock it would miss the first
/// one's flights and fail on their ids. There are flights before, so that nothing else keeps the two apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_second_import_waits_for_the_first() -> anyhow::Result<()> {
    let test = with_airports().await?;
    import(&test.db, PATTERNS, FROM, 1).await?;
    let (half_done, mut first_is_half_done) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let (db, may_go_on) = (test.db.clone(), Mutex::new(may_go_on));
    let first = tokio::spawn(async move {
        let text = format!("{HEADER}\n{PATTERNS}");
        let timetable = File { name: "timetable.csv", bytes: text.as_bytes() };
        let input = TimetableImport { timetable, market_fares: None, from: FROM, days: 7 };
        let pause = |step| {
            if matches!(step, Progress::Written { days: 2, .. }) {
                let _ = half_done.send(());
                let _ = may_go_on.lock().map(|wait| wait.recv_timeout(Duration::from_secs(20)));
            }
        };
        import_timetable(&db, Timestamp::UNIX_EPOCH, input, &pause).await
    });
    first_is_half_done.recv().await;
    let db = test.db.clone();
    let second = tokio::spawn(async move { import(&db, PATTERNS, FROM, 7).await });
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while number(&test.db, waiting).await? == 0 && !second.is_finished() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    go_on.send(())?;
    let (first, second) = (first.await??, second.await??);
    assert_eq!((first.flights_added, first.flights_kept), (16, 3));
    assert_eq!((second.flights_added, second.flights_kept), (0, 19));
    assert_eq!((number(&test.db, EVENTS).await?, number(&test.db, IMPORTS).await?), (2, 2));
    Ok(())
}

#[tokio::test]
async fn an_import_that_is_dropped_leaves_nothing() -> anyhow::Result<()> {
    let test = with_airports().await?;
    let text = format!("{HEADER}\n{PATTERNS}");
    let input = TimetableImport {
        timetable: File { name: "timetable.csv", bytes: text.as_bytes() },
        market_fares: None,
        from: FROM,
        days: 60,
    };
    let (seen, mut written) = tokio::sync::mpsc::unbounded_channel();
    let progress = move |step| {
        let _ = seen.send(step);
    };
    tokio::select! {
        biased;
        // The first report comes before BEGIN, the second once a day's rows are in the transaction.
        _ = async { written.recv().await; written.recv().await } => {}
        done = import_timetable(&test.db, Timestamp::UNIX_EPOCH, input, &progress) => anyhow::bail!("done too soon: {done:?}"),
    }
    assert_eq!(number(&test.db, FLIGHTS).await?, 0);
    assert_eq!(import(&test.db, PATTERNS, FROM, 7).await?.flights_added, 19, "the lock is free again");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_with_a_way_out() -> anyhow::Result<()> {
    let test = TestDb::new(MIGRATIONS).await?;
    let error = import(&test.db, PATTERNS, FROM, 7).await;
    assert!(error.is_err_and(|error| error.to_string().contains("udaan import airports")));
    let test = with_airports().await?;
    assert!(matches!(import(&test.db, PATTERNS, FROM, 0).await, Err(ImportError::Days(0))));
    assert!(matches!(import(&test.db, PATTERNS, FROM, 367).await, Err(ImportError::Days(367))));
    assert!(matches!(import(&test.db, PATTERNS, Date::MAX, 2).await, Err(ImportError::Schedule(_))));
    let cut = import_bytes(&test.db, &[0x1F, 0x8B, 8, 0], b"", FROM, 7).await;
    assert!(matches!(cut, Err(ImportError::Gzip { .. })));
    assert_eq!(number(&test.db, FLIGHTS).await?, 0);
    Ok(())
}

#[tokio::test]
async fn gzip_is_recognised_and_fares_are_optional() -> anyhow::Result<()> {
    let test = with_airports().await?;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    write!(packed, "{HEADER}\n{PATTERNS}")?;
    let bytes = packed.finish()?;
    let timetable = File { name: "timetable.csv.gz", bytes: &bytes };
    let input = TimetableImport { timetable, market_fares: None, from: FROM, days: 7 };
    let report = import_timetable(&test.db, Timestamp::UNIX_EPOCH, input, &|_| ()).await?;
    assert_eq!((report.flights_added, report.ratios_changed), (19, 0));
    Ok(())
}

/// The real network: a week of it is what the file's note of origin says.
#[tokio::test]
async fn a_week_of_the_demo_airline() -> anyhow::Result<()> {
    let test = TestDb::new(MIGRATIONS).await?;
    let airports = File { name: "airports.csv", bytes: include_bytes!("../../../../../data/airports.csv") };
    assert_eq!(import_airports(&test.db, Timestamp::UNIX_EPOCH, airports).await?.airports, 7_884);
    let timetable = include_bytes!("../../../../../data/timetable-us.csv.gz");
    let fares = include_bytes!("../../../../../data/fares-us.csv");
    let report = import_bytes(&test.db, timetable, fares, FROM, 7).await?;
    assert_eq!((report.patterns, report.flights_added), (23_510, 117_592));
    assert_eq!(number(&test.db, "SELECT count(*) FROM airports WHERE weekly_departures > 0").await?, 221);
    Ok(())
}
