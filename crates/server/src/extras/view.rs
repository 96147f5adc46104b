//! Extras and seat maps on the wire.

use domain::extras::Extra;
use domain::fare_families::{RefundStep, SeatChoice};
use domain::seating::{CabinPlan, Place, Traveller, may_sit};
use kernel::{Cabin, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::booked::ExtraRow;

/// An extra of a booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedExtra, example = json!({"extra": 1, "order": 0, "kind": "seat", "code": "standard", "name": "Seat 12A", "passenger": 1,
    "slice": 1, "segments": [1], "seat": "12A", "quantity": 1, "unit_price": {"amount": 1500, "currency": "USD"},
    "discount": {"amount": 0, "currency": "USD"},
    "price": {"amount": 1500, "currency": "USD"}, "value": {"amount": 1500, "currency": "USD"},
    "refund": [{"hours": 24, "percent": 100}], "status": "issued", "emd_number": "9998200000001"}))]
pub struct ExtraView {
    /// Its number in the booking, from 1.
    pub extra: i16,
    /// What it was bought with: 0 is the booking itself, later purchases count on.
    order: i16,
    /// seat, baggage, meal, priority or other.
    kind: &'static str,
    /// The catalogue's code; the zone of a seat.
    code: String,
    /// What people call it.
    pub name: String,
    /// Whose.
    pub passenger: i16,
    slice: i16,
    /// The flights it is for: one, or all of the slice.
    pub segments: Vec<i16>,
    /// Which seat, where it is one.
    pub seat: Option<String>,
    quantity: i16,
    unit_price: Money,
    /// What a promotion code has taken off.
    discount: Money,
    /// What it costs in its order, after the discount.
    pub price: Money,
    /// What it stands for: more than the price where it took the place of a seat that was paid.
    value: Money,
    /// What comes back of the value when you give it back: from so many hours before departure on, so many percent.
    refund: Vec<RefundView>,
    /// reserved, issued, exchanged, refunded, released or removed.
    #[schema(value_type = String, example = "issued")]
    pub status: &'static str,
    /// Its document: thirteen digits, once it is issued.
    pub emd_number: Option<String>,
}

/// A step of a ladder of refunds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExtraRefund)]
pub(super) struct RefundView {
    /// From so many hours before departure on.
    #[schema(example = 24)]
    pub(super) hours: u32,
    /// So many percent come back.
    #[schema(example = 100)]
    pub(super) percent: u8,
}

impl From<&RefundStep> for RefundView {
    fn from(step: &RefundStep) -> Self {
        Self { hours: step.hours, percent: step.percent }
    }
}

impl ExtraView {
    /// An extra as it is kept.
    pub fn of(row: ExtraRow) -> Self {
        let money = |amount| Money::new(amount, row.price.currency);
        Self {
            extra: row.number,
            order: row.order_no,
            kind: row.kind.as_str(),
            code: row.code,
            name: row.name,
            passenger: row.passenger_no,
            slice: row.slice_no,
            segments: row.segments,
            seat: row.seat.map(|seat| seat.to_string()),
            quantity: row.quantity,
            unit_price: money(row.unit_price),
            discount: money(row.discount),
            price: row.price,
            value: money(row.value),
            refund: row.refund.iter().map(RefundView::from).collect(),
            status: row.status.as_str(),
            emd_number: row.emd_number,
        }
    }
}

/// A cabin of a seat map.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SeatCabin)]
pub(super) struct CabinView {
    cabin: Cabin,
    /// From front to back.
    rows: Vec<RowView>,
}

/// A row of seats.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SeatRow)]
pub(super) struct RowView {
    row: u8,
    /// The seats between two aisles, from left to right.
    #[schema(value_type = Vec<Vec<SeatView>>)]
    blocks: Vec<Vec<SeatView>>,
}

/// A seat on a flight.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SeatOnFlight)]
pub(super) struct SeatView {
    #[schema(example = "12A")]
    seat: String,
    /// free, taken, blocked (given at the airport only) or yours.
    #[schema(value_type = String, example = "free")]
    state: &'static str,
    /// window, aisle, middle, exit, bulkhead, overwing, `extra_legroom`.
    #[schema(value_type = Vec<String>)]
    features: Vec<&'static str>,
    /// standard, front or `extra_legroom`.
    #[schema(value_type = String, example = "standard")]
    zone: &'static str,
    /// What choosing it costs; for a booking, in its fare family.
    price: Money,
    /// For a booking: the passengers who may sit there, whoever sits where else.
    #[serde(skip_serializing_if = "Option::is_none")]
    for_passengers: Option<Vec<i16>>,
}

/// For whom seats are shown.
pub(super) struct Viewer<'a> {
    pub(super) choice: SeatChoice,
    pub(super) party: &'a [Traveller],
    pub(super) own: &'a domain::seating::Seats,
}

impl CabinView {
    pub(super) fn of(cabin: Cabin, plan: &CabinPlan, viewer: Option<&Viewer<'_>>) -> Self {
        let row = |places: &[Place]| RowView {
            row: places.first().map_or(0, |place| place.seat.id.row()),
            blocks: places
                .chunk_by(|one, other| one.seat.block == other.seat.block)
                .map(|block| block.iter().map(|place| SeatView::of(place, viewer)).collect())
                .collect(),
        };
        Self { cabin, rows: plan.rows().map(row).collect() }
    }
}

impl SeatView {
    fn of(place: &Place, viewer: Option<&Viewer<'_>>) -> Self {
        let seat = &place.seat;
        let own = viewer.is_some_and(|viewer| viewer.own.values().any(|own| *own == seat.id));
        let may = |traveller: &&Traveller| {
            may_sit(traveller, seat).is_ok() && (traveller.infant.is_none() || place.mask_free)
        };
        let for_passengers = viewer
            .map(|viewer| viewer.party.iter().filter(may).map(|traveller| traveller.passenger_no).collect());
        Self {
            seat: seat.id.to_string(),
            state: if own { "yours" } else { place.state.as_str() },
            features: seat.features(),
            zone: seat.zone.as_str(),
            price: viewer.map_or(seat.price, |viewer| seat.price_for(viewer.choice)),
            for_passengers,
        }
    }
}

/// An extra of the catalogue.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Extra, example = json!({"code": "bag_23", "kind": "baggage", "name": "Checked bag up to 23 kg", "per": "slice",
    "unit": "piece", "kg": 23, "price": {"amount": 4000, "currency": "USD"}, "cabins": ["economy", "business"],
    "passengers": ["adult", "child"], "most": 5, "stock": 120, "refund": [{"hours": 24, "percent": 100}],
    "closes_minutes": 120}))]
pub(super) struct CatalogueView {
    code: String,
    /// baggage, meal, priority or other.
    #[schema(value_type = String)]
    kind: &'static str,
    name: String,
    /// What one price is for: `flight`, or all flights of a `slice`.
    #[schema(value_type = String)]
    per: &'static str,
    /// `one`, `piece` or `kg`.
    #[schema(value_type = String)]
    unit: &'static str,
    /// What a piece may weigh.
    kg: Option<u8>,
    price: Money,
    cabins: Vec<Cabin>,
    /// Who can have it.
    #[schema(value_type = Vec<String>)]
    passengers: Vec<&'static str>,
    /// So many for a passenger at most.
    most: u8,
    /// So many on a flight at most; null is any number.
    stock: Option<u32>,
    refund: Vec<RefundView>,
    /// Its sale ends so many minutes before departure, and not later than check-in does.
    closes_minutes: u32,
}

impl From<&Extra> for CatalogueView {
    fn from(extra: &Extra) -> Self {
        let kg = if let domain::extras::Unit::Piece { kg } = extra.unit { Some(kg) } else { None };
        Self {
            code: extra.code.clone(),
            kind: extra.kind.as_str(),
            name: extra.name.clone(),
            per: extra.per.as_str(),
            unit: extra.unit.as_str(),
            kg,
            price: extra.price,
            cabins: extra.cabins.clone(),
            passengers: extra.passengers.iter().map(|kind| kind.as_str()).collect(),
            most: extra.most,
            stock: extra.stock,
            refund: extra.refund.iter().map(RefundView::from).collect(),
            closes_minutes: extra.closes_minutes,
        }
    }
}
