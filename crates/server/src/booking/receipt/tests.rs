//! What stands on paper is what the receipt says, to the minor unit, in every currency and language.

use documents::{Block, Document, RowKind};
use domain::extras::{ExtraKind, ExtraStatus};
use domain::fare_families::{Conditions, Included, SeatChoice};
use domain::ledger::Posting;
use domain::sold::SoldTax;
use domain::taxes::TaxKind;
use jiff::civil::date;
use kernel::ids::uuid_v7;
use kernel::{Cabin, FlightId, PaymentId, RefundId};
use proptest::prelude::*;

use super::*;
use crate::booking::check::Contact;
use crate::booking::segment::SegmentView;
use crate::booking::view::{CouponView, FareView, PassengerView, SliceView, TaxView};
use crate::extras::api::{ExtraRow, ExtraView};
use crate::payments::api::{PaymentView, RefundView};
use crate::promotions::api::AppliedView;
use crate::search::api::FamilyView;

/// What a trip is made of, in numbers.
#[derive(Clone, Debug)]
struct Trip {
    currency: Currency,
    slices: i16,
    /// Base, discount and taxes of each fare, passenger by passenger.
    fares: Vec<(i64, i64, Vec<i64>)>,
    extras: Vec<i64>,
    /// Of the first fare's base so much is given back, and whether that has arrived.
    back: Option<(i64, bool)>,
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + 60 * minute).expect("an instant")
}

fn money(trip: &Trip, amount: i64) -> Money {
    Money::new(amount, trip.currency)
}

fn refund() -> RefundId {
    RefundId::new(at(60), [2; 10])
}

impl Trip {
    fn fares(&self) -> Vec<SoldFare> {
        let tax = |(index, amount): (usize, &i64)| SoldTax {
            code: format!("T{index}"),
            name: format!("Airport charge number {index}"),
            kind: TaxKind::Tax,
            amount: *amount,
        };
        let fare = |(index, (base, discount, taxes)): (usize, &(i64, i64, Vec<i64>))| {
            let index = i16::try_from(index).expect("few");
            SoldFare {
                passenger_no: index / self.slices + 1,
                slice_no: index % self.slices + 1,
                base: *base,
                discount: *discount,
                taxes: taxes.iter().enumerate().map(tax).collect(),
                carried: Vec::new(),
            }
        };
        self.fares.iter().enumerate().map(fare).collect()
    }

    fn total(&self) -> i64 {
        self.fares().iter().map(SoldFare::total).sum::<i64>() + self.extras.iter().sum::<i64>()
    }

    /// All discounts, as one promotion.
    fn promotion(&self) -> Option<AppliedView> {
        let discount: i64 = self.fares.iter().map(|(_, discount, _)| discount).sum();
        let named = ("SUMMER10".to_owned(), "Summer sale".to_owned());
        (discount > 0).then(|| AppliedView {
            code: named.0,
            name: named.1,
            discount: money(self, discount),
            extra: None,
        })
    }

    /// The first extra costs what it does because a code took something off: no part of the discounts of the fares.
    fn free_extra(&self) -> Option<AppliedView> {
        let (code, name) = ("FREEBAG".to_owned(), "A bag for nothing".to_owned());
        let discount = money(self, 4_000);
        (!self.extras.is_empty()).then_some(AppliedView { code, name, discount, extra: Some(1) })
    }

    fn payment(&self) -> PaymentView {
        PaymentView {
            id: PaymentId::new(at(1), [1; 10]),
            booking_id: BookingId::new(at(0), [0; 10]),
            order: None,
            status: "succeeded",
            amount: money(self, self.total()),
            method: serde_json::from_value(
                serde_json::json!({"type": "card", "brand": "visa", "last4": "4242"}),
            )
            .expect("a method"),
            decline_code: None,
            action_url: None,
            created_at: at(1),
        }
    }

    fn postings(&self) -> Vec<Posted> {
        let extras: Vec<_> = self.extras.iter().map(|amount| (ExtraKind::Baggage, *amount)).collect();
        let sale = Posting::sale(self.currency, &self.fares(), &extras);
        let mut all = vec![
            (uuid_v7(at(1), [0; 10]), sale, 1),
            (self.payment().id.uuid(), Posting::capture(self.currency, self.total()), 1),
        ];
        if let Some((back, arrived)) = self.back {
            let base = self.fares[0].0;
            let given_back =
                [(Account::Traveller, -back), (Account::Fares, base), (Account::Fees, back - base)];
            let cancelled = Posting::new(PostingKind::Cancellation, self.currency, given_back);
            all.push((uuid_v7(at(60), [3; 10]), cancelled, 60));
            all.push((refund().uuid(), Posting::refund_ordered(self.currency, back), 60));
            if arrived {
                all.push((refund().uuid(), Posting::refund_settled(self.currency, back), 90));
            }
        }
        let posted = |(reference, posting, minute): (Uuid, Result<Posting, _>, i64)| Posted {
            reference,
            posting: posting.expect("balanced"),
            posted_at: at(minute),
        };
        all.into_iter().map(posted).collect()
    }

    fn receipt(&self) -> Receipt {
        let id = BookingId::new(at(0), [0; 10]);
        let locator = "KX7Q2M".parse().expect("a locator");
        let names = names(&self.fares(), &[], None);
        Receipt::of((id, locator), self.currency, &self.postings(), &names, at(100))
    }

    fn booking(&self) -> BookingView {
        let passengers = i16::try_from(self.fares.len()).expect("few") / self.slices;
        let fare = |fare: SoldFare| FareView {
            passenger: fare.passenger_no,
            slice: fare.slice_no,
            base: money(self, fare.base),
            discount: money(self, fare.discount),
            total: money(self, fare.total()),
            carried: Vec::new(),
            taxes: fare
                .taxes
                .into_iter()
                .map(|tax| TaxView {
                    code: tax.code,
                    name: tax.name,
                    kind: tax.kind.as_str(),
                    amount: money(self, tax.amount),
                })
                .collect(),
        };
        BookingView {
            id: BookingId::new(at(0), [0; 10]),
            locator: "KX7Q2M".parse().expect("a locator"),
            status: "confirmed",
            hold_expires_at: None,
            created_at: at(0),
            price: money(self, self.total()),
            passengers: (1..=passengers).map(|number| passenger(self, number)).collect(),
            slices: (1..=self.slices).map(|number| slice(self, number)).collect(),
            segments: (1..=self.slices).map(|number| segment(self, number)).collect(),
            fares: self.fares().into_iter().map(fare).collect(),
            promotions: self.promotion().into_iter().chain(self.free_extra()).collect(),
            waivers: Vec::new(),
            coupons: vec![CouponView { passenger: 1, segment: 1, status: "open".into() }],
            contact: Contact { email: "asha@example.com".into(), phone: None },
            payments: vec![self.payment()],
            refunds: vec![RefundView {
                id: refund(),
                payment_id: self.payment().id,
                status: if self.back.is_some_and(|(_, arrived)| arrived) { "succeeded" } else { "pending" }
                    .into(),
                amount: money(self, 1),
                method: "gateway".into(),
                bounced_at: None,
                ordered_as: refund(),
                posted_as: refund().uuid(),
            }],
            extras: (0..).zip(&self.extras).map(|(number, price)| extra(self, number, *price)).collect(),
            orders: Vec::new(),
            cancellations: Vec::new(),
            available_actions: Vec::new(),
            can: Vec::new(),
            documents: Vec::new(),
        }
    }

    fn paper(&self, locale: Locale) -> Document {
        let messages = crate::app::messages().expect("texts");
        let city = |code: kernel::AirportCode| (code.as_str() == "ABE").then(|| "Allentown".to_owned());
        let words = Words { messages: &messages, locale, airline: "Udaan", city: &city };
        paper::document(&self.receipt(), &self.booking(), &words)
    }
}

const NAMES: [(&str, &str); 4] = [
    ("Asha", "Rao"),
    ("आशा", "राव"),
    ("Łukasz", "Żółć"),
    ("Maximiliane Charlotte", "von und zu Hohenberg-Lindau"),
];

fn passenger(trip: &Trip, number: i16) -> PassengerView {
    let (given, family) = NAMES[usize::try_from(number).expect("positive") % NAMES.len()];
    PassengerView {
        passenger: number,
        kind: ["adult", "child", "infant"][usize::try_from(number).expect("positive") % 3],
        given_name: given.into(),
        family_name: format!("{family} {}", char::from(b'A' + u8::try_from(number).expect("few"))),
        born_on: date(1990, 5, 17),
        price: money(trip, 1),
        ticket_number: Some(format!("999820000{number:04}")),
    }
}

fn slice(trip: &Trip, number: i16) -> SliceView {
    let conditions = Conditions { change_fee: None, refund: Vec::new() };
    let included = Included {
        cabin_bags: 1,
        checked_bags: 1,
        checked_bag_kg: 23,
        seat_choice: SeatChoice::None,
        meal: false,
        priority_boarding: false,
    };
    let named = ("economy_standard".to_owned(), "Standard".to_owned(), Cabin::Economy);
    let fare_family = FamilyView::of(named, &conditions, included, trip.currency);
    SliceView { slice: number, fare_family, price: money(trip, 1) }
}

fn segment(trip: &Trip, number: i16) -> SegmentView {
    SegmentView {
        segment: number,
        slice: number,
        flight_id: "flt_20261201000080008000b97700134001".parse::<FlightId>().expect("a flight"),
        flight_number: format!("KR{number}").parse().expect("a number"),
        origin: "ABE".parse().expect("an airport"),
        destination: "ATL".parse().expect("an airport"),
        departs_at: "2026-12-01T08:35:00-05:00".into(),
        arrives_at: "2026-12-01T10:35:00-05:00".into(),
        estimated_departs_at: "2026-12-01T08:35:00-05:00".into(),
        estimated_arrives_at: "2026-12-01T10:35:00-05:00".into(),
        gate: None,
        duration_minutes: 120,
        cabin: Cabin::Economy,
        booking_class: Some('M'),
        status: "scheduled",
        price: money(trip, 1),
        sequence: 1,
    }
}

fn extra(trip: &Trip, number: i16, price: i64) -> ExtraView {
    ExtraView::of(ExtraRow {
        number: number + 1,
        order_no: 0,
        passenger_no: 1,
        slice_no: 1,
        segments: vec![1],
        flights: Vec::new(),
        kind: ExtraKind::Baggage,
        code: "bag_23".into(),
        name: "Checked bag up to 23 kg".into(),
        seat: None,
        mask: None,
        quantity: 1,
        unit_price: price,
        discount: 0,
        price: money(trip, price),
        value: price,
        refund: Vec::new(),
        replaces: None,
        stocked: false,
        given: false,
        status: ExtraStatus::Issued,
        emd_number: Some(format!("999820001{number:04}")),
    })
}

/// Minor units of an amount on paper.
fn minor(text: &str, currency: Currency) -> i64 {
    let (_, decimals) = text.split_once('.').unwrap_or((text, ""));
    assert_eq!(decimals.len(), usize::from(currency.exponent()), "{text}");
    text.replace([',', '.'], "").parse().unwrap_or_else(|_| panic!("no amount: {text}"))
}

/// The tables of a document by the heading above them.
fn tables(document: &Document) -> BTreeMap<&str, &documents::Table> {
    let pairs = document.blocks.windows(2).filter_map(|pair| match pair {
        [Block::Heading(name), Block::Table(table)] => Some((name.as_str(), table)),
        _ => None,
    });
    pairs.collect()
}

fn squeezed(text: &str) -> String {
    text.replace([' ', '\u{a0}'], "")
}

/// Everything in the document is on its pages: each row in one piece, in order.
fn assert_on_pages(document: &Document) -> usize {
    let bytes = document.pdf().expect("a PDF");
    let pages = testkit::pdf::pages(&bytes).expect("readable");
    let all = squeezed(&pages.iter().flatten().map(String::as_str).collect::<String>());
    let mut from = 0;
    for block in &document.blocks {
        let Block::Table(table) = block else { continue };
        for row in &table.rows {
            let text = squeezed(&row.cells.concat());
            let found = all[from..].find(&text);
            from += found.unwrap_or_else(|| panic!("{text} is not on paper after {from} in {all}"));
        }
    }
    pages.len()
}

fn check_sums(trip: &Trip, locale: Locale) {
    let document = trip.paper(locale);
    let messages = crate::app::messages().expect("texts");
    let word = |key: &str| messages.text(locale, &format!("paper-{key}"), &[]);
    let tables = tables(&document);
    let value = |text: &String| minor(text, trip.currency);
    let sum_of = |rows: &[&documents::Row], column: usize| -> i64 {
        rows.iter().map(|row| &row.cells[column]).filter(|text| !text.is_empty()).map(value).sum()
    };

    let fares = &tables[word("price").as_str()].rows;
    let of = |kind| fares.iter().filter(|row| row.kind == kind).collect::<Vec<_>>();
    let (plain, detail, total) = (of(RowKind::Plain), of(RowKind::Detail), of(RowKind::Total));
    assert_eq!((plain.len(), total.len()), (trip.fares.len(), 1));
    for column in 1..=4 {
        assert_eq!(sum_of(&plain, column), value(&total[0].cells[column]), "column {column}");
    }
    assert_eq!(sum_of(&detail, 3), value(&total[0].cells[3]), "taxes by name");
    for row in plain.iter().chain(&total) {
        assert_eq!((1..4).map(|column| value(&row.cells[column])).sum::<i64>(), value(&row.cells[4]));
    }
    let less = tables
        .get(word("promotions").as_str())
        .map_or(0, |table| table.rows.iter().map(|row| value(&row.cells[1])).sum());
    assert_eq!(less, value(&total[0].cells[2]), "discounts by promotion");
    let mut sold = value(&total[0].cells[4]);
    if let Some(extras) = tables.get(word("extras").as_str()) {
        let (last, rows) = extras.rows.split_last().expect("rows");
        assert_eq!(sum_of(&rows.iter().collect::<Vec<_>>(), 3), value(&last.cells[3]));
        sold += value(&last.cells[3]);
    }

    let receipt = serde_json::to_value(trip.receipt()).expect("JSON");
    let said = |key: &str| receipt[key]["amount"].as_i64().expect("an amount");
    let summary = &tables[word("summary").as_str()].rows;
    for (row, key) in summary.iter().zip(["sold", "fees", "", "paid", "returned", "returning", "owed"]) {
        let wanted = if key.is_empty() { said("sold") + said("fees") } else { said(key) };
        assert_eq!(value(&row.cells[1]), wanted, "{key}");
    }
    let left = said("paid") - said("returned") - said("returning") + said("owed");
    assert_eq!(said("sold") + said("fees"), left, "what it costs is what was paid and kept");
    assert_eq!(sold, trip.total());
    let movements = &tables[word("money").as_str()].rows;
    let rows: Vec<_> = movements.iter().filter(|row| row.kind == RowKind::Plain).collect();
    assert_eq!(sum_of(&rows, 3), said("paid") - said("returned") - said("returning"));
    if trip.back.is_none() {
        let sections = 5 + usize::from(!trip.extras.is_empty()) + usize::from(trip.promotion().is_some());
        assert_eq!((said("sold"), tables.len()), (sold, sections));
    } else {
        let account = &tables[word("account").as_str()].rows;
        let totals: Vec<_> = account.iter().filter(|row| row.kind == RowKind::Total).collect();
        let (cost, sums) = totals.split_last().expect("sums");
        assert_eq!(sum_of(sums, 1), value(&cost.cells[1]), "movements add up to what it costs");
        let lines: Vec<_> = account.iter().filter(|row| row.kind == RowKind::Plain).collect();
        assert_eq!(sum_of(&lines, 1), value(&cost.cells[1]));
    }
    assert_on_pages(&document);
}

fn trips() -> impl Strategy<Value = Trip> {
    let currency = prop::sample::select(vec!["JPY", "USD", "KWD", "CLF"]);
    let fare = (1_000_i64..50_000_000, 0_i64..1_000, prop::collection::vec(0_i64..3_000_000, 0..5));
    let extras = prop::collection::vec(0_i64..900_000, 0..4);
    let back = prop::option::of((1_i64..1_000, any::<bool>()));
    (currency, 1_i16..4, 1_usize..6, prop::collection::vec(fare, 15), extras, back).prop_map(
        |(currency, slices, passengers, mut fares, extras, back)| {
            fares.truncate(usize::try_from(slices).expect("positive") * passengers);
            Trip { currency: currency.parse().expect("a currency"), slices, fares, extras, back }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn sums_on_paper_are_those_of_the_receipt(trip in trips(), hindi in any::<bool>()) {
        check_sums(&trip, if hindi { Locale::Hi } else { Locale::En });
    }
}

/// Nine passengers, three slices, six taxes each.
fn family() -> Trip {
    let fares = (0..27).map(|index| (1_234_567 + index, 0, vec![8_900, 450, 1_120, 560, 75, 3])).collect();
    Trip {
        currency: Currency::USD,
        slices: 3,
        fares,
        extras: vec![4_000, 1_500],
        back: Some((800_000, true)),
    }
}

#[test]
fn a_large_booking_takes_several_pages_and_each_says_whose_it_is() {
    for locale in Locale::ALL {
        let document = family().paper(locale);
        assert!(assert_on_pages(&document) >= 5);
        check_sums(&family(), locale);
        let pages = testkit::pdf::pages(&document.pdf().expect("a PDF")).expect("readable");
        for page in &pages {
            assert!(page.iter().any(|text| text == "KX7Q2M"), "{page:?}");
        }
    }
}

#[test]
fn the_same_receipt_has_the_same_bytes() {
    let made = || family().paper(Locale::Hi).pdf().expect("a PDF");
    assert_eq!(made(), made());
}

#[test]
fn a_hindi_receipt_can_be_read_and_searched() {
    let bytes = family().paper(Locale::Hi).pdf().expect("a PDF");
    let pages = testkit::pdf::pages(&bytes).expect("readable");
    let has = |text: &str| pages.iter().flatten().any(|read| read == text);
    for text in ["रसीद", "बुकिंग संदर्भ", "यात्री", "कर और शुल्क", "कुल किराया", "आशा राव B", "बुकिंग का मूल्य"]
    {
        assert!(has(text), "{text} is not in {pages:?}");
    }
    assert!(has("कार्ड visa •••• 4242"), "{pages:?}");
}

#[test]
fn a_receipt_is_small() {
    for locale in Locale::ALL {
        let bytes = family().paper(locale).pdf().expect("a PDF");
        assert!(bytes.len() < 200_000, "{} bytes", bytes.len());
    }
}
