//! The texts of notifications: those of the message catalogue (`notice-…`), filled in.

use std::sync::Arc;

use documents::{Grouping, amount};
use domain::notices::Topic;
use jiff::civil::DateTime;
use kernel::{AirportCode, Money};
use platform::messages::Locale;

use super::announcements::Said;
use super::store::{NamedFlight, NotificationRow, Params, Watched};
use crate::app::App;
use crate::flights::api::Directory;

/// What texts are written with.
pub(super) struct Words<'a> {
    app: &'a App,
    locale: Locale,
    directory: Arc<Directory>,
}

impl<'a> Words<'a> {
    /// In this language.
    pub(super) fn new(app: &'a App, locale: Locale) -> Self {
        Self { app, locale, directory: app.directory.load_full() }
    }

    /// One line, and the paragraphs: of what staff announced, what they said.
    pub(super) fn of_row(
        &self,
        topic: Topic,
        row: &NotificationRow,
        announced: Option<&Said>,
    ) -> (String, Vec<String>) {
        if let Some(said) = announced {
            let paragraphs = said.text.split("\n\n").map(str::trim).filter(|one| !one.is_empty());
            return (said.title.clone(), paragraphs.map(str::to_owned).collect());
        }
        let title = self.with(&format!("{}.title", id(topic)), &row.params);
        let mut paragraphs = vec![self.with(&id(topic), &row.params)];
        paragraphs.extend(self.flights(topic, &row.params));
        (title, paragraphs)
    }

    /// The flights, where a text does not name its one.
    fn flights(&self, topic: Topic, params: &Params) -> Vec<String> {
        let listed = matches!(topic, Topic::Confirmed | Topic::Changed | Topic::PartlyCancelled);
        let one = |flight: &NamedFlight| {
            self.app.messages.text(self.locale, "notice-flight", &self.args_of_flight(flight))
        };
        params.flights.iter().filter(|_| listed).map(one).collect()
    }

    /// A text without arguments.
    pub(super) fn of(&self, id: &str) -> String {
        self.app.messages.text(self.locale, id, &[])
    }

    /// Whose boarding pass is where.
    pub(super) fn pass(&self, (name, link): (String, String)) -> String {
        self.app.messages.text(self.locale, "notice-pass", &[("name", name), ("link", link)])
    }

    fn with(&self, id: &str, params: &Params) -> String {
        let mut args = params.flights.first().map_or_else(Vec::new, |flight| self.args_of_flight(flight));
        args.extend(params.locator.clone().map(|locator| ("locator", locator)));
        args.extend(params.expected.as_deref().map(|at| ("expected", self.day(at))));
        args.extend(params.ticket.clone().map(|ticket| ("ticket", ticket)));
        args.push(("has-was", if params.was.is_some() { "yes" } else { "no" }.to_owned()));
        args.push(("was", params.was.map(|money| self.amount(money)).unwrap_or_default()));
        args.extend(params.watched.iter().flat_map(|watched| self.args_of_watched(watched)));
        args.push(("has-gate", if params.gate.is_some() { "yes" } else { "no" }.to_owned()));
        args.push(("gate", params.gate.clone().unwrap_or_default()));
        let paid_back = params.amount.is_some_and(|money| money.amount > 0);
        args.push(("comes-back", if paid_back { "yes" } else { "no" }.to_owned()));
        args.extend(params.amount.map(|money| ("amount", self.amount(money))));
        self.app.messages.text(self.locale, id, &args)
    }

    fn args_of_flight(&self, flight: &NamedFlight) -> Vec<(&'static str, String)> {
        vec![
            ("flight", flight.number.clone()),
            ("origin", self.airport(&flight.origin)),
            ("destination", self.airport(&flight.destination)),
            ("departs", self.day(&flight.departs)),
            ("has-arrival", if flight.arrives.is_some() { "yes" } else { "no" }.to_owned()),
            ("arrives", flight.arrives.as_deref().map_or_else(String::new, |at| self.day(at))),
        ]
    }

    fn args_of_watched(&self, watched: &Watched) -> Vec<(&'static str, String)> {
        let month = self.of(&format!("paper-month-{}", watched.date.month()));
        let (day, year) = (watched.date.day().to_string(), watched.date.year().to_string());
        let date = [("day", day), ("month", month), ("year", year)];
        vec![
            ("origin", self.airport(watched.origin.as_str())),
            ("destination", self.airport(watched.destination.as_str())),
            ("date", self.app.messages.text(self.locale, "notice-date", &date)),
            ("has-flight", if watched.flight.is_some() { "yes" } else { "no" }.to_owned()),
            ("flight", watched.flight.clone().unwrap_or_default()),
        ]
    }

    fn airport(&self, code: &str) -> String {
        let city = |code: AirportCode| self.directory.airport(code).map(|airport| airport.city.clone());
        let city = code.parse().ok().and_then(city);
        city.map_or_else(|| code.to_owned(), |city| format!("{city} ({code})"))
    }

    /// A local time as the API writes it, without its offset.
    fn day(&self, at: &str) -> String {
        let civil: Option<DateTime> = at.get(..19).and_then(|at| at.parse().ok());
        let Some(civil) = civil else { return at.to_owned() };
        let month = self.of(&format!("paper-month-{}", civil.month()));
        let time = format!("{:02}:{:02}", civil.hour(), civil.minute());
        let (day, year) = (civil.day().to_string(), civil.year().to_string());
        let args = [("day", day), ("month", month), ("year", year), ("time", time)];
        self.app.messages.text(self.locale, "paper-day", &args)
    }

    fn amount(&self, money: Money) -> String {
        let grouping = match self.locale {
            Locale::En => Grouping::Thousands,
            Locale::Hi => Grouping::Lakhs,
        };
        format!("{} {}", amount(money, grouping), money.currency)
    }
}

/// The name of a topic's text in the catalogue.
pub(super) fn id(topic: Topic) -> String {
    format!("notice-{}", topic.as_str().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_its_texts_in_every_language() {
        let messages = crate::app::messages().expect("texts");
        for (topic, locale) in Topic::ALL.iter().flat_map(|topic| Locale::ALL.map(|locale| (*topic, locale)))
        {
            let id = id(topic);
            assert!(messages.has(locale, &id) && messages.has(locale, &format!("{id}.title")), "{id}");
            let names = [
                "flight",
                "origin",
                "destination",
                "departs",
                "arrives",
                "has-arrival",
                "locator",
                "expected",
                "gate",
                "amount",
                "has-gate",
                "comes-back",
                "ticket",
                "was",
                "date",
                "has-flight",
            ];
            let args = names.map(|name| (name, "yes".to_owned()));
            for text in
                [messages.text(locale, &id, &args), messages.text(locale, &format!("{id}.title"), &args)]
            {
                assert!(!text.contains(['{', '}', '$']) && !text.contains("notice-"), "{id}: {text}");
            }
        }
    }
}
