//! `udaan import`: files into the database, with progress for people.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use kernel::Clock;
use platform::clock::SystemClock;
use platform::config::Config;
use platform::db::Db;
use server::check_in::import::import_check_in_policies;
use server::extras::import::{has_extras, import_extras, import_seat_maps};
use server::flights::import::{
    File, FilingReport, Progress, TimetableImport, import_airports, import_connection_times,
    import_fare_families, import_refund_rules, import_taxes, import_timetable,
};
use server::promotions::import::{has_promotions, import_promotions};

/// `udaan import airports`.
pub(crate) async fn airports(config: &Config, path: &Path) -> anyhow::Result<()> {
    let db = Db::new(&config.database)?;
    let bytes = read(path)?;
    let report = import_airports(&db, SystemClock.now(), File { name: &name(path), bytes: &bytes }).await?;
    println!("{} airports in {}, {} of them new or changed", report.airports, name(path), report.changed);
    Ok(())
}

/// `udaan import fare-families`.
pub(crate) async fn fare_families(config: &Config, path: &Path) -> anyhow::Result<()> {
    let (db, bytes) = (Db::new(&config.database)?, read(path)?);
    let file_name = name(path);
    let file = File { name: &file_name, bytes: &bytes };
    let report = import_fare_families(&db, SystemClock.now(), file).await?;
    tell(report, "fare families", &file_name);
    Ok(())
}

/// `udaan import taxes`.
pub(crate) async fn taxes(config: &Config, path: &Path) -> anyhow::Result<()> {
    let (db, bytes) = (Db::new(&config.database)?, read(path)?);
    let file_name = name(path);
    let report = import_taxes(&db, SystemClock.now(), File { name: &file_name, bytes: &bytes }).await?;
    tell(report, "taxes and charges", &file_name);
    Ok(())
}

/// `udaan import refund-rules`.
pub(crate) async fn refund_rules(config: &Config, path: &Path) -> anyhow::Result<()> {
    let (db, bytes) = (Db::new(&config.database)?, read(path)?);
    let file_name = name(path);
    let report =
        import_refund_rules(&db, SystemClock.now(), File { name: &file_name, bytes: &bytes }).await?;
    tell(report, "refund rules", &file_name);
    Ok(())
}

/// `udaan import seat-maps`.
pub(crate) async fn seat_maps(config: &Config, path: &Path) -> anyhow::Result<()> {
    let (db, bytes) = (Db::new(&config.database)?, read(path)?);
    let file_name = name(path);
    let report = import_seat_maps(&db, SystemClock.now(), File { name: &file_name, bytes: &bytes }).await?;
    tell(report, "seat maps", &file_name);
    Ok(())
}

/// `udaan import extras`; with `only_first`, unless there are some already: staff edit them.
pub(crate) async fn extras(config: &Config, path: &Path, only_first: bool) -> anyhow::Result<()> {
    let (db, bytes) = (Db::new(&config.database)?, read(path)?);
    let file_name = name(path);
    if only_first && has_extras(&db).await? {
        println!("the catalogue has extras; {file_name} is left alone");
        return Ok(());
    }
    let report = import_extras(&db, SystemClock.now(), File { name: &file_name, bytes: &bytes }).await?;
    tell(report, "extras", &file_name);
    Ok(())
}

/// `udaan import check-in-policies`.
pub(crate) async fn check_in_policies(config: &Config, path: &Path) -> anyhow::Result<()> {
    let (db, bytes) = (Db::new(&config.database)?, read(path)?);
    let file_name = name(path);
    let file = File { name: &file_name, bytes: &bytes };
    let report = import_check_in_policies(&db, SystemClock.now(), file).await?;
    tell(report, "check-in policies", &file_name);
    Ok(())
}

/// `udaan import promotions`.
pub(crate) async fn promotions(config: &Config, path: &Path) -> anyhow::Result<()> {
    let (db, bytes) = (Db::new(&config.database)?, read(path)?);
    let file_name = name(path);
    let report = import_promotions(&db, SystemClock.now(), File { name: &file_name, bytes: &bytes }).await?;
    tell(report, "promotions", &file_name);
    Ok(())
}

/// The demo's promotions, unless there are some: staff edit them, and its file does not undo that.
pub(crate) async fn demo_promotions(config: &Config, path: &Path) -> anyhow::Result<()> {
    if has_promotions(&Db::new(&config.database)?).await? {
        return Ok(());
    }
    promotions(config, path).await
}

fn tell(report: FilingReport, what: &str, file: &str) {
    let done = if report.changed { "filed" } else { "nothing has changed" };
    println!("{} {what} in {file}: {done}", report.rows);
}

/// `udaan import timetable`.
pub(crate) async fn timetable(
    config: &Config,
    path: &Path,
    from: Date,
    days: u16,
    fares: Option<&Path>,
) -> anyhow::Result<()> {
    let db = Db::new(&config.database)?;
    let started = Instant::now();
    let bytes = read(path)?;
    let fares = fares.map(|path| Ok::<_, anyhow::Error>((name(path), read(path)?))).transpose()?;
    let file_name = name(path);
    let input = TimetableImport {
        timetable: File { name: &file_name, bytes: &bytes },
        market_fares: fares.as_ref().map(|(name, bytes)| File { name, bytes }),
        from,
        days,
    };
    let bar = Bar::new();
    let report = import_timetable(&db, SystemClock.now(), input, &|progress| bar.show(progress)).await;
    bar.clear();
    let report = report?;
    println!(
        "{} flights put on sale with {} cabins, {} were there already; {} patterns, {days} days from {from}, {:.1} s",
        report.flights_added,
        report.cabins_added,
        report.flights_kept,
        report.patterns,
        started.elapsed().as_secs_f64(),
    );
    Ok(())
}

/// `udaan import connection-times`.
pub(crate) async fn connection_times(config: &Config, path: &Path) -> anyhow::Result<()> {
    let db = Db::new(&config.database)?;
    let bytes = read(path)?;
    let file = File { name: &name(path), bytes: &bytes };
    let report = import_connection_times(&db, SystemClock.now(), file).await?;
    let outcome = if report.changed { "filed" } else { "filed already; nothing changed" };
    println!("{} exceptions to the minimum connection times in {}, {outcome}", report.exceptions, name(path));
    Ok(())
}

pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// A bar on a terminal, and a line now and then elsewhere.
struct Bar {
    bar: ProgressBar,
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg:24} {bar:40} {pos}/{len} days  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        bar.set_message("reading the files");
        Self { bar }
    }

    fn show(&self, progress: Progress) {
        let message = match progress {
            Progress::Checked { days } => {
                self.bar.set_length(days.into());
                "writing flights".to_owned()
            }
            Progress::Written { days, flights } => {
                self.bar.set_position(days.into());
                format!("{flights} flights")
            }
            Progress::Indexing => "building indexes".to_owned(),
            Progress::Analysing => "gathering statistics".to_owned(),
        };
        let tell = !matches!(progress, Progress::Written { days, .. } if days % 15 != 0);
        if self.bar.is_hidden() && tell {
            eprintln!("import: {message}");
        }
        self.bar.set_message(message);
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
