//! The demo airline: a real timetable on sale, and two people who may log in. Its logins exist nowhere else.

use std::path::Path;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::tz::TimeZone;
use kernel::Clock;
use platform::clock::SystemClock;
use platform::config::{Config, Mode};
use server::App;
use server::identity::api::{NewAccount, Role, create_account};

use crate::{import, keys};

/// Who may log in to the demo: address, password, name, role. README.md and `./dev run` print them.
const LOGINS: [(&str, &str, &str, Role); 2] = [
    ("traveller@demo.udaan.example", "fly-with-udaan-today", "Demo Traveller", Role::Traveller),
    ("admin@demo.udaan.example", "run-the-airline-today", "Demo Admin", Role::Admin),
];

/// Imports what is missing, up to `days` days from tomorrow.
pub(crate) async fn import(config: &Config, data: &Path, days: u16) -> anyhow::Result<()> {
    anyhow::ensure!(
        config.mode == Mode::Demo,
        "demo logins with known passwords belong to a demonstration only: set mode = \"demo\" (UDAAN_MODE=demo) if this is one"
    );
    import::airports(config, &data.join("airports.csv")).await?;
    import::fare_families(config, &data.join("fare-families.csv")).await?;
    import::taxes(config, &data.join("taxes.csv")).await?;
    import::refund_rules(config, &data.join("refund-rules.csv")).await?;
    import::seat_maps(config, &data.join("seat-maps.csv")).await?;
    import::extras(config, &data.join("extras.csv"), true).await?;
    import::demo_promotions(config, &data.join("promotions.csv")).await?;
    let fares = data.join("fares-us.csv");
    // Tomorrow by the earliest clock in the network; the day before is on sale already when this runs daily.
    let tomorrow = SystemClock.now().to_zoned(TimeZone::UTC).date().checked_add(1.day())?;
    import::timetable(config, &data.join("timetable-us.csv.gz"), tomorrow, days, Some(&fares)).await?;
    accounts(config).await
}

async fn accounts(config: &Config) -> anyhow::Result<()> {
    let app = App::new(config.clone(), keys::load(config)?, Arc::new(SystemClock))?;
    for (email, password, name, role) in LOGINS {
        let account = NewAccount { email: email.into(), password: password.into(), name: name.into(), role };
        match create_account(&app, account).await {
            Ok(_) => println!("demo login {email} created"),
            Err(problem) if problem.code == "email_taken" => {}
            Err(problem) => anyhow::bail!("demo login {email}: {} {:?}", problem.code, problem.cause()),
        }
    }
    Ok(())
}
