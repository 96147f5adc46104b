//! A booking on the wire.

use domain::booking::BookingStatus;
use domain::sold::{Carried, SoldFare, SoldTax};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{BookingId, Cabin, Currency, FlightId, Money, RecordLocator};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::can::{self, Asked, CanView, DocumentView};
use super::cancel::quote::RefundLine;
use super::check::Contact;
use super::segment::{SegmentView, segment_view};
use super::store::{
    self, BookingRow, CancellationRow, CouponRow, OrderRow, PassengerRow, SegmentRow, SliceRow,
};
use super::waiver::WaiverView;
use crate::app::App;
use crate::check_in::api::Filed;
use crate::extras::api::{self as extras, ExtraView};
use crate::flights::api::{self as flights, FlightRow};
use crate::payments::api::{self as payments, PaymentView, RefundView};
use crate::promotions::api::{self as promotions, AppliedView};
use crate::search::api::FamilyView;

/// A booking as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "locator": "KX7Q2M", "status": "held",
    "hold_expires_at": "2026-11-21T10:15:00Z", "created_at": "2026-11-21T10:00:00Z",
    "price": {"amount": 18900, "currency": "USD"},
    "passengers": [{"passenger": 1, "type": "adult", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17",
        "price": {"amount": 18900, "currency": "USD"}, "ticket_number": null}],
    "slices": [], "segments": [{"segment": 1, "slice": 1, "flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1", "origin": "ABE",
        "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00", "arrives_at": "2026-12-01T10:35:00-05:00",
        "estimated_departs_at": "2026-12-01T08:35:00-05:00", "estimated_arrives_at": "2026-12-01T10:35:00-05:00", "gate": null,
        "duration_minutes": 120, "cabin": "economy", "booking_class": "M", "status": "scheduled",
        "price": {"amount": 18900, "currency": "USD"}}],
    "contact": {"email": "asha@example.com", "phone": "+919812345678"}, "fares": [], "promotions": [], "waivers": [], "coupons": [], "payments": [], "refunds": [],
    "extras": [], "orders": [], "cancellations": [], "available_actions": ["pay", "extend", "cancel"],
    "can": [{"action": "pay", "slice": null, "segment": null, "until": "2026-11-21T10:15:00Z"}],
    "documents": [{"kind": "receipt", "path": "/api/v1/bookings/bkg_0193f2a1c5d07bb2a4d1c0ffee000002/receipt?format=pdf", "type": "application/pdf"}]}))]
pub(super) struct BookingView {
    #[schema(value_type = String)]
    pub(super) id: BookingId,
    /// The six characters a traveller reads aloud. Not a credential.
    #[schema(value_type = String, example = "KX7Q2M")]
    pub(super) locator: RecordLocator,
    /// held, confirmed, completed, expired or cancelled.
    #[schema(value_type = String, example = "held")]
    pub(super) status: &'static str,
    /// Pay before this instant; null once the booking is no longer held.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) hold_expires_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
    /// What the booking costs: for the whole party, and after a cancellation what is left of it.
    pub(super) price: Money,
    pub(super) passengers: Vec<PassengerView>,
    /// The directions of the trip in order, each sold in a fare family.
    pub(super) slices: Vec<SliceView>,
    pub(super) segments: Vec<SegmentView>,
    /// What each passenger pays for each slice, taken apart.
    pub(super) fares: Vec<FareView>,
    /// What promotion codes took off the fares.
    pub(super) promotions: Vec<AppliedView>,
    /// What was not charged because it was less than can be charged.
    pub(super) waivers: Vec<WaiverView>,
    /// One for each passenger and segment, once the booking is confirmed.
    pub(super) coupons: Vec<CouponView>,
    pub(super) contact: Contact,
    pub(super) payments: Vec<PaymentView>,
    pub(super) refunds: Vec<RefundView>,
    /// Seats, baggage and others, those that were given back too.
    pub(super) extras: Vec<ExtraView>,
    /// What was bought later: other flights, seats and extras. One that is open waits to be paid.
    pub(super) orders: Vec<OrderView>,
    /// What was given back, by you or by the airline, and on what terms.
    pub(super) cancellations: Vec<CancellationView>,
    /// What can be done in this state, whatever the time; `can` knows that too.
    #[schema(value_type = Vec<String>)]
    pub(super) available_actions: Vec<&'static str>,
    /// What can be done now, with what, and until when: what is most pressing first.
    pub(super) can: Vec<CanView>,
    /// Papers of the booking, and where they are.
    pub(super) documents: Vec<DocumentView>,
}

/// A passenger of a booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedPassenger)]
pub(super) struct PassengerView {
    /// Its number, from 1; coupons, fares and cancellations name it.
    pub(super) passenger: i16,
    /// adult, child or infant.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub(super) kind: &'static str,
    pub(super) given_name: String,
    pub(super) family_name: String,
    #[schema(value_type = String, format = Date)]
    pub(super) born_on: Date,
    pub(super) price: Money,
    /// Thirteen digits, once the booking is confirmed.
    pub(super) ticket_number: Option<String>,
}

/// One direction of a trip.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedSlice)]
pub(super) struct SliceView {
    /// Its number, from 1; segments name it.
    pub(super) slice: i16,
    /// What it was sold with, as it was promised then.
    pub(super) fare_family: FamilyView,
    /// For the whole party.
    pub(super) price: Money,
}

/// What one passenger pays for one slice. Base less discount and taxes add up to the total.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedFare)]
pub(super) struct FareView {
    pub(super) passenger: i16,
    pub(super) slice: i16,
    /// What the airline keeps, before the discount.
    pub(super) base: Money,
    /// What promotion codes take off, and what was waived because it was too little to charge.
    pub(super) discount: Money,
    pub(super) taxes: Vec<TaxView>,
    pub(super) total: Money,
    /// How much of it was carried over from tickets that were exchanged, and how much of that comes back at most.
    pub(super) carried: Vec<CarriedView>,
}

/// A part of a fare that was paid for a ticket which was exchanged for this one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CarriedFare)]
pub(super) struct CarriedView {
    pub(super) amount: Money,
    /// So many percent of it come back at most when you give the ticket back: what would have come back when you changed.
    #[schema(example = 75)]
    pub(super) percent: u8,
}

/// A tax or charge in a fare.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedTax)]
pub(super) struct TaxView {
    #[schema(example = "US")]
    pub(super) code: String,
    pub(super) name: String,
    /// `tax` or `fee`.
    pub(super) kind: &'static str,
    pub(super) amount: Money,
}

/// A passenger's ticket for one flight.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedCoupon)]
pub(super) struct CouponView {
    pub(super) passenger: i16,
    pub(super) segment: i16,
    /// open, `checked_in`, boarded, flown, refunded, exchanged, void or `no_show`.
    pub(super) status: String,
}

/// What was bought for a confirmed booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedOrder)]
pub(super) struct OrderView {
    pub(super) order: i16,
    /// `change`.
    pub(super) kind: &'static str,
    /// open, paid, expired or cancelled.
    pub(super) status: String,
    /// To be paid.
    pub(super) amount: Money,
    /// Pay before this instant; null once it is not open any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) expires_at: Option<Timestamp>,
}

/// Tickets that were given back.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedCancellation)]
pub(super) struct CancellationView {
    /// `traveller`, or `airline` where a flight was not flown.
    pub(super) cause: String,
    pub(super) passengers: Vec<i16>,
    pub(super) slices: Vec<i16>,
    pub(super) refund: Money,
    /// What was kept.
    pub(super) fee: Money,
    /// Line by line, as the quote had them.
    #[schema(value_type = Vec<RefundLine>)]
    pub(super) lines: serde_json::Value,
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
}

/// A passenger's particulars as they are sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct PassengerDetails {
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) born_on: Date,
}

/// Where a passenger's particulars are sealed.
pub(super) fn details_place(booking: BookingId, passenger_no: i16) -> Place {
    Place::new("booking_passengers.details_sealed", booking.uuid()).part(passenger_no)
}

/// Where a booking's contact is sealed.
pub(super) fn contact_place(booking: BookingId) -> Place {
    Place::new("bookings.contact_sealed", booking.uuid())
}

/// The parts a view is made of.
pub(super) struct Parts {
    pub(super) booking: BookingRow,
    pub(super) passengers: Vec<PassengerRow>,
    pub(super) slices: Vec<SliceRow>,
    pub(super) segments: Vec<SegmentRow>,
    pub(super) flights: Vec<FlightRow>,
    pub(super) fares: Vec<SoldFare>,
    pub(super) coupons: Vec<CouponRow>,
    pub(super) cancellations: Vec<CancellationRow>,
    pub(super) extras: Vec<ExtraView>,
    pub(super) promotions: Vec<AppliedView>,
    pub(super) waivers: Vec<WaiverView>,
    pub(super) orders: Vec<OrderRow>,
    pub(super) payments: Vec<PaymentView>,
    pub(super) refunds: Vec<RefundView>,
    /// What others say can be done with it.
    pub(super) asked: Asked,
}

/// Reads the booking's parts and writes its view.
pub(super) async fn load(
    app: &App,
    sql: &Sql,
    booking: BookingRow,
    key: &UserKey,
) -> Result<BookingView, Problem> {
    load_one_of(app, sql, booking, (key, &Filed::default())).await
}

/// The same for one of several, for all of which the policies of check-in are read once.
pub(super) async fn load_one_of(
    app: &App,
    sql: &Sql,
    booking: BookingRow,
    (key, filed): (&UserKey, &Filed),
) -> Result<BookingView, Problem> {
    let id = booking.id;
    let (
        passengers,
        slices,
        segments,
        fares,
        coupons,
        cancellations,
        extras,
        promotions,
        waivers,
        orders,
        payments,
        refunds,
    ) = Box::pin(async {
        tokio::try_join!(
            store::passengers(sql, id),
            store::slices(sql, id),
            store::segments(sql, id),
            store::fares(sql, id),
            store::coupons(sql, id),
            store::cancellations(sql, id),
            extras_of(sql, &booking),
            promotions::applied_to(sql, id),
            store::waivers(sql, id),
            store::orders(sql, id),
            payments::payments_of(sql, id),
            payments::refunds_of(sql, id),
        )
    })
    .await?;
    let ids: Vec<FlightId> = segments.iter().map(|segment| segment.flight).collect();
    let flights = flights::flight_rows(sql, &ids).await?;
    let asked =
        Box::pin(can::ask(app, sql, &booking, (&orders, filed), (&segments, &coupons, &flights))).await?;
    let parts = Parts {
        booking,
        passengers,
        slices,
        segments,
        flights,
        fares,
        coupons,
        cancellations,
        extras,
        promotions: promotions.iter().map(AppliedView::of).collect(),
        waivers: waivers.iter().map(WaiverView::of).collect(),
        orders,
        payments,
        refunds,
        asked,
    };
    write(app, parts, key)
}

async fn extras_of(sql: &Sql, booking: &BookingRow) -> Result<Vec<ExtraView>, DbError> {
    if booking.has_extras { extras::extras_of(sql, booking.id).await } else { Ok(Vec::new()) }
}

/// Writes the view of a booking from its parts.
pub(super) fn write(app: &App, parts: Parts, key: &UserKey) -> Result<BookingView, Problem> {
    let (can, documents) = (can::can(app, &parts), can::documents(&parts));
    let Parts {
        booking,
        passengers,
        slices,
        segments,
        flights,
        fares,
        coupons,
        cancellations,
        extras,
        promotions,
        waivers,
        orders,
        payments,
        refunds,
        asked: _,
    } = parts;
    let contact = app.sealer.open(key, contact_place(booking.id), &booking.contact_sealed)?;
    let passengers = passengers.into_iter().map(|passenger| passenger_view(app, &booking, passenger, key));
    let slices = slices.into_iter().map(|slice| slice_view(&booking, slice));
    let segments = segments.iter().map(|segment| segment_view(app, &booking, segment, &flights));
    Ok(BookingView {
        id: booking.id,
        locator: booking.locator,
        status: booking.status.as_str(),
        hold_expires_at: (booking.status == BookingStatus::Held).then_some(booking.hold_expires_at),
        created_at: booking.created_at,
        price: booking.total,
        passengers: passengers.collect::<Result<_, Problem>>()?,
        slices: slices.collect::<Result<_, Problem>>()?,
        segments: segments.collect::<Result<_, Problem>>()?,
        contact: serde_json::from_slice(&contact).map_err(Problem::internal)?,
        fares: fares.into_iter().map(|fare| fare_view(fare, booking.total.currency)).collect(),
        promotions,
        waivers,
        coupons: coupons.into_iter().map(coupon_view).collect(),
        payments,
        refunds,
        cancellations: cancellations.into_iter().map(cancellation_view).collect(),
        available_actions: actions(&booking, &orders),
        can,
        documents,
        extras,
        orders: orders.into_iter().map(order_view).collect(),
    })
}

/// What can be done with a booking: a hold is extended only once.
fn actions(booking: &BookingRow, orders: &[OrderRow]) -> Vec<&'static str> {
    let open = orders.iter().any(|order| order.status == "open");
    let orders: &[&str] = if open { &["pay", "cancel_order"] } else { &[] };
    let all = booking.status.available_actions().iter().chain(orders).copied();
    all.filter(|action| *action != "extend" || !booking.extended).collect()
}

fn order_view(order: OrderRow) -> OrderView {
    OrderView {
        order: order.order_no,
        kind: order.kind.as_str(),
        expires_at: (order.status == "open").then_some(order.expires_at),
        status: order.status,
        amount: order.amount,
    }
}

fn fare_view(fare: SoldFare, currency: Currency) -> FareView {
    let money = |amount| Money::new(amount, currency);
    let total = money(fare.total());
    let tax = |tax: SoldTax| TaxView {
        code: tax.code,
        name: tax.name,
        kind: tax.kind.as_str(),
        amount: money(tax.amount),
    };
    FareView {
        passenger: fare.passenger_no,
        slice: fare.slice_no,
        base: money(fare.base),
        discount: money(fare.discount),
        carried: carried_views(&fare, currency),
        taxes: fare.taxes.into_iter().map(tax).collect(),
        total,
    }
}

/// What was carried over into a fare.
pub(super) fn carried_views(fare: &SoldFare, currency: Currency) -> Vec<CarriedView> {
    let view =
        |part: &Carried| CarriedView { amount: Money::new(part.amount, currency), percent: part.percent };
    fare.carried.iter().map(view).collect()
}

fn coupon_view(coupon: CouponRow) -> CouponView {
    CouponView { passenger: coupon.passenger_no, segment: coupon.segment_no, status: coupon.status }
}

fn cancellation_view(row: CancellationRow) -> CancellationView {
    CancellationView {
        cause: row.cause,
        passengers: row.passengers,
        slices: row.slices,
        fee: Money::new(row.kept, row.refund.currency),
        refund: row.refund,
        lines: row.lines,
        created_at: row.created_at,
    }
}

fn passenger_view(
    app: &App,
    booking: &BookingRow,
    row: PassengerRow,
    key: &UserKey,
) -> Result<PassengerView, Problem> {
    let opened = app.sealer.open(key, details_place(booking.id, row.number), &row.details_sealed)?;
    let details: PassengerDetails = serde_json::from_slice(&opened).map_err(Problem::internal)?;
    Ok(PassengerView {
        passenger: row.number,
        kind: row.kind.as_str(),
        given_name: details.given_name,
        family_name: details.family_name,
        born_on: details.born_on,
        price: Money::new(row.price, booking.total.currency),
        ticket_number: row.ticket_number,
    })
}

fn slice_view(booking: &BookingRow, slice: SliceRow) -> Result<SliceView, Problem> {
    let cabin = usize::try_from(slice.cabin).ok().and_then(Cabin::from_index);
    let odd = || Problem::internal(anyhow::anyhow!("no cabin {} of a slice", slice.cabin));
    let currency = booking.total.currency;
    let named = (slice.fare_family, slice.family_name, cabin.ok_or_else(odd)?);
    Ok(SliceView {
        slice: slice.slice_no,
        fare_family: FamilyView::of(named, &slice.conditions, slice.included, currency),
        price: Money::new(slice.price, currency),
    })
}
