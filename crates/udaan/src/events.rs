//! `udaan events tail`: what happened, on a terminal.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kernel::{Clock, EventId};
use platform::clock::SystemClock;
use platform::config::Config;
use platform::db::{Db, Sql};
use platform::outbox::{Event, Filter, Types, between, newest};

/// How long after its recording an event is still looked for: a transaction that takes this long to commit is over.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);
const POLL: Duration = Duration::from_millis(500);
const PAGE: i64 = 500;

/// From when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// So long ago.
    Ago(SignedDuration),
    /// At this time.
    Time(Timestamp),
}

/// Reads `90s`, `15m`, `2h`, `3d` or a time.
pub(crate) fn parse_since(text: &str) -> Result<Since, String> {
    let ago = || {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        let count: u32 = digits.parse().ok()?;
        Some(Since::Ago(SignedDuration::from_secs(i64::from(count) * seconds)))
    };
    let time = || text.parse().ok().map(Since::Time);
    ago().or_else(time).ok_or_else(|| "right would be 90s, 15m, 2h, 3d or 2026-06-01T00:00:00Z".to_owned())
}

/// What to print.
pub(crate) struct Tail {
    pub(crate) since: Option<Since>,
    pub(crate) types: Vec<String>,
    pub(crate) subject: Option<String>,
    pub(crate) lines: i64,
    pub(crate) follow: bool,
    pub(crate) json: bool,
}

/// `udaan events tail`.
pub(crate) async fn tail(config: &Config, tail: Tail) -> anyhow::Result<()> {
    let types = Types::parse(tail.types.iter().map(String::as_str))?;
    let db = Db::new(&config.database)?;
    let started = SystemClock.now();
    let since = match tail.since {
        Some(Since::Ago(ago)) => Some(started.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH)),
        Some(Since::Time(time)) => Some(time),
        None => None,
    };
    let filter = Filter { types, subject: tail.subject, since: None, until: None };
    let mut printer = Printer { json: tail.json, seen: BTreeSet::new() };
    let mut from = since.unwrap_or(started - OVERLAP);
    let read = if since.is_some() {
        printer.print_from(&db.read().await?, &filter, from).await?
    } else {
        let sql = db.read().await?;
        let mut last = newest(&sql, &filter, None, tail.lines).await?;
        last.reverse();
        // What was recorded lately and is not among the last is old news too, when it comes by again.
        let lately = Filter { since: Some(from), ..filter.clone() };
        let read = printer.print(&last)?;
        printer.seen.extend(newest(&sql, &lately, None, i64::MAX).await?.iter().map(|event| event.id));
        read
    };
    if !read || !tail.follow {
        return Ok(());
    }
    loop {
        tokio::time::sleep(POLL).await;
        // Rows become visible when their transactions commit, which is not the order of their ids: so what was recorded
        // lately is read again each time, and what was printed is left out.
        let lately = SystemClock.now() - OVERLAP;
        if !printer.print_from(&db.read().await?, &filter, from.max(lately)).await? {
            return Ok(());
        }
        printer.forget_before(lately);
        from = from.max(lately);
    }
}

struct Printer {
    json: bool,
    /// What was printed and may be read again.
    seen: BTreeSet<EventId>,
}

impl Printer {
    /// Prints everything recorded since `from` that was not printed yet; `false`: nobody reads it any more.
    async fn print_from(&mut self, sql: &Sql, filter: &Filter, from: Timestamp) -> anyhow::Result<bool> {
        let filter = Filter { since: Some(from), ..filter.clone() };
        let mut after = None;
        loop {
            let page = between(sql, &filter, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(true) };
            after = Some(last.id);
            if !self.print(&page)? {
                return Ok(false);
            }
        }
    }

    fn print(&mut self, events: &[Event]) -> anyhow::Result<bool> {
        let mut out = std::io::stdout().lock();
        for event in events {
            if !self.seen.insert(event.id) {
                continue;
            }
            match writeln!(out, "{}", line(event, self.json)?) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(false),
                written => written?,
            }
        }
        Ok(true)
    }

    fn forget_before(&mut self, time: Timestamp) {
        self.seen = self.seen.split_off(&EventId::new(time, [0; 10]));
    }
}

fn line(event: &Event, json: bool) -> anyhow::Result<String> {
    if json {
        return Ok(serde_json::to_string(&event.envelope())?);
    }
    // Half a second ago and waiting: nobody has been told yet.
    let waiting = if event.relayed_at.is_none() { "  (not relayed yet)" } else { "" };
    Ok(format!(
        "{:.3}  {:<18} {:<36}  {}{waiting}",
        event.created_at, event.kind, event.subject, event.payload
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_times_are_read() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h", 7_200), ("3d", 259_200)] {
            assert_eq!(parse_since(text), Ok(Since::Ago(SignedDuration::from_secs(seconds))));
        }
        let time = "2026-06-01T00:00:00Z";
        assert_eq!(parse_since(time), Ok(Since::Time(time.parse().expect("an instant"))));
        for bad in ["", "h", "2", "2w", "-2h", "yesterday", "1.5h", "é"] {
            assert!(parse_since(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_line_reads_alone_and_is_the_envelope_as_json() {
        let event = Event {
            id: EventId::new(Timestamp::UNIX_EPOCH, [0; 10]),
            lane: 0,
            sequence: 7,
            subject: "bkg_1".into(),
            kind: "booking.confirmed".into(),
            version: 1,
            payload: serde_json::json!({"tickets": 1}),
            created_at: Timestamp::UNIX_EPOCH,
            relayed_at: None,
        };
        let text = line(&event, false).expect("a line");
        assert!(text.starts_with("1970-01-01T00:00:00.000Z  booking.confirmed  bkg_1 "), "{text}");
        assert!(text.ends_with(r#"{"tickets":1}  (not relayed yet)"#), "{text}");
        let json: serde_json::Value = serde_json::from_str(&line(&event, true).expect("JSON")).expect("JSON");
        assert_eq!((&json["type"], &json["sequence"]), (&"booking.confirmed".into(), &7.into()));
    }
}
