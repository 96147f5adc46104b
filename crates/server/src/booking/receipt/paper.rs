//! The receipt on paper: what it says, as a document of values. Every amount comes from the receipt or the booking as they go
//! out as JSON, so the two cannot differ.

use documents::{Block, Column, Document, Grouping, Row, RowKind, Table, amount};
use domain::ledger::PostingKind;
use jiff::Timestamp;
use jiff::civil::DateTime;
use kernel::{AirportCode, Currency, Money};
use platform::messages::{Locale, Messages};

use super::{Receipt, ReceiptEntry, ReceiptLine, is_of_money};
use crate::app::App;
use crate::booking::segment::SegmentView;
use crate::booking::view::{BookingView, FareView, PassengerView};
use crate::payments::api::{PaymentView, RefundView};
use crate::promotions::api::AppliedView;

/// What papers of a booking are written with.
pub(in crate::booking) struct Words<'a> {
    pub(in crate::booking) messages: &'a Messages,
    pub(in crate::booking) locale: Locale,
    /// What the airline calls itself.
    pub(in crate::booking) airline: &'a str,
    /// The city of an airport, if it is known.
    pub(in crate::booking) city: &'a dyn Fn(AirportCode) -> Option<String>,
}

impl Words<'_> {
    /// Writes with the words of the application in this language.
    pub(in crate::booking) fn within<T>(app: &App, locale: Locale, write: impl FnOnce(&Words<'_>) -> T) -> T {
        let directory = app.directory.load();
        let city = |code| directory.airport(code).map(|airport| airport.city.clone());
        let airline = &app.config.booking.airline_name;
        write(&Words { messages: &app.messages, locale, airline, city: &city })
    }

    pub(in crate::booking) fn of(&self, key: &str) -> String {
        self.with(key, &[])
    }

    pub(in crate::booking) fn with(&self, key: &str, args: &[(&'static str, String)]) -> String {
        self.messages.text(self.locale, &format!("paper-{key}"), args)
    }

    fn amount(&self, money: Money) -> String {
        let grouping = match self.locale {
            Locale::En => Grouping::Thousands,
            Locale::Hi => Grouping::Lakhs,
        };
        amount(money, grouping)
    }

    fn date(&self, key: &str, at: DateTime) -> String {
        let month = self.of(&format!("month-{}", at.month()));
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        let (day, year) = (at.day().to_string(), at.year().to_string());
        self.with(key, &[("day", day), ("month", month), ("year", year), ("time", time)])
    }

    pub(in crate::booking) fn instant(&self, at: Timestamp) -> String {
        self.date("instant", jiff::tz::TimeZone::UTC.to_datetime(at))
    }

    /// A local time as the API writes it, without its offset.
    pub(in crate::booking) fn local(&self, at: &str) -> String {
        let civil = at.get(..19).and_then(|at| at.parse().ok());
        civil.map_or_else(|| at.to_owned(), |civil| self.date("day", civil))
    }

    pub(in crate::booking) fn airport(&self, code: AirportCode) -> String {
        (self.city)(code).map_or_else(|| code.to_string(), |city| format!("{city} ({code})"))
    }
}

/// The receipt of a booking as a document.
pub(super) fn document(receipt: &Receipt, booking: &BookingView, words: &Words<'_>) -> Document {
    let paid = !receipt.entries.is_empty();
    let title = words.of(if paid { "receipt" } else { "not-a-receipt" });
    let currency = receipt.sold.currency;
    let airline = || ("airline", words.airline.to_owned());
    let locator = || ("locator", receipt.locator.to_string());
    let issued = words.instant(receipt.issued_at);
    let mut blocks = vec![Block::Facts(facts(receipt, booking, words))];
    if !paid {
        blocks.push(Block::Note(words.of("unpaid")));
    }
    blocks.extend(section(words, "passengers", passengers(booking, words)));
    blocks.extend(section(words, "flights", flights(booking, words)));
    blocks.push(Block::Note(words.of("times")));
    blocks.extend(section(words, "price", fares(booking, currency, words)));
    blocks.extend(section(words, "promotions", promotions(booking, words)));
    let moved = |entry: &&ReceiptEntry| !is_of_money(entry.kind);
    let movements: Vec<&ReceiptEntry> = receipt.entries.iter().filter(moved).collect();
    let changed = movements.iter().any(|entry| entry.kind != PostingKind::Sale);
    if changed {
        blocks.push(Block::Note(words.of("fares-note")));
    }
    blocks.extend(section(words, "extras", extras(booking, currency, words)));
    if changed {
        blocks.extend(section(words, "account", account(&movements, receipt.sold, receipt.fees, words)));
    }
    blocks.extend(section(words, "money", money(receipt, booking, words)));
    if paid {
        blocks.extend(section(words, "summary", summary(receipt, words)));
    }
    Document {
        language: words.locale.tag(),
        author: words.airline.to_owned(),
        title,
        subject: words.with("subject", &[airline(), locator()]),
        made_at: receipt.issued_at,
        mark: (words.of("reference"), receipt.locator.to_string()),
        foot: words.with("foot", &[airline(), locator(), ("at", issued)]),
        counting: words.with("pages", &[("page", "{page}".into()), ("pages", "{pages}".into())]),
        blocks,
    }
}

/// A table under its heading; nothing where there is nothing to say.
pub(in crate::booking) fn section(words: &Words<'_>, heading: &str, table: Table) -> Vec<Block> {
    if table.rows.is_empty() {
        return Vec::new();
    }
    vec![Block::Heading(words.of(heading)), Block::Table(table)]
}

fn facts(receipt: &Receipt, booking: &BookingView, words: &Words<'_>) -> Vec<(String, String)> {
    vec![
        (words.of("status"), words.of(&format!("status-{}", booking.status))),
        (words.of("booked"), words.instant(booking.created_at)),
        (words.of("currency"), receipt.sold.currency.to_string()),
        (words.of("issued"), words.instant(receipt.issued_at)),
    ]
}

fn name(passenger: &PassengerView) -> String {
    format!("{} {}", passenger.given_name, passenger.family_name)
}

pub(in crate::booking) fn name_of(booking: &BookingView, number: i16) -> String {
    let found = booking.passengers.iter().find(|passenger| passenger.passenger == number);
    found.map_or_else(|| number.to_string(), name)
}

/// A document's number as it is printed: the airline's three digits, and its own ten.
fn printed(number: &str) -> String {
    number.split_at_checked(3).map_or_else(|| number.to_owned(), |(airline, own)| format!("{airline} {own}"))
}

pub(in crate::booking) fn passengers(booking: &BookingView, words: &Words<'_>) -> Table {
    let columns = vec![
        Column::words(words.of("passenger"), 3.4),
        Column::words(words.of("type"), 1.2),
        Column::words(words.of("ticket"), 2.0),
        Column::words(words.of("emds"), 2.4),
    ];
    let row = |passenger: &PassengerView| {
        let own = booking.extras.iter().filter(|extra| extra.passenger == passenger.passenger);
        let emds: Vec<String> = own.filter_map(|extra| extra.emd_number.as_deref()).map(printed).collect();
        Row::plain(vec![
            name(passenger),
            words.of(passenger.kind),
            passenger.ticket_number.as_deref().map(printed).unwrap_or_default(),
            // Each stays on a line: a number that is broken is misread.
            emds.iter().map(|emd| emd.replace(' ', "\u{a0}")).collect::<Vec<_>>().join(", "),
        ])
    };
    Table { columns, rows: booking.passengers.iter().map(row).collect() }
}

/// What became of coupons: said only where all of them went the same way.
pub(in crate::booking) fn state(
    booking: &BookingView,
    of: impl Fn(i16, i16) -> bool,
    words: &Words<'_>,
) -> Option<String> {
    let mut coupons = booking.coupons.iter().filter(|coupon| of(coupon.passenger, coupon.segment));
    let first = coupons.next()?.status.clone();
    let gone = ["refunded", "exchanged"].contains(&&*first) && coupons.all(|coupon| coupon.status == first);
    gone.then(|| words.of(&format!("state-{first}")))
}

fn flights(booking: &BookingView, words: &Words<'_>) -> Table {
    let columns = vec![
        Column::words(words.of("flight"), 1.1),
        Column::words(words.of("route"), 3.6),
        Column::words(words.of("departs"), 2.1),
        Column::words(words.of("arrives"), 2.1),
        Column::words(words.of("cabin"), 1.6),
    ];
    let row = |segment: &SegmentView| {
        let route = format!("{} – {}", words.airport(segment.origin), words.airport(segment.destination));
        let state = state(booking, |_, of| of == segment.segment, words);
        Row::plain(vec![
            segment.flight_number.to_string(),
            state.map_or_else(|| route.clone(), |state| format!("{route} · {state}")),
            words.local(&segment.departs_at),
            words.local(&segment.arrives_at),
            words.of(&segment.cabin.as_str().replace('_', "-")),
        ])
    };
    Table { columns, rows: booking.segments.iter().map(row).collect() }
}

/// From where to where a slice goes.
fn route(booking: &BookingView, slice: i16) -> String {
    let mut flights = booking.segments.iter().filter(|segment| segment.slice == slice);
    let Some(first) = flights.next() else { return slice.to_string() };
    let last = flights.next_back().unwrap_or(first);
    format!("{} – {}", first.origin, last.destination)
}

fn fares(booking: &BookingView, currency: Currency, words: &Words<'_>) -> Table {
    let titles = ["base", "discount", "taxes", "total"];
    let mut columns = vec![Column::words(words.of("fare-of"), 4.2)];
    columns.extend(titles.iter().map(|title| Column::amounts(words.of(title), 1.5)));
    let mut rows = Vec::new();
    for slice in &booking.slices {
        let family = slice.fare_family.name.clone();
        let args =
            [("number", slice.slice.to_string()), ("route", route(booking, slice.slice)), ("family", family)];
        rows.push(Row::group(words.with("slice", &args)));
        for fare in booking.fares.iter().filter(|fare| fare.slice == slice.slice) {
            rows.extend(fare_rows(booking, fare, words));
        }
    }
    if !rows.is_empty() {
        let sum =
            |of: fn(&FareView) -> i64| words.amount(Money::new(booking.fares.iter().map(of).sum(), currency));
        rows.push(Row::total(vec![
            words.of("fares-total"),
            sum(|fare| fare.base.amount),
            sum(|fare| -fare.discount.amount),
            sum(|fare| fare.taxes.iter().map(|tax| tax.amount.amount).sum()),
            sum(|fare| fare.total.amount),
        ]));
    }
    Table { columns, rows }
}

fn fare_rows(booking: &BookingView, fare: &FareView, words: &Words<'_>) -> Vec<Row> {
    let currency = fare.total.currency;
    let in_slice =
        |segment| booking.segments.iter().any(|other| other.segment == segment && other.slice == fare.slice);
    let of_fare = |passenger, segment| passenger == fare.passenger && in_slice(segment);
    let who = name_of(booking, fare.passenger);
    let who = match state(booking, of_fare, words) {
        Some(state) => format!("{who} · {state}"),
        None => who,
    };
    let taxes = Money::new(fare.taxes.iter().map(|tax| tax.amount.amount).sum(), currency);
    let discount = Money::new(-fare.discount.amount, currency);
    let amounts = [fare.base, discount, taxes, fare.total];
    let mut rows = vec![Row::plain(
        std::iter::once(who).chain(amounts.into_iter().map(|money| words.amount(money))).collect(),
    )];
    rows.extend(fare.taxes.iter().map(|tax| {
        let named = format!("{} ({})", tax.name, tax.code);
        Row::detail(vec![named, String::new(), String::new(), words.amount(tax.amount), String::new()])
    }));
    rows
}

fn called_promotion(applied: &AppliedView) -> String {
    format!("{} ({})", applied.name, applied.code)
}

/// What promotion codes took off the fares, and what was too little to charge: the discounts above, one by one. What is off an
/// extra is not: extras are shown at what they cost, with the code that gave them.
fn promotions(booking: &BookingView, words: &Words<'_>) -> Table {
    let columns = vec![Column::words(words.of("promotion"), 5.0), Column::amounts(words.of("discount"), 1.6)];
    let row = |applied: &AppliedView| {
        let less = Money::new(-applied.discount.amount, applied.discount.currency);
        Row::plain(vec![called_promotion(applied), words.amount(less)])
    };
    let off_fares = booking.waivers.iter().map(|waiver| waiver.off_fares).filter(|off| off.amount > 0);
    let waived = off_fares
        .map(|off| Row::plain(vec![words.of("waived"), words.amount(Money::new(-off.amount, off.currency))]));
    let of_fares = booking.promotions.iter().filter(|applied| applied.extra.is_none());
    Table { columns, rows: of_fares.map(row).chain(waived).collect() }
}

/// What was sold beside the fares; what waits to be paid is no part of it, unless nothing is paid yet.
fn extras(booking: &BookingView, currency: Currency, words: &Words<'_>) -> Table {
    let columns = vec![
        Column::words(words.of("extra"), 3.4),
        Column::words(words.of("passenger"), 2.4),
        Column::words(words.of("document"), 2.2),
        Column::amounts(words.of("amount"), 1.6),
    ];
    let shown = |status: &str| match booking.status {
        "held" => status == "reserved",
        _ => ["issued", "exchanged", "refunded"].contains(&status),
    };
    let sold: Vec<_> = booking.extras.iter().filter(|extra| shown(extra.status)).collect();
    let flights = |segments: &[i16]| {
        let of = booking.segments.iter().filter(|segment| segments.contains(&segment.segment));
        of.map(|segment| segment.flight_number.to_string()).collect::<Vec<_>>().join(", ")
    };
    let mut rows: Vec<Row> = sold
        .iter()
        .map(|extra| {
            let mut what = format!("{} · {}", extra.name, flights(&extra.segments));
            if ["exchanged", "refunded"].contains(&extra.status) {
                what = format!("{what} · {}", words.of(&format!("state-{}", extra.status)));
            }
            let given = booking.promotions.iter().filter(|applied| applied.extra == Some(extra.extra));
            what.extend(given.map(|applied| format!(" · {}", called_promotion(applied))));
            let document = extra.emd_number.as_deref().map(printed).unwrap_or_default();
            Row::plain(vec![what, name_of(booking, extra.passenger), document, words.amount(extra.price)])
        })
        .collect();
    if !rows.is_empty() {
        let total = Money::new(sold.iter().map(|extra| extra.price.amount).sum(), currency);
        let empty = String::new;
        rows.push(Row::total(vec![words.of("extras-total"), empty(), empty(), words.amount(total)]));
    }
    Table { columns, rows }
}

/// What a line of a movement is called.
fn called(line: &ReceiptLine, words: &Words<'_>) -> String {
    match line.account.split_once(':') {
        Some(("tax", code)) => line.name.as_ref().map_or_else(
            || words.with("tax", &[("code", code.to_owned())]),
            |name| format!("{name} ({code})"),
        ),
        Some((_, kind)) => words.of(&format!("extra-{kind}")),
        None => {
            let what = words.of(&line.account);
            line.name.as_ref().map_or_else(|| what.clone(), |name| format!("{what}: {name}"))
        }
    }
}

/// Sales, changes and cancellations, line by line.
fn account(movements: &[&ReceiptEntry], sold: Money, fees: Money, words: &Words<'_>) -> Table {
    let columns = vec![Column::words(words.of("movement"), 5.0), Column::amounts(words.of("amount"), 1.6)];
    let mut rows = Vec::new();
    for entry in movements {
        let what = words.of(entry.kind.as_str());
        rows.push(Row::group(format!("{what} · {}", words.instant(entry.at))));
        let line = |line: &ReceiptLine| Row::plain(vec![called(line, words), words.amount(line.amount)]);
        rows.extend(entry.lines.iter().map(line));
        rows.push(Row { kind: RowKind::Total, cells: vec![words.of("total"), words.amount(entry.total)] });
    }
    let cost = Money::new(sold.amount + fees.amount, sold.currency);
    rows.push(Row::total(vec![words.of("cost"), words.amount(cost)]));
    Table { columns, rows }
}

fn method(payment: Option<&PaymentView>, words: &Words<'_>) -> String {
    let Some(method) = payment.map(|payment| &payment.method) else { return String::new() };
    let kind = words.of(&method.kind);
    let number = method.last4.as_ref().map(|last4| format!("•••• {last4}"));
    let parts = [Some(kind), method.brand.clone(), number];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What came in and went back: when, how, how much.
fn money(receipt: &Receipt, booking: &BookingView, words: &Words<'_>) -> Table {
    let columns = vec![
        Column::words(words.of("date"), 2.4),
        Column::words(words.of("movement"), 2.4),
        Column::words(words.of("method"), 3.0),
        Column::amounts(words.of("amount"), 1.6),
    ];
    let refund = |entry: &ReceiptEntry| {
        let is_it =
            |refund: &&RefundView| [refund.ordered_as.uuid(), refund.posted_as].contains(&entry.reference);
        booking.refunds.iter().find(is_it)
    };
    let settled = |entry: &ReceiptEntry| refund(entry).is_some_and(|refund| refund.status == "succeeded");
    // What came back had been sent by the gateway, however it was settled afterwards.
    let bounced = |entry: &ReceiptEntry| {
        let mut others = receipt.entries.iter().filter(|other| other.kind == PostingKind::RefundBounced);
        others.any(|other| other.reference == entry.reference)
    };
    let payment = |entry: &ReceiptEntry| {
        let id = refund(entry).map_or(entry.reference, |refund| refund.payment_id.uuid());
        booking.payments.iter().find(|payment| payment.id.uuid() == id)
    };
    let row = |entry: &ReceiptEntry| {
        let key = match entry.kind {
            PostingKind::Capture => "payment",
            PostingKind::RefundSettled => "refund",
            PostingKind::RefundBounced => "refund-bounced",
            PostingKind::RefundOrdered if !settled(entry) => "refund-pending",
            _ => return None,
        };
        let how = match refund(entry).map(|refund| refund.method.as_str()).filter(|_| !bounced(entry)) {
            None | Some("gateway") => method(payment(entry), words),
            Some(otherwise) => words.of(&format!("refund-by-{}", otherwise.replace('_', "-"))),
        };
        Some(Row::plain(vec![words.instant(entry.at), words.of(key), how, words.amount(entry.total)]))
    };
    let mut rows: Vec<Row> = receipt.entries.iter().filter_map(row).collect();
    if !rows.is_empty() {
        let sums = [("paid", receipt.paid), ("returned", receipt.returned), ("returning", receipt.returning)];
        for (key, sum) in sums.into_iter().filter(|(key, sum)| *key == "paid" || sum.amount != 0) {
            let empty = String::new;
            rows.push(Row::total(vec![words.of(key), empty(), empty(), words.amount(sum)]));
        }
    }
    Table { columns, rows }
}

fn summary(receipt: &Receipt, words: &Words<'_>) -> Table {
    let columns = vec![
        Column::words(words.of("summary"), 5.0),
        Column::amounts(receipt.sold.currency.to_string(), 1.6),
    ];
    let cost = Money::new(receipt.sold.amount + receipt.fees.amount, receipt.sold.currency);
    let row = |key: &str, money| Row::plain(vec![words.of(key), words.amount(money)]);
    let total = |key: &str, money| Row::total(vec![words.of(key), words.amount(money)]);
    let rows = vec![
        row("sold", receipt.sold),
        row("fees", receipt.fees),
        total("cost", cost),
        row("paid", receipt.paid),
        row("returned", receipt.returned),
        row("returning", receipt.returning),
        total("owed", receipt.owed),
    ];
    Table { columns, rows }
}
