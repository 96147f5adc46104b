//! What is written of slices that are sold: the slices with what their families promise today, their flights, and what each
//! passenger pays, taken apart.

use domain::fare_families::FareFamily;
use domain::pricing::{Party, PassengerType};
use domain::sold::SoldFare;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::reprice::PricedSlice;
use super::store::{SegmentRow, SliceRow};
use crate::app::App;
use crate::flights::api::{Directory, LegOnSale, SeatClaim};

/// A passenger's number in the booking, and the type.
pub(super) type Traveller = (i16, PassengerType);

/// The rows of slices that are sold together.
pub(super) struct Sold {
    pub(super) slices: Vec<SliceRow>,
    pub(super) segments: Vec<SegmentRow>,
    pub(super) fares: Vec<SoldFare>,
}

/// The rows of slices sold to these travellers. `after` are the last numbers of slices and segments the booking has.
pub(super) fn rows(
    app: &App,
    slices: &[PricedSlice],
    travellers: &[Traveller],
    after: (i16, i16),
    now: Timestamp,
) -> Sold {
    let sold_on = now.to_zoned(TimeZone::UTC).date();
    let travels = |kind| travellers.iter().any(|(_, other)| *other == kind);
    let numbered = || (after.0 + 1..).zip(slices);
    Sold {
        slices: numbered().map(|(number, slice)| slice_row(number, slice, travels)).collect(),
        segments: segment_rows(numbered(), after.1),
        fares: fares(&app.directory.load(), numbered(), travellers, sold_on),
    }
}

fn slice_row(number: i16, slice: &PricedSlice, travels: impl Fn(PassengerType) -> bool) -> SliceRow {
    let FareFamily { code, name, conditions, included, .. } = slice.family.clone();
    let price = |kind| if travels(kind) { slice.quote.of(kind).amount } else { 0 };
    SliceRow {
        slice_no: number,
        fare_family: code,
        family_name: name,
        cabin: i16::try_from(slice.cabin.index()).unwrap_or(0),
        conditions,
        included,
        adult: price(PassengerType::Adult),
        child: price(PassengerType::Child),
        infant: price(PassengerType::Infant),
        price: slice.quote.total.amount,
    }
}

/// The flights of all slices, numbered through.
fn segment_rows<'a>(slices: impl Iterator<Item = (i16, &'a PricedSlice)>, last: i16) -> Vec<SegmentRow> {
    let legs = slices.flat_map(|(number, slice)| {
        slice.legs.iter().zip(&slice.quote.legs).map(move |(leg, price)| (number, leg, *price))
    });
    let row = |(number, (slice, leg, price)): (i16, (i16, &LegOnSale, i64))| SegmentRow {
        number,
        slice,
        flight: leg.flight.id,
        cabin: leg.cabin,
        class_rank: leg.class_rank,
        filed_fare: leg.fare,
        price,
        // As expected, not as scheduled: a delay that is known already is not one the airline makes after the sale.
        sold: leg.flight.expected(),
    };
    (last + 1..).zip(legs).map(row).collect()
}

/// What each traveller pays for each slice, taken apart by the taxes of the day of sale.
fn fares<'a>(
    directory: &Directory,
    slices: impl Iterator<Item = (i16, &'a PricedSlice)>,
    travellers: &[Traveller],
    sold_on: Date,
) -> Vec<SoldFare> {
    let mut fares = Vec::new();
    for (slice_no, slice) in slices {
        let more = slice.family.difference.per_flight;
        let filed: Vec<u32> = slice.legs.iter().map(|leg| leg.fare.saturating_add(more)).collect();
        let parts = PassengerType::ALL.map(|kind| {
            let price = slice.quote.of(kind);
            let flights = slice.legs.iter().map(|leg| &leg.flight);
            let legs = directory.taxed_legs(price.amount, &filed, flights);
            (kind, directory.taxes().split(&legs, kind, sold_on, price.currency))
        });
        for (passenger_no, kind) in travellers {
            let part = parts.iter().find(|(of, _)| of == kind);
            fares.extend(part.map(|(_, parts)| SoldFare::new(*passenger_no, slice_no, parts)));
        }
    }
    fares
}

/// So many seats of a leg at its price.
pub(super) fn claim(leg: &LegOnSale, seats: u8) -> SeatClaim {
    SeatClaim { flight: leg.flight.id, cabin: leg.cabin, class_rank: leg.class_rank, seats, fare: leg.fare }
}

/// The party of these travellers.
pub(super) fn party(travellers: &[Traveller]) -> Option<Party> {
    let count = |kind| u8::try_from(travellers.iter().filter(|(_, other)| *other == kind).count()).ok();
    let [adults, children, infants] = PassengerType::ALL.map(count);
    Party::new(adults?, children?, infants?).ok()
}
