//! iCalendar files (RFC 5545): events as values in, the text of a file out. Whoever imports the same events again finds them by
//! their `UID`, and takes those with the higher `SEQUENCE` (RFC 5546 section 2.1.4).

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The longest line, in octets without its end (RFC 5545 section 3.1).
const LINE_MAX: usize = 75;

/// A calendar file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// What the file is for.
    pub method: Method,
    /// Who made it (`PRODID`), such as `-//Udaan//Trips//EN`.
    pub producer: String,
    /// What calendars call it.
    pub name: String,
    /// Who keeps its events up to date: a name and an address.
    pub organizer: (String, String),
    /// When it was made (`DTSTAMP`); whole seconds.
    pub made_at: Timestamp,
    /// What is in it.
    pub events: Vec<Event>,
}

/// What a file is for (RFC 5546 section 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Events as they are now.
    Publish,
    /// Events that are none any more.
    Cancel,
}

/// Something at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same for as long as it is the same event, and no other's.
    pub uid: String,
    /// Grows with each change of it; it is written as at most 2147483647 (RFC 5545 section 3.3.8).
    pub sequence: u32,
    /// How sure it is.
    pub status: Status,
    /// The first instant; whole seconds.
    pub starts_at: Timestamp,
    /// The first instant after it; whole seconds.
    pub ends_at: Timestamp,
    /// One line.
    pub summary: String,
    /// What there is to know; may have several lines.
    pub description: String,
    /// Where it begins.
    pub location: String,
    /// Where to read more.
    pub url: Option<String>,
}

/// How sure an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Perhaps.
    Tentative,
    /// It is.
    Confirmed,
    /// It is not any more.
    Cancelled,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl Calendar {
    /// The file. In one that cancels, every event is cancelled, whatever it says.
    pub fn text(&self) -> String {
        let mut lines = Lines::default();
        lines.line("BEGIN", "VCALENDAR");
        lines.line("VERSION", "2.0");
        lines.line("PRODID", &escaped(&self.producer));
        lines.line("CALSCALE", "GREGORIAN");
        let method = match self.method {
            Method::Publish => "PUBLISH",
            Method::Cancel => "CANCEL",
        };
        lines.line("METHOD", method);
        // Not of the RFC, and read by most.
        lines.line("X-WR-CALNAME", &escaped(&self.name));
        for event in &self.events {
            self.event(event, &mut lines);
        }
        lines.line("END", "VCALENDAR");
        lines.0
    }

    fn event(&self, event: &Event, lines: &mut Lines) {
        let status = match self.method {
            Method::Publish => event.status,
            Method::Cancel => Status::Cancelled,
        };
        let (name, address) = &self.organizer;
        lines.line("BEGIN", "VEVENT");
        lines.line("UID", &escaped(&event.uid));
        lines.line("DTSTAMP", &instant(self.made_at));
        lines.line("SEQUENCE", &event.sequence.min(i32::MAX.unsigned_abs()).to_string());
        lines.line("STATUS", status.as_str());
        lines.line("DTSTART", &instant(event.starts_at));
        lines.line("DTEND", &instant(event.ends_at));
        lines.line("SUMMARY", &escaped(&event.summary));
        if !event.description.is_empty() {
            lines.line("DESCRIPTION", &escaped(&event.description));
        }
        if !event.location.is_empty() {
            lines.line("LOCATION", &escaped(&event.location));
        }
        if let Some(url) = &event.url {
            lines.line("URL", &one_line(url));
        }
        lines.line(&format!("ORGANIZER;CN=\"{}\"", quoted(name)), &format!("mailto:{}", one_line(address)));
        // Calendars are shared: where somebody is, is theirs to say.
        lines.line("CLASS", "PRIVATE");
        lines.line("END", "VEVENT");
    }
}

/// The lines of a file, folded.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A line, in pieces of at most 75 octets: a space begins those after the first, and no character is cut in two.
    fn line(&mut self, name: &str, value: &str) {
        let mut width = 0;
        for character in name.chars().chain([':']).chain(value.chars()) {
            if width + character.len_utf8() > LINE_MAX {
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(character);
            width += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// An instant in UTC: `20261201T133500Z`.
fn instant(at: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(at);
    let (date, time) = (civil.date(), civil.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// The value of a property of type TEXT (RFC 5545 section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// The value of a parameter, to stand between quotation marks, with what may not stand there as RFC 6868 writes it.
fn quoted(text: &str) -> String {
    one_line(text).replace('^', "^^").replace('"', "^'")
}

/// Without what would end a line.
fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn calendar(summary: &str, description: &str) -> Calendar {
        Calendar {
            method: Method::Publish,
            producer: "-//Udaan//Trips//EN".into(),
            name: "Trip".into(),
            organizer: ("Udaan \"the\" airline".into(), "no-reply@udaan.example".into()),
            made_at: at("2026-11-21T10:00:00Z"),
            events: vec![Event {
                uid: "bkg1-1@udaan.example".into(),
                sequence: 3,
                status: Status::Confirmed,
                starts_at: at("2026-12-01T13:35:00Z"),
                ends_at: at("2026-12-01T15:35:00Z"),
                summary: summary.into(),
                description: description.into(),
                location: "Allentown (ABE)".into(),
                url: Some("https://udaan.example/".into()),
            }],
        }
    }

    /// The lines as a reader puts them together again.
    fn unfolded(text: &str) -> Vec<(String, String)> {
        let whole = text.replace("\r\n ", "");
        let lines = whole.strip_suffix("\r\n").expect("an end of the last line").split("\r\n");
        lines
            .map(|line| {
                line.split_once(':').map(|(name, value)| (name.into(), value.into())).expect("a value")
            })
            .collect()
    }

    fn value(text: &str, name: &str) -> String {
        let found = unfolded(text).into_iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value).unwrap_or_default()
    }

    /// A text as a reader of RFC 5545 understands it.
    fn read(text: &str) -> String {
        let (mut read, mut characters) = (String::new(), text.chars());
        while let Some(character) = characters.next() {
            match character {
                '\\' => match characters.next().expect("what is escaped") {
                    'n' | 'N' => read.push('\n'),
                    other => read.push(other),
                },
                other => read.push(other),
            }
        }
        read
    }

    #[test]
    fn an_event_is_written_as_the_standard_has_it() {
        let text = calendar("KR1 Allentown – Atlanta", "Gate B4; be there\nin time, please").text();
        let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Udaan//Trips//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n\
            X-WR-CALNAME:Trip\r\nBEGIN:VEVENT\r\nUID:bkg1-1@udaan.example\r\nDTSTAMP:20261121T100000Z\r\nSEQUENCE:3\r\n\
            STATUS:CONFIRMED\r\nDTSTART:20261201T133500Z\r\nDTEND:20261201T153500Z\r\nSUMMARY:KR1 Allentown – Atlanta\r\n\
            DESCRIPTION:Gate B4\\; be there\\nin time\\, please\r\nLOCATION:Allentown (ABE)\r\nURL:https://udaan.example/\r\n\
            ORGANIZER;CN=\"Udaan ^'the^' airline\":mailto:no-reply@udaan.example\r\nCLASS:PRIVATE\r\nEND:VEVENT\r\n\
            END:VCALENDAR\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_file_that_cancels_cancels_every_event() {
        let cancelling = Calendar { method: Method::Cancel, ..calendar("KR1", "") }.text();
        assert_eq!(
            (value(&cancelling, "METHOD"), value(&cancelling, "STATUS")),
            ("CANCEL".into(), "CANCELLED".into())
        );
        assert!(!cancelling.contains("DESCRIPTION"));
    }

    #[test]
    fn numbers_stay_within_the_type() {
        let mut grown = calendar("KR1", "");
        grown.events[0].sequence = u32::MAX;
        assert_eq!(value(&grown.text(), "SEQUENCE"), "2147483647");
    }

    proptest! {
        #[test]
        fn whatever_stands_in_it_is_read_again_and_makes_no_line(
            summary in "[\\PC\\n\\r\\t;,:\\\\\"^]{0,200}", description in "(?s).{0,200}", address in "(?s).{0,90}",
        ) {
            let mut hostile = calendar(&summary, &description);
            hostile.organizer = (summary.clone(), address.clone());
            hostile.events[0].url = Some(address);
            let text = hostile.text();
            for line in text.split_terminator("\r\n") {
                prop_assert!(line.len() <= LINE_MAX, "{line:?}");
                prop_assert!(!line.contains(['\r', '\n']), "{line:?}");
            }
            let names: Vec<String> = unfolded(&text).into_iter().map(|(name, _)| name).collect();
            prop_assert_eq!(names.iter().filter(|name| *name == "BEGIN").count(), 2);
            let visible = |text: &str| -> String {
                text.chars().filter(|character| *character == '\n' || !character.is_control()).collect()
            };
            prop_assert_eq!(read(&value(&text, "SUMMARY")), visible(&summary));
            if !visible(&description).is_empty() {
                prop_assert_eq!(read(&value(&text, "DESCRIPTION")), visible(&description));
            }
        }
    }
}
