//! What seats and extras take on flights, in the order of locks.

use domain::extras::ExtraStatus;
use domain::seat_maps::SeatId;
use domain::seating::Reason;
use kernel::{Category, FlightId};
use platform::db::Sql;
use platform::http::Problem;

use super::facts::{BookingFacts, Scene};
use super::reserve::{refused, seat_taken};
use super::store::booked::ExtraRow;
use super::store::seats::{self, MaskRow, SeatRow};

/// A row to insert and what it takes.
pub(super) struct Line<'a> {
    pub(super) row: ExtraRow,
    pub(super) field: String,
    /// The seat its passenger has now.
    pub(super) before: Option<&'a ExtraRow>,
    pub(super) stock: Option<u32>,
}

impl<'a> Line<'a> {
    /// The seat of the same unpaid order that this one takes the place of.
    pub(super) fn takes_out(&self, order_no: i16) -> Option<&'a ExtraRow> {
        let before = self.before?;
        (before.order_no == order_no && before.status == ExtraStatus::Reserved).then_some(before)
    }
}

/// One thing to take or give back on a flight.
pub(super) enum Step<'a> {
    FreeMask { flight: FlightId, extra: i16 },
    TakeMask { mask: MaskRow, line: &'a Line<'a> },
    FreeSeat { seat: SeatRow },
    TakeSeat { seat: SeatRow, line: &'a Line<'a> },
    TakeStock { flight: FlightId, stock: u32, line: &'a Line<'a> },
}

/// What the lines take and give back, in the order of locks: masks, seats, stock; each by flight, then by block, seat or code;
/// what is given back before it is taken again. Two bookings that want one another's seats wait in the same order.
pub(super) fn steps<'a>(scene: &Scene<'_>, lines: &'a [Line<'a>], free: bool) -> Vec<Step<'a>> {
    let booking = scene.facts.booking;
    let mut steps: Vec<((u8, FlightId, String, bool), Step<'a>)> = Vec::new();
    for line in lines {
        let row = &line.row;
        if let Some(stock) = line.stock {
            let take = |flight: &FlightId| {
                ((2, *flight, row.code.clone(), true), Step::TakeStock { flight: *flight, stock, line })
            };
            steps.extend(row.flights.iter().map(take));
        }
        let (Some(seat), [flight]) = (row.seat, row.flights.as_slice()) else { continue };
        let flight = *flight;
        let own = |seat, extra_no| SeatRow {
            flight,
            seat,
            booking,
            passenger_no: row.passenger_no,
            segment_no: row.segments.first().copied().unwrap_or(0),
            extra_no,
        };
        // An issued seat stays until the new one is issued, which is now if nothing is to be paid.
        let leaves = line.before.filter(|before| free || before.status == ExtraStatus::Reserved);
        if let Some((before, left)) = leaves.and_then(|before| Some((before, before.seat?))) {
            let seat = own(left, before.number);
            steps.push(((1, flight, sort_key(left), false), Step::FreeSeat { seat }));
            let block = scene.now().mask_of(flight, booking, before.number);
            let free = Step::FreeMask { flight, extra: before.number };
            steps.extend(block.map(|block| ((0, flight, sort_key(block), false), free)));
        }
        let kept = line.before.filter(|_| leaves.is_none());
        let keeps = |block| {
            kept.is_some_and(|before| scene.now().mask_of(flight, booking, before.number) == Some(block))
        };
        if let Some(block) = row.mask.filter(|block| !keeps(*block)) {
            let mask = MaskRow { flight, block, booking, extra_no: row.number };
            steps.push(((0, flight, sort_key(block), true), Step::TakeMask { mask, line }));
        }
        let seat = own(seat, row.number);
        steps.push(((1, flight, sort_key(seat.seat), true), Step::TakeSeat { seat, line }));
    }
    steps.sort_by(|(one, _), (other, _)| one.cmp(other));
    steps.into_iter().map(|(_, step)| step).collect()
}

/// One order of seats for everybody.
fn sort_key(seat: SeatId) -> String {
    format!("{:02}{}", seat.row(), seat.letter())
}

impl Step<'_> {
    pub(super) async fn take(&self, sql: &Sql, facts: &BookingFacts) -> Result<(), Problem> {
        match self {
            Self::FreeMask { flight, extra } => seats::free_mask(sql, *flight, facts.booking, *extra).await?,
            Self::FreeSeat { seat } => seats::free_seat(sql, seat).await?,
            Self::TakeMask { mask, line } => {
                if !seats::take_mask(sql, mask).await? {
                    return Err(refuse_seat(line, Reason::InfantMask));
                }
            }
            Self::TakeSeat { seat, line } => {
                if !seats::take_seat(sql, seat).await? {
                    let field = format!("{}.seat", line.field);
                    let name = seat.seat.to_string();
                    return Err(seat_taken(seat.passenger_no, seat.segment_no, &name, &field));
                }
            }
            Self::TakeStock { flight, stock, line } => {
                let (code, quantity) = (&line.row.code, i32::from(line.row.quantity));
                let stock = i32::try_from(*stock).unwrap_or(i32::MAX);
                if !seats::take_stock(sql, *flight, code, quantity, stock).await? {
                    let problem =
                        Problem::new(Category::Conflict, "extra_sold_out").arg("name", line.row.name.clone());
                    return Err(problem
                        .field(&format!("{}.code", line.field))
                        .with("flight_id", flight.to_string()));
                }
            }
        }
        Ok(())
    }
}

fn refuse_seat(line: &Line<'_>, reason: Reason) -> Problem {
    let seat = line.row.seat.map(|seat| seat.to_string()).unwrap_or_default();
    refused(&seat, &format!("{}.seat", line.field), reason)
}
