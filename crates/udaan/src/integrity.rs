//! `udaan integrity`: what must always be true, asked of the stored data.

use std::process::ExitCode;

use kernel::Clock;
use platform::clock::SystemClock;
use platform::config::Config;
use platform::db::Db;
use server::integrity::api::{Finding, check};

/// Prints each invariant and where it is broken. Fails if any is.
pub(crate) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let findings = check(&Db::new(&config.database)?, SystemClock.now(), config.booking.choice_hours).await?;
    for finding in &findings {
        tell(finding);
    }
    let broken = findings.iter().filter(|finding| finding.broken > 0).count();
    println!("{} invariants hold, {broken} are broken", findings.len() - broken);
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(finding: &Finding) {
    let Finding { invariant, broken, examples } = finding;
    if *broken == 0 {
        println!("ok      {:<26} {}", invariant.name, invariant.says);
        return;
    }
    println!("BROKEN  {:<26} {}", invariant.name, invariant.says);
    for example in examples {
        println!("          {example}");
    }
    if *broken > examples.len() {
        println!("          and {} more", broken - examples.len());
    }
}
