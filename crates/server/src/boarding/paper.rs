//! Boarding passes on paper: a page for each, with everything a pass must say and its bar code as PDF417.

use documents::{BarCode, Block, Document, PaperError};
use jiff::Timestamp;
use jiff::civil::DateTime;
use kernel::{AirportCode, Cabin};
use platform::messages::Locale;

use super::list::PassView;
use crate::app::App;
use crate::flights::api::local_rfc3339;

/// All passes in one file.
pub(super) fn document(
    app: &App,
    passes: &[PassView],
    (locale, made_at): (Locale, Timestamp),
) -> Result<Document, PaperError> {
    let words = Words { app, locale };
    let locator = passes.first().map_or_else(String::new, |pass| pass.locator.clone());
    let mut blocks = Vec::new();
    for (index, pass) in passes.iter().enumerate() {
        if index > 0 {
            blocks.push(Block::Page);
        }
        blocks.push(Block::Heading(words.heading(pass)));
        blocks.push(Block::Facts(words.facts(pass)));
        blocks.push(Block::BarCode(BarCode::pdf417(&pass.bar_code)?, words.under(pass)));
        blocks.push(Block::Note(words.of("pass-note", &[])));
        blocks.push(Block::Note(words.of("pass-goods", &[])));
    }
    let airline = app.config.booking.airline_name.clone();
    let about = [("airline", airline.clone()), ("locator", locator.clone())];
    let at = words.date("paper-instant", jiff::tz::TimeZone::UTC.to_datetime(made_at));
    Ok(Document {
        language: locale.tag(),
        title: words.of("pass-title", &[]),
        subject: words.of("pass-subject", &about),
        made_at,
        mark: (words.of("paper-reference", &[]), locator.clone()),
        foot: words.of("paper-foot", &[("airline", airline.clone()), ("locator", locator), ("at", at)]),
        counting: words.of("paper-pages", &[("page", "{page}".into()), ("pages", "{pages}".into())]),
        author: airline,
        blocks,
    })
}

/// What a pass is written with.
pub(super) struct Words<'a> {
    pub(super) app: &'a App,
    pub(super) locale: Locale,
}

impl Words<'_> {
    pub(super) fn of(&self, key: &str, args: &[(&'static str, String)]) -> String {
        self.app.messages.text(self.locale, key, args)
    }

    fn date(&self, key: &str, at: DateTime) -> String {
        let month = self.of(&format!("paper-month-{}", at.month()), &[]);
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        let (day, year) = (at.day().to_string(), at.year().to_string());
        self.of(key, &[("day", day), ("month", month), ("year", year), ("time", time)])
    }

    fn airport(&self, code: AirportCode) -> String {
        let directory = self.app.directory.load();
        let city = directory.airport(code).map(|airport| airport.city.clone());
        city.map_or_else(|| code.to_string(), |city| format!("{city} ({code})"))
    }

    fn heading(&self, pass: &PassView) -> String {
        format!("{} · {} – {}", pass.flight_number, self.airport(pass.origin), self.airport(pass.destination))
    }

    /// What a gate that cannot read the code is told.
    pub(super) fn under(&self, pass: &PassView) -> String {
        let name = pass.name();
        let seat = pass.seat.clone().unwrap_or_else(|| "–".to_owned());
        let args = [("name", name), ("flight", pass.flight_number.to_string()), ("seat", seat)];
        self.of("pass-code", &args)
    }

    /// An instant at the airport the flight leaves from, as the API writes times.
    pub(super) fn at_origin(&self, pass: &PassView, at: Timestamp) -> String {
        local_rfc3339(at, &self.app.directory.load().zone(pass.origin))
    }

    /// An airport's city, or its code.
    pub(super) fn city(&self, code: AirportCode) -> String {
        let directory = self.app.directory.load();
        directory.airport(code).map_or_else(|| code.to_string(), |airport| airport.city.clone())
    }

    pub(super) fn seat(&self, pass: &PassView) -> String {
        match (&pass.seat, pass.kind) {
            (_, "infant") => self.of("pass-on-lap", &[]),
            (Some(seat), _) => seat.clone(),
            (None, _) => self.of("pass-no-seat", &[]),
        }
    }

    pub(super) fn cabin(&self, pass: &PassView) -> String {
        let cabin = match pass.cabin {
            Cabin::Economy => "paper-economy",
            Cabin::PremiumEconomy => "paper-premium-economy",
            Cabin::Business => "paper-business",
            Cabin::First => "paper-first",
        };
        self.of(cabin, &[])
    }

    pub(super) fn gate(&self, pass: &PassView) -> String {
        pass.gate.clone().unwrap_or_else(|| self.of("pass-see-screens", &[]))
    }

    fn facts(&self, pass: &PassView) -> Vec<(String, String)> {
        let on_paper = |local: &str| {
            let at = local.get(..19).and_then(|at| at.parse::<DateTime>().ok());
            at.map_or_else(|| local.to_owned(), |at| self.date("paper-day", at))
        };
        let ticket = pass.ticket.split_at_checked(3);
        let ticket = ticket.map_or_else(|| pass.ticket.clone(), |(airline, own)| format!("{airline} {own}"));
        vec![
            (self.of("paper-passenger", &[]), pass.name()),
            (self.of("paper-type", &[]), self.of(&format!("paper-{}", pass.kind), &[])),
            (self.of("paper-flight", &[]), pass.flight_number.to_string()),
            (self.of("paper-departs", &[]), on_paper(&pass.departs_at)),
            (self.of("pass-boarding", &[]), on_paper(&pass.boarding_at)),
            (self.of("pass-gate", &[]), self.gate(pass)),
            (self.of("pass-seat", &[]), self.seat(pass)),
            (self.of("paper-cabin", &[]), self.cabin(pass)),
            (self.of("pass-sequence", &[]), format!("{:03}", pass.sequence)),
            (self.of("paper-ticket", &[]), ticket),
            (self.of("paper-reference", &[]), pass.locator.clone()),
            (self.of("pass-version", &[]), pass.version.to_string()),
        ]
    }
}
