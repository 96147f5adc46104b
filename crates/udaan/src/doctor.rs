//! `udaan doctor`: what is wrong, and what to do about it.

use std::process::ExitCode;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use platform::clock::SystemClock;
use platform::config::{Config, Mode};
use platform::db::{self, Db, pending_migrations, server_version};
use server::boarding::api::Wallets;
use server::identity::api::Providers;
use server::mail::api::Mailer;
use server::migrations::MIGRATIONS;
use server::payments::api::GatewayClient;

use crate::keys;

/// Checks one thing after the other; exit code 1 if anything is wrong.
pub(crate) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let mut report = Report { wrong: 0 };
    report.check("configuration", Ok("valid".into()));
    report.check("keys", keys::load(config).map(|_| "readable".into()));
    let db = Db::new(&config.database)?;
    match server_version(&db).await {
        Ok((version, clock)) => {
            report.check("database", check_version(version));
            report.check("way to it", check_way(config));
            report.check("clock", check_clock(clock));
            report.check("schema", check_schema(&db).await);
            report.check("timetable", check_timetable(&db).await);
            report.check("role", check_role(&db, config.mode).await);
        }
        Err(error) => {
            let advice = "is PostgreSQL running, and database.url (or DATABASE_URL) right?";
            report.check("database", Err(anyhow::Error::from(error).context(advice)));
        }
    }
    report.check("gateway", check_gateway(config).await);
    report.check("mail", check_mail(config).await);
    report.check("wallets", check_wallets(config, SystemClock.now()));
    check_providers(config, &mut report).await;
    Ok(if report.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Report {
    wrong: u32,
}

impl Report {
    fn check(&mut self, what: &str, result: anyhow::Result<String>) {
        match result {
            Ok(found) => println!("ok     {what}: {found}"),
            Err(error) => {
                self.wrong += 1;
                println!("WRONG  {what}: {error:#}");
            }
        }
    }
}

/// Names, passports and cards' owners travel there.
fn check_way(config: &Config) -> anyhow::Result<String> {
    let open = db::is_in_the_open(&config.database.url);
    anyhow::ensure!(
        !open || config.mode == Mode::Demo,
        "others on the network can read what is asked of the database: add sslmode=require to database.url, and database.ca_file"
    );
    Ok(if open { "in the clear, as a demo may".into() } else { "not open to others".into() })
}

fn check_version(version: i32) -> anyhow::Result<String> {
    anyhow::ensure!(version >= 150_000, "PostgreSQL 15 or newer is needed, this is {}", version / 10_000);
    Ok(format!("PostgreSQL {}.{}", version / 10_000, version % 10_000))
}

fn check_clock(server: Timestamp) -> anyhow::Result<String> {
    let skew = SystemClock.now().duration_since(server).abs();
    anyhow::ensure!(
        skew < SignedDuration::from_secs(2),
        "this machine and the database differ by {} s; holds and offers expire by one and are written by the other: set up NTP",
        skew.as_secs()
    );
    Ok(format!("within {} ms of the database", skew.as_millis()))
}

async fn check_schema(db: &Db) -> anyhow::Result<String> {
    let pending = pending_migrations(db, MIGRATIONS).await?;
    anyhow::ensure!(pending.is_empty(), "{} not applied; run `udaan migrate`", pending.join(", "));
    Ok(format!("{} migrations applied", MIGRATIONS.len()))
}

/// Whether whoever breaks into what serves could rewrite the ledger and the audit.
async fn check_role(db: &Db, mode: Mode) -> anyhow::Result<String> {
    let tables = db::rewritable(&db.read().await?).await?.join(", ");
    anyhow::ensure!(
        tables.is_empty() || mode == Mode::Demo,
        "it can change or delete what is in {tables}: use one that `udaan serving-role NAME` makes"
    );
    Ok(if tables.is_empty() {
        "adds to the ledger and the audit, and can change nothing in them".into()
    } else {
        format!("can change or delete what is in {tables}, as a demo's may")
    })
}

async fn check_timetable(db: &Db) -> anyhow::Result<String> {
    let last = server::flights::api::last_departure(&db.read().await?).await?;
    match last {
        None => anyhow::bail!("no flights; run `udaan import demo` or `udaan import timetable`"),
        Some(last) if last < SystemClock.now() => {
            anyhow::bail!("the last flight departed {last}; import more")
        }
        Some(last) => Ok(format!("on sale until {last}")),
    }
}

async fn check_gateway(config: &Config) -> anyhow::Result<String> {
    let url = &config.gateway.url;
    let advice = || format!("{url}; `udaan gateway` runs the test gateway, gateway.url names another");
    GatewayClient::new(&config.gateway, &config.breakers)?.check().await.with_context(advice)?;
    Ok(format!("{url} answers and takes our key"))
}

/// Whether each provider of identities answers, and says who it is.
async fn check_providers(config: &Config, report: &mut Report) {
    let providers = match Providers::new(config) {
        Ok(providers) => providers,
        Err(error) => return report.check("providers", Err(error)),
    };
    for (id, found) in providers.check(SystemClock.now()).await {
        let told = found.map(|()| "says who it is and has keys".to_owned());
        let advice = "see its issuer, ca_file and allow_private in auth.providers";
        report.check(&format!("provider {id}"), told.map_err(|word| anyhow::anyhow!("{word}; {advice}")));
    }
}

/// Whether telephones take boarding passes into their wallets, as far as that can be known here.
fn check_wallets(config: &Config, now: Timestamp) -> anyhow::Result<String> {
    let wallets = Wallets::new(&config.wallet)?;
    let old = wallets.out_of_date(now);
    anyhow::ensure!(
        old.is_empty(),
        "no telephone takes a boarding pass, as a certificate in wallet is not valid now: {}",
        old.join("; ")
    );
    let tried = wallets.self_tests();
    Ok(if tried.is_empty() {
        "settings and certificates are in order".into()
    } else {
        format!(
            "passes for {} are signed by the self-test: no telephone takes them until wallet is set",
            tried.join(" and ")
        )
    })
}

async fn check_mail(config: &Config) -> anyhow::Result<String> {
    let mailer = Mailer::new(&config.mail, &config.http.public_url, &config.breakers)?;
    if config.mode == Mode::Demo && !mailer.is_configured() {
        return Ok("none; a demo keeps its mails, see GET /admin/mails".into());
    }
    mailer
        .check()
        .await
        .context("without a mail server nobody can confirm an address; is mail.url right?")?;
    Ok(format!("the mail server takes us; mails are from {}", config.mail.from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallets_that_are_a_self_test_are_named_and_certificates_that_are_not_valid_are_wrong() {
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().expect("an instant");
        let mut config = Config::default();
        let found = check_wallets(&config, now).expect("in order");
        assert!(found.contains("for Apple Wallet and Google Wallet are signed by the self-test"), "{found}");
        let file = |name: &str| {
            format!("{}/../server/src/boarding/wallet/self-test/{name}", env!("CARGO_MANIFEST_DIR"))
        };
        config.wallet.apple_certificate_file = file("certificate.pem");
        config.wallet.apple_issuer_file = file("certificate.pem");
        config.wallet.apple_key_file = file("key.pem");
        let found = check_wallets(&config, now).expect("in order");
        assert!(found.contains("for Google Wallet are signed by the self-test"), "{found}");
        let late: Timestamp = "2121-01-01T00:00:00Z".parse().expect("an instant");
        let error = check_wallets(&config, late).expect_err("it is not valid any more").to_string();
        assert!(error.contains("pass.example.udaan.self-test"), "{error}");
    }
}
