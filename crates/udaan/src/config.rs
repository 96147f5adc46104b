//! Reads the configuration: file first, then the environment over it.
//!
//! `UDAAN_<SECTION>__<SETTING>` sets one setting (`UDAAN_HTTP__LISTEN`), `UDAAN_MODE` the mode, and `DATABASE_URL` the
//! database. A value is read as TOML where that makes sense and as plain text otherwise.

mod gateway;
mod protection;

use std::path::Path;

use anyhow::Context;
use platform::config::{CheckIn, Config, Limits, Mode, Support};
use toml::{Table, Value};

/// Reads file and environment.
pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Config> {
    let text = match file {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("configuration {}", path.display()))?
        }
        None => String::new(),
    };
    let name = file.map_or("configuration".to_owned(), |path| path.display().to_string());
    build(&text, &name, std::env::vars())
}

fn build(
    text: &str,
    name: &str,
    environment: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<Config> {
    let mut table: Table = text.parse().with_context(|| name.to_owned())?;
    let mut overridden = Vec::new();
    for (variable, value) in environment {
        if variable == "DATABASE_URL" {
            set(&mut table, &["database", "url"], Value::String(value));
        } else if let Some(path) =
            variable.strip_prefix("UDAAN_").filter(|path| *path == "MODE" || path.contains("__"))
        {
            let path: Vec<String> = path.split("__").map(str::to_lowercase).collect();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            set(&mut table, &path, value_of(&value));
        } else {
            continue;
        }
        overridden.push(variable);
    }
    let demo = table.get("mode").and_then(Value::as_str) == Some("demo");
    let hint =
        if overridden.is_empty() { String::new() } else { format!(" (with {})", overridden.join(", ")) };
    if demo {
        protection::open_up(&mut table);
        widen_limits(&mut table);
        know_the_test_gateway(&mut table);
    }
    let config: Config =
        table.try_into().with_context(|| format!("{name}{hint}; udaan.example.toml lists every setting"))?;
    check(&config)?;
    Ok(config)
}

/// A demo's limits are wide, each unless it was set.
fn widen_limits(table: &mut Table) {
    let demo = Limits::DEMO;
    let wide: [(&str, &[(&str, u32)]); 3] = [
        (
            "limits",
            &[
                ("search_per_second", demo.search_per_second),
                ("accounts_per_hour", demo.accounts_per_hour),
                ("codes_per_hour", demo.codes_per_hour),
                ("sales_per_second", demo.sales_per_second),
                ("exports_per_hour", demo.exports_per_hour),
                ("live_per_second", demo.live_per_second),
                ("other_per_second", demo.other_per_second),
                ("record_misses_per_hour", demo.record_misses_per_hour.into()),
                ("expired_holds", demo.expired_holds.into()),
                ("given_up_holds", demo.given_up_holds.into()),
                ("declines", demo.declines.into()),
            ],
        ),
        ("admission", &[("most", DEMO_CROWD), ("least", DEMO_CROWD), ("search_wait_ms", DEMO_PATIENCE)]),
        ("http", &[("connections_per_address", DEMO_CROWD)]),
    ];
    for (section, settings) in wide {
        let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(inner) = inner {
            for (name, value) in settings {
                inner.entry(*name).or_insert(Value::Integer((*value).into()));
            }
        }
    }
}

/// A demo, and what measures it, comes from one address in any number.
const DEMO_CROWD: u32 = 10_000;
/// How long a search waits in a demo, milliseconds.
const DEMO_PATIENCE: u32 = 500;

/// What the test gateway of a demo signs its webhooks with, unless something else was set. Anyone may know it, so it is
/// no default outside a demo.
const DEMO_WEBHOOK_SECRET: &str = "whsec_udaan";

fn know_the_test_gateway(table: &mut Table) {
    let gateway = table.entry("gateway").or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(gateway) = gateway {
        let secrets = || Value::Array(vec![Value::String(DEMO_WEBHOOK_SECRET.to_owned())]);
        gateway.entry("webhook_secrets").or_insert_with(secrets);
    }
}

/// Longest span that is set in minutes: a week.
const MINUTES_MAX: i64 = 7 * 24 * 60;

/// Longest life of an access token where it matters.
const TOKEN_MINUTES_MAX: i64 = 60;

/// Settings that contradict each other are refused at start, not discovered at night.
fn check(config: &Config) -> anyhow::Result<()> {
    for (name, minutes) in [
        ("auth.token_minutes", config.auth.token_minutes),
        ("booking.hold_minutes", config.booking.hold_minutes),
        ("booking.payment_minutes", config.booking.payment_minutes),
        ("booking.offer_minutes", config.booking.offer_minutes),
        ("booking.quote_minutes", config.booking.quote_minutes),
    ] {
        anyhow::ensure!((1..=MINUTES_MAX).contains(&minutes), "{name} is 1 to {MINUTES_MAX} minutes");
    }
    // What ends a session is remembered for as long as its tokens live, and a stolen one is good for as long where nobody notices.
    anyhow::ensure!(
        config.mode == Mode::Demo || config.auth.token_minutes <= TOKEN_MINUTES_MAX,
        "auth.token_minutes is at most {TOKEN_MINUTES_MAX} outside a demo; programs get the next token with their refresh token"
    );
    let close = config.booking.sales_close_minutes;
    anyhow::ensure!((0..=MINUTES_MAX).contains(&close), "booking.sales_close_minutes is 0 to {MINUTES_MAX}");
    let frozen = config.booking.frozen_minutes;
    anyhow::ensure!((0..=MINUTES_MAX).contains(&frozen), "booking.frozen_minutes is 0 to {MINUTES_MAX}");
    anyhow::ensure!((0..=14 * 24).contains(&config.booking.choice_hours), "booking.choice_hours is 0 to 336");
    anyhow::ensure!(
        (0..=100).contains(&config.booking.live_holds),
        "booking.live_holds is 1 to 100, or 0 for any number"
    );
    anyhow::ensure!(config.booking.ticket_prefix <= 999, "booking.ticket_prefix is three digits, 0 to 999");
    anyhow::ensure!(
        config.booking.child_percent <= 100 && config.booking.infant_percent <= 100,
        "booking.child_percent and infant_percent are 0 to 100"
    );
    anyhow::ensure!(
        config.database.lock_ms < config.http.handler_seconds.saturating_mul(1_000),
        "database.lock_ms must be shorter than http.handler_seconds, or a request ends before its lock does"
    );
    anyhow::ensure!(
        config.gateway.timeout_ms < config.http.handler_seconds.saturating_mul(1_000),
        "gateway.timeout_ms must be shorter than http.handler_seconds"
    );
    for (currency, from) in &config.refunds.second_person_from {
        anyhow::ensure!(*from >= 0, "refunds.second_person_from.{currency} is 0 or more, in minor units");
    }
    for (currency, least) in &config.gateway.minimum_amounts {
        anyhow::ensure!(*least >= 0, "gateway.minimum_amounts.{currency} is 0 or more, in minor units");
    }
    gateway::check(config)?;
    check_check_in(&config.check_in)?;
    check_reviews(&config.reviews)?;
    check_support(&config.support)?;
    check_tracking(&config.tracking)?;
    check_live(config)?;
    check_limits(config)?;
    check_push(config)?;
    protection::check(config)?;
    anyhow::ensure!((1..=120_000).contains(&config.mail.timeout_ms), "mail.timeout_ms is 1 to 120000");
    anyhow::ensure!((1..=3_650).contains(&config.mail.keep_days), "mail.keep_days is 1 to 3650");
    anyhow::ensure!((1..=3_650).contains(&config.notify.keep_days), "notify.keep_days is 1 to 3650");
    let reminder = i64::from(config.notify.reminder_minutes);
    anyhow::ensure!((1..=MINUTES_MAX).contains(&reminder), "notify.reminder_minutes is 1 to {MINUTES_MAX}");
    check_events(config)?;
    anyhow::ensure!(
        config.mode == Mode::Demo || !config.keys.file.is_empty(),
        "keys.file is needed; `udaan keys FILE` makes one (mode = \"demo\" makes its own)"
    );
    Ok(())
}

/// What is told to programs.
fn check_events(config: &Config) -> anyhow::Result<()> {
    // Deliveries are tried for three days, and the answer to a test is waited for.
    for (name, days) in
        [("events.keep_days", config.events.keep_days), ("webhooks.log_days", config.webhooks.log_days)]
    {
        anyhow::ensure!((4..=3_650).contains(&days), "{name} is 4 to 3650 days");
    }
    anyhow::ensure!((1..=60_000).contains(&config.events.relay_ms), "events.relay_ms is 1 to 60000");
    anyhow::ensure!(
        config.webhooks.answer_ms > 0
            && config.webhooks.answer_ms < config.http.handler_seconds.saturating_mul(1_000),
        "webhooks.answer_ms must be shorter than http.handler_seconds"
    );
    Ok(())
}

fn check_reviews(reviews: &platform::config::Reviews) -> anyhow::Result<()> {
    anyhow::ensure!((1..=365).contains(&reviews.write_days), "reviews.write_days is 1 to 365");
    anyhow::ensure!(reviews.edit_days <= 365, "reviews.edit_days is 0 to 365");
    Ok(())
}

fn check_push(config: &Config) -> anyhow::Result<()> {
    let push = &config.push;
    anyhow::ensure!((1..=1_000).contains(&push.browsers), "push.browsers is 1 to 1000");
    anyhow::ensure!((1..=60_000).contains(&push.answer_ms), "push.answer_ms is 1 to 60000");
    for service in &push.services {
        let host = service.strip_prefix("*.").unwrap_or(service);
        let is_host = host.contains('.') || config.push.allow_private;
        anyhow::ensure!(
            is_host && !host.contains(['*', '/', ':']),
            "push.services has {service:?}; hosts are such as \"push.example.com\" or \"*.push.example.com\""
        );
    }
    let contact = &push.contact;
    anyhow::ensure!(
        contact.is_empty() || contact.starts_with("mailto:") || contact.starts_with("https://"),
        "push.contact is {contact:?}; it begins with mailto: or https://"
    );
    Ok(())
}

fn check_tracking(tracking: &platform::config::Tracking) -> anyhow::Result<()> {
    anyhow::ensure!((1..=1_000).contains(&tracking.watches), "tracking.watches is 1 to 1000");
    anyhow::ensure!((1..=62).contains(&tracking.range_days), "tracking.range_days is 1 to 62");
    anyhow::ensure!((1..=3_650).contains(&tracking.keep_days), "tracking.keep_days is 1 to 3650");
    Ok(())
}

fn check_live(config: &Config) -> anyhow::Result<()> {
    let live = &config.live;
    for (name, count) in [
        ("sockets", live.sockets),
        ("sockets_per_account", live.sockets_per_account),
        ("topics", live.topics),
        ("queue", live.queue),
    ] {
        anyhow::ensure!((1..=100_000).contains(&count), "live.{name} is 1 to 100000");
    }
    anyhow::ensure!((1..=600).contains(&live.ping_seconds), "live.ping_seconds is 1 to 600");
    anyhow::ensure!((1..=10_000).contains(&live.poll_ms), "live.poll_ms is 1 to 10000");
    anyhow::ensure!((1..=10_080).contains(&live.keep_minutes), "live.keep_minutes is 1 to 10080");
    // What ends a session is remembered for as long as its tokens live.
    anyhow::ensure!(
        live.life_minutes >= 1 && i64::try_from(live.life_minutes)? <= config.auth.token_minutes,
        "live.life_minutes is 1 to auth.token_minutes: a socket lives no longer than an access token"
    );
    Ok(())
}

/// Windows that never open, or close at the counter before they do for travellers.
fn check_check_in(check_in: &CheckIn) -> anyhow::Result<()> {
    for (closes, counter) in [
        (check_in.closes_minutes, check_in.counter_closes_minutes),
        (check_in.closes_minutes_international, check_in.counter_closes_minutes_international),
    ] {
        anyhow::ensure!(
            i64::from(check_in.opens_minutes) <= 2 * MINUTES_MAX
                && check_in.opens_minutes > closes
                && closes >= counter,
            "check_in.opens_minutes is at most {}, and more than closes_minutes, which is no less than counter_closes_minutes",
            2 * MINUTES_MAX
        );
    }
    anyhow::ensure!(check_in.passport_months <= 24, "check_in.passport_months is 0 to 24");
    let days = check_in.keep_documents_days;
    anyhow::ensure!((1..=3_650).contains(&days), "check_in.keep_documents_days is 1 to 3650");
    Ok(())
}

/// Tickets that nobody could open, and files that no request can carry.
fn check_support(support: &Support) -> anyhow::Result<()> {
    for (name, hours) in
        [("answer_hours", support.answer_hours), ("urgent_answer_hours", support.urgent_answer_hours)]
    {
        anyhow::ensure!((1..=24 * 60).contains(&hours), "support.{name} is 1 to 1440");
    }
    anyhow::ensure!(support.reopen_days <= 365, "support.reopen_days is 0 to 365");
    anyhow::ensure!(
        (support.reopen_days..=3_650).contains(&support.keep_days),
        "support.keep_days is support.reopen_days to 3650"
    );
    anyhow::ensure!((1..=1_000).contains(&support.open_tickets), "support.open_tickets is 1 to 1000");
    let most = 32 * 1024 * 1024;
    anyhow::ensure!(
        (1..=most).contains(&support.attachment_bytes),
        "support.attachment_bytes is 1 to {most}"
    );
    Ok(())
}

/// Limits that would let nobody in, and time-outs in the wrong order.
fn check_limits(config: &Config) -> anyhow::Result<()> {
    let (http, admission) = (&config.http, &config.admission);
    let handler_ms = http.handler_seconds.saturating_mul(1_000);
    for (name, ms) in [
        ("database.statement_ms", config.database.statement_ms),
        ("database.wait_ms", config.database.wait_ms),
        ("admission.target_ms", admission.target_ms),
        ("admission.search_wait_ms", admission.search_wait_ms),
    ] {
        anyhow::ensure!((1..handler_ms).contains(&ms), "{name} must be shorter than http.handler_seconds");
    }
    anyhow::ensure!(
        admission.least >= 1 && admission.least <= admission.most,
        "admission.least is 1 to admission.most"
    );
    anyhow::ensure!(
        (1..=64).contains(&admission.searches_per_processor),
        "admission.searches_per_processor is 1 to 64"
    );
    let shares = [admission.export_percent, admission.search_percent, admission.manage_percent];
    anyhow::ensure!(
        shares.is_sorted() && shares.iter().all(|share| (1..=100).contains(share)),
        "admission.export_percent, search_percent and manage_percent are 1 to 100, each no less than the one before"
    );
    for origin in &http.cors_origins {
        // What a browser sends: scheme and host, no path, no wildcard (RFC 6454 section 7).
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).unwrap_or("");
        let plain =
            host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b));
        anyhow::ensure!(
            plain && !host.is_empty(),
            "http.cors_origins: {origin:?} is no origin; it looks like \"https://partner.example\""
        );
    }
    anyhow::ensure!((4..=1_000).contains(&http.json_depth), "http.json_depth is 4 to 1000");
    for (name, least, value) in [
        ("http.body_bytes", 1, http.body_bytes),
        ("http.json_items", 1, http.json_items),
        ("http.headers", 16, http.headers),
        ("http.header_bytes", 4_096, http.header_bytes),
        ("http.connections", 1, http.connections),
        ("http.connections_per_address", 1, http.connections_per_address),
    ] {
        anyhow::ensure!(value >= least, "{name} is at least {least}");
    }
    let breakers = &config.breakers;
    anyhow::ensure!((1..=3_600).contains(&breakers.window_seconds), "breakers.window_seconds is 1 to 3600");
    anyhow::ensure!((1..=100).contains(&breakers.error_percent), "breakers.error_percent is 1 to 100");
    anyhow::ensure!(
        breakers.open_seconds <= breakers.open_seconds_most && breakers.open_seconds_most <= 3_600,
        "breakers.open_seconds is at most breakers.open_seconds_most, and that at most 3600"
    );
    anyhow::ensure!((1..=120).contains(&http.header_seconds), "http.header_seconds is 1 to 120");
    anyhow::ensure!((1..=1_000).contains(&config.limits.client_factor), "limits.client_factor is 1 to 1000");
    Ok(())
}

fn value_of(text: &str) -> Value {
    let parsed = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn set(table: &mut Table, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            table.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let inner = table.entry((*first).to_owned()).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        pairs.into_iter()
    }

    #[test]
    fn the_example_is_complete_and_has_the_defaults() {
        let example = include_str!("../../../udaan.example.toml");
        let mut read = build(example, "udaan.example.toml", environment(&[])).expect("the example is valid");
        assert_eq!(read.keys.file, "/etc/udaan/keys.toml");
        read.keys.file = String::new();
        assert_eq!(
            format!("{read:#?}"),
            format!("{:#?}", Config::default()),
            "the example shows the defaults"
        );
        // Every setting is in it: a file of defaults, written out, has no line the example lacks.
        let debug = format!("{:#?}", Config::default());
        for setting in debug.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name) {
            let mentioned = example.lines().any(|line| {
                let line = line.trim_start_matches(['#', ' ', '[']);
                line.strip_prefix(setting).is_some_and(|rest| rest.starts_with([' ', '=', ']']))
            });
            assert!(mentioned, "udaan.example.toml does not mention {setting}");
        }
    }

    #[test]
    fn the_environment_wins() {
        let file = "mode = \"demo\"\n[http]\nlisten = \"1.2.3.4:80\"\nbody_bytes = 10\n";
        let config = build(
            file,
            "test",
            environment(&[
                ("UDAAN_HTTP__LISTEN", "127.0.0.1:9"),
                ("DATABASE_URL", "postgresql://x/y"),
                ("UDAAN_TEST_DATABASE_URL", "z"),
            ]),
        )
        .expect("valid");
        assert_eq!(config.http.listen, "127.0.0.1:9");
        assert_eq!(config.http.body_bytes, 10);
        assert_eq!(config.database.url, "postgresql://x/y");
        assert_eq!(config.limits.accounts_per_hour, Limits::DEMO.accounts_per_hour);
        let one = build("mode = \"demo\"\n[limits]\nsearch_per_second = 3\n", "test", environment(&[]))
            .expect("valid");
        assert_eq!(
            (one.limits.search_per_second, one.limits.accounts_per_hour),
            (3, Limits::DEMO.accounts_per_hour)
        );
    }

    #[test]
    fn only_a_demo_believes_the_test_gateways_webhooks() {
        let secrets = |file: &str| {
            let config = build(file, "test", environment(&[])).expect("valid");
            config.gateway.webhook_secrets
        };
        assert_eq!(secrets("mode = \"demo\"\n"), [DEMO_WEBHOOK_SECRET]);
        let own = "[gateway]\nwebhook_secrets = [\"whsec_mine\"]\n";
        assert_eq!(secrets(&format!("mode = \"demo\"\n{own}")), ["whsec_mine"]);
        assert!(secrets("[keys]\nfile = \"keys.toml\"\n").is_empty());
    }

    #[test]
    fn a_provider_is_a_table_and_its_secret_may_come_from_the_environment() {
        let file = "mode = \"demo\"\n[[auth.providers]]\nid = \"my_id\"\nlabel = \"Mine\"\nissuer = \"https://id.example\"\n";
        let secret = ("UDAAN_AUTH__PROVIDER_SECRETS__MY_ID", "s3cret");
        let auth = build(file, "test", environment(&[secret])).expect("valid").auth;
        assert_eq!(auth.providers[0].scopes, ["openid", "email", "profile"]);
        assert_eq!(auth.provider_secrets["my_id"], "s3cret");
    }

    #[test]
    fn mistakes_are_named() {
        for (file, word) in [
            ("mode = \"demo\"\n[http]\nlisen = \"x\"\n", "lisen"),
            ("mode = \"dmeo\"\n", "dmeo"),
            ("", "keys.file"),
            ("mode = \"demo\"\n[booking]\nhold_minutes = -1\n", "hold_minutes"),
            ("mode = \"demo\"\n[database]\nlock_ms = 60000\n", "lock_ms"),
            ("mode = \"demo\"\n[database]\nstatement_ms = 10000\n", "statement_ms"),
            ("mode = \"demo\"\n[admission]\nmost = 8\nleast = 9\n", "admission.least"),
            ("mode = \"demo\"\n[admission]\nsearch_percent = 95\n", "search_percent"),
            ("mode = \"demo\"\n[admission]\nsearch_wait_ms = 0\n", "search_wait_ms"),
            ("mode = \"demo\"\n[admission]\nsearches_per_processor = 0\n", "searches_per_processor"),
            ("mode = \"demo\"\n[http]\nheader_seconds = 0\n", "header_seconds"),
            ("mode = \"demo\"\n[http]\ncors_origins = [\"*\"]\n", "cors_origins"),
            ("mode = \"demo\"\n[http]\ncors_origins = [\"https://a.example/\"]\n", "cors_origins"),
            ("[gateway]\nfields = \"own\"\n", "gateway.fields"),
            ("mode = \"demo\"\n[events]\nkeep_days = 3\n", "keep_days"),
            ("mode = \"demo\"\n[notify]\nreminder_minutes = 0\n", "reminder_minutes"),
            ("mode = \"demo\"\n[live]\nlife_minutes = 16\n", "life_minutes"),
            ("mode = \"demo\"\n[webhooks]\nanswer_ms = 10000\n", "answer_ms"),
        ] {
            let error = format!("{:#}", build(file, "test", environment(&[])).expect_err("a mistake"));
            assert!(error.contains(word), "{error}");
        }
    }
}
