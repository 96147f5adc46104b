//! Three books of the same payments, and where they differ.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{BookingId, PaymentId, RefundId};
use serde_json::Value;

use crate::support::Airline;

/// What a traveller was told of a payment.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) payment: String,
    pub(super) booking: String,
    pub(super) amount: i64,
    /// Every state it was said to be in.
    pub(super) heard: Vec<String>,
    /// The last of them.
    pub(super) status: String,
}

impl Told {
    pub(super) fn hear(&mut self, status: &str) {
        self.heard.push(status.to_owned());
        status.clone_into(&mut self.status);
    }
}

#[derive(Clone, Debug)]
struct Payment {
    booking: String,
    status: String,
    amount: i64,
    refunded: i64,
}

#[derive(Clone, Debug)]
struct Refund {
    payment: String,
    status: String,
    amount: i64,
}

#[derive(Clone, Debug)]
struct Booking {
    status: String,
    total: i64,
    tickets: i64,
    /// What the ledger says the gateway has of it, and what its traveller still owes.
    at_gateway: i64,
    owed: i64,
}

/// An intent or a refund at the gateway.
#[derive(Clone, Debug)]
struct Entry {
    ours: String,
    status: String,
    amount: i64,
    refunded: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Books {
    pub(super) told: Vec<Told>,
    payments: BTreeMap<String, Payment>,
    refunds: BTreeMap<String, Refund>,
    bookings: BTreeMap<String, Booking>,
    intents: Vec<Entry>,
    gateway_refunds: Vec<Entry>,
}

impl Books {
    pub(super) async fn read(airline: &Airline, told: Vec<Told>) -> Self {
        let sql = airline.sql().await;
        let rows = sql
            .query("SELECT id, booking_id, status, amount, refunded FROM payments", &[])
            .await
            .expect("payments");
        let payments = rows.iter().map(|row| {
            let booking = BookingId::from_uuid(row.get(1)).to_string();
            let payment = Payment { booking, status: row.get(2), amount: row.get(3), refunded: row.get(4) };
            (PaymentId::from_uuid(row.get(0)).to_string(), payment)
        });
        let payments = payments.collect();
        let rows =
            sql.query("SELECT id, payment_id, status, amount FROM refunds", &[]).await.expect("refunds");
        let refunds = rows.iter().map(|row| {
            let payment = PaymentId::from_uuid(row.get(1)).to_string();
            let refund = Refund { payment, status: row.get(2), amount: row.get(3) };
            (RefundId::from_uuid(row.get(0)).to_string(), refund)
        });
        let refunds = refunds.collect();
        let rows = sql
            .query(
                "SELECT b.id, b.status, b.total, (SELECT count(*) FROM tickets t WHERE t.booking_id = b.id),
                        COALESCE(sum(e.amount) FILTER (WHERE e.account = 'gateway'), 0)::bigint,
                        COALESCE(sum(e.amount) FILTER (WHERE e.account = 'traveller'), 0)::bigint
                 FROM bookings b LEFT JOIN ledger_postings l ON l.booking_id = b.id
                      LEFT JOIN LATERAL unnest(l.accounts, l.amounts) AS e (account, amount) ON true
                 GROUP BY b.id, b.status, b.total",
                &[],
            )
            .await
            .expect("bookings");
        let bookings = rows.iter().map(|row| {
            let booking = Booking {
                status: row.get(1),
                total: row.get(2),
                tickets: row.get(3),
                at_gateway: row.get(4),
                owed: row.get(5),
            };
            (BookingId::from_uuid(row.get(0)).to_string(), booking)
        });
        let bookings = bookings.collect();
        let book = airline.gateway_book().await;
        let intents = entries(&book["payment_intents"], "payment");
        let gateway_refunds = entries(&book["refunds"], "refund");
        Self { told, payments, refunds, bookings, intents, gateway_refunds }
    }

    pub(super) fn summary(&self) -> String {
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for payment in self.payments.values() {
            *states.entry(&payment.status).or_default() += 1;
        }
        let was = |state: &str| {
            self.told.iter().filter(|told| told.heard.iter().any(|heard| heard == state)).count()
        };
        let charged: i64 =
            self.intents.iter().filter(|entry| entry.status == "succeeded").map(|entry| entry.amount).sum();
        let back: i64 = self.intents.iter().map(|entry| entry.refunded).sum();
        format!(
            "{states:?}, {} told unknown first, {} told to wait, {} refunds; charged {charged}, given back {back}",
            was("unknown"),
            was("processing"),
            self.refunds.len()
        )
    }

    /// Each of these would be a loss of money or of trust, and each must be seen.
    pub(super) fn refuse_to_be_tampered_with(&self) {
        let tampered = |what: &str, tamper: &dyn Fn(&mut Self)| {
            let mut books = self.clone();
            tamper(&mut books);
            assert!(!differences(&books).is_empty(), "{what} was not seen");
        };
        let paid = |books: &Self| {
            books.intents.iter().position(|entry| entry.status == "succeeded").expect("one paid")
        };
        tampered("a cent too much", &|books| {
            let paid = paid(books);
            books.intents[paid].amount += 1;
        });
        tampered("a second charge", &|books| books.intents.push(books.intents[paid(books)].clone()));
        tampered("a charge nobody knows", &|books| {
            let stray = Entry { ours: "pay_stray".into(), ..books.intents[paid(books)].clone() };
            books.intents.push(stray);
        });
        tampered("a charge we believe in alone", &|books| drop(books.intents.remove(paid(books))));
        tampered("a refund that did not happen", &|books| {
            drop(books.gateway_refunds.pop().expect("a refund"));
        });
        tampered("a refund done twice", &|books| {
            books.gateway_refunds.push(books.gateway_refunds[0].clone());
        });
        tampered("a payment left open", &|books| {
            books.payments.values_mut().next().expect("one").status = "unknown".into();
        });
        tampered("another word to the traveller", &|books| {
            let told = books.told.iter_mut().find(|told| told.status == "succeeded").expect("one");
            told.heard.push("declined".into());
        });
        tampered("a ledger that is off by a cent", &|books| {
            books.bookings.values_mut().next().expect("one").at_gateway += 1;
        });
        tampered("a ticket that is missing", &|books| {
            let confirmed = books.bookings.values_mut().find(|booking| booking.status == "confirmed");
            confirmed.expect("one").tickets = 0;
        });
    }
}

fn entries(list: &Value, ours: &str) -> Vec<Entry> {
    let entry = |object: &Value| Entry {
        ours: object["metadata"][ours].as_str().unwrap_or_default().to_owned(),
        status: object["status"].as_str().unwrap_or_default().to_owned(),
        amount: object["amount"].as_i64().unwrap_or_default(),
        refunded: object["amount_refunded"].as_i64().unwrap_or_default(),
    };
    list.as_array().expect("a list").iter().map(entry).collect()
}

/// Where the books differ; nothing when they are equal.
pub(super) fn differences(books: &Books) -> Vec<String> {
    let mut found = Vec::new();
    told_and_kept(books, &mut found);
    kept_and_charged(books, &mut found);
    refunds_agree(books, &mut found);
    bookings_add_up(books, &mut found);
    found
}

/// What travellers were told against what we keep: a definite word is never taken back.
fn told_and_kept(books: &Books, found: &mut Vec<String>) {
    for told in &books.told {
        let Some(kept) = books.payments.get(&told.payment) else {
            found.push(format!("{told:?} is not kept"));
            continue;
        };
        if kept.booking != told.booking || kept.amount != told.amount {
            found.push(format!("{told:?} is kept as {kept:?}"));
        }
        let definite: BTreeSet<&str> = told
            .heard
            .iter()
            .map(String::as_str)
            .filter(|heard| matches!(*heard, "succeeded" | "declined"))
            .collect();
        if definite.iter().any(|word| *word != kept.status) {
            found.push(format!("{told:?} ended as {}", kept.status));
        }
    }
}

/// What we keep of payments against what the gateway charged.
fn kept_and_charged(books: &Books, found: &mut Vec<String>) {
    let mut charged: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for intent in &books.intents {
        if !books.payments.contains_key(&intent.ours) {
            found.push(format!("nobody here knows {intent:?}"));
        }
        if intent.status == "succeeded" {
            charged.entry(&intent.ours).or_default().push(intent);
        }
    }
    for (id, payment) in &books.payments {
        let charges = charged.get(id.as_str()).map_or(&[][..], Vec::as_slice);
        let fits = match (payment.status.as_str(), charges) {
            ("succeeded", [charge]) => charge.amount == payment.amount && charge.refunded == payment.refunded,
            ("declined", []) => payment.refunded == 0,
            // It came after it was given up for lost, and all of it went back.
            ("declined", [charge]) => charge.amount == payment.refunded && charge.refunded == payment.amount,
            _ => false,
        };
        if !fits {
            found.push(format!("{id} is {payment:?} and at the gateway {charges:?}"));
        }
    }
}

/// Refunds one by one.
fn refunds_agree(books: &Books, found: &mut Vec<String>) {
    let mut theirs: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for refund in &books.gateway_refunds {
        theirs.entry(&refund.ours).or_default().push(refund);
        if !books.refunds.contains_key(&refund.ours) {
            found.push(format!("nobody here knows {refund:?}"));
        }
    }
    let mut ordered: BTreeMap<&str, i64> = BTreeMap::new();
    for (id, refund) in &books.refunds {
        *ordered.entry(&refund.payment).or_default() += refund.amount;
        let fits = match theirs.get(id.as_str()).map(Vec::as_slice) {
            Some([entry]) => entry.amount == refund.amount && entry.status == refund.status,
            _ => false,
        };
        if !fits || refund.status != "succeeded" {
            found.push(format!("{id} is {refund:?} and at the gateway {:?}", theirs.get(id.as_str())));
        }
    }
    for (id, payment) in &books.payments {
        let ordered = ordered.get(id.as_str()).copied().unwrap_or(0);
        if ordered != payment.refunded {
            found.push(format!("{id} counts {} refunded, and its refunds {ordered}", payment.refunded));
        }
    }
}

/// Each booking's money against its state, and the ledger against the gateway.
fn bookings_add_up(books: &Books, found: &mut Vec<String>) {
    let mut brought: BTreeMap<&str, i64> = BTreeMap::new();
    for payment in books.payments.values() {
        let came_in = if payment.status == "succeeded" { payment.amount } else { payment.refunded };
        *brought.entry(&payment.booking).or_default() += came_in - payment.refunded;
    }
    for (id, booking) in &books.bookings {
        let net = brought.get(id.as_str()).copied().unwrap_or(0);
        let expected = if booking.status == "confirmed" { booking.total } else { 0 };
        let ticketed = booking.status != "confirmed" || booking.tickets == 1;
        let closed = matches!(booking.status.as_str(), "confirmed" | "cancelled" | "expired");
        if net != expected || booking.at_gateway != net || booking.owed != 0 || !ticketed || !closed {
            found.push(format!("{id} is {booking:?} and brought {net}"));
        }
    }
    let theirs: i64 = books
        .intents
        .iter()
        .filter(|intent| intent.status == "succeeded")
        .map(|intent| intent.amount - intent.refunded)
        .sum();
    let ours: i64 = books.bookings.values().map(|booking| booking.at_gateway).sum();
    if theirs != ours {
        found.push(format!("the gateway has {theirs}, the ledger says {ours}"));
    }
}
