//! What giving tickets back comes to: who and which slices, what comes back, which coupons and seats are freed.

use std::collections::BTreeSet;

use domain::booking::BookingStatus;
use domain::pricing::{Party, PassengerType};
use domain::refund::{self, FlightNow, Line, Moment, QuoteError, Reason, ReturnedExtra, SliceNow};
use domain::sold::SoldFare;
use jiff::Timestamp;
use kernel::{Category, FlightId};
use platform::db::{DbError, Sql};
use platform::http::Problem;

use super::super::store::{self, BookingRow, CouponRow, PassengerRow, SegmentRow, SliceRow};
use crate::app::App;
use crate::extras::api::{self as extras, PaidExtra};
use crate::flights::api::{self as flights, Directory, FlightRow};

/// A booking with all that decides about giving it back.
pub(in crate::booking) struct Facts {
    pub(in crate::booking) booking: BookingRow,
    pub(in crate::booking) passengers: Vec<PassengerRow>,
    pub(in crate::booking) slices: Vec<SliceRow>,
    pub(in crate::booking) segments: Vec<SegmentRow>,
    pub(in crate::booking) coupons: Vec<CouponRow>,
    pub(in crate::booking) fares: Vec<SoldFare>,
    pub(in crate::booking) flights: Vec<FlightRow>,
    pub(in crate::booking) extras: Vec<PaidExtra>,
}

/// Which tickets: every passenger named on every slice named, where they still have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::booking) struct Selection {
    pub(in crate::booking) passengers: BTreeSet<i16>,
    pub(in crate::booking) slices: BTreeSet<i16>,
}

/// What giving a selection back comes to.
pub(in crate::booking) struct Terms {
    pub(in crate::booking) selection: Selection,
    pub(in crate::booking) fares: Vec<SoldFare>,
    pub(in crate::booking) lines: Vec<Line>,
    /// Passenger and segment of each coupon that goes back.
    pub(in crate::booking) coupons: Vec<(i16, i16)>,
    /// Extras that go back with them, by number.
    pub(in crate::booking) extras: Vec<i16>,
    /// Nothing is left of the booking afterwards.
    pub(in crate::booking) whole: bool,
}

impl Terms {
    /// What comes back, minor units.
    pub(in crate::booking) fn refund(&self) -> i64 {
        self.lines.iter().map(|line| line.back).sum()
    }

    /// What does not.
    pub(in crate::booking) fn kept(&self) -> i64 {
        self.lines.iter().map(|line| line.paid - line.back).sum()
    }
}

impl Facts {
    pub(in crate::booking) async fn load(sql: &Sql, booking: BookingRow) -> Result<Self, DbError> {
        let id = booking.id;
        let (passengers, slices, segments, coupons, fares, extras) = Box::pin(async {
            tokio::try_join!(
                store::passengers(sql, id),
                store::slices(sql, id),
                store::segments(sql, id),
                store::coupons(sql, id),
                store::fares(sql, id),
                paid_extras(sql, &booking),
            )
        })
        .await?;
        let ids: Vec<FlightId> = segments.iter().map(|segment| segment.flight).collect();
        let flights = flights::flight_rows(sql, &ids).await?;
        Ok(Self { booking, passengers, slices, segments, coupons, fares, flights, extras })
    }

    pub(in crate::booking) fn flight(&self, segment: &SegmentRow) -> Option<&FlightRow> {
        self.flights.iter().find(|flight| flight.id == segment.flight)
    }

    fn segments_of(&self, slice: i16) -> impl Iterator<Item = &SegmentRow> {
        self.segments.iter().filter(move |segment| segment.slice == slice)
    }

    /// A coupon can go back while its passenger can still fly on it: it is live, and its flight has not left. One that the airline kept from
    /// being flown ([`Self::is_owed`]) can afterwards too.
    fn returnable(&self, passenger: i16, segment: &SegmentRow, now: Timestamp) -> bool {
        let of =
            |coupon: &&CouponRow| (coupon.passenger_no, coupon.segment_no) == (passenger, segment.number);
        let left = |flight: &FlightRow| flight.expected().0 <= now && !flight.is_cancelled();
        let Some(coupon) = self.coupons.iter().find(of) else { return false };
        let flies = coupon.is_live() && !self.flight(segment).is_some_and(left);
        flies || (coupon.is_unflown() && self.is_owed(passenger, segment))
    }

    /// Whether the airline owes a flight to a passenger who was not on it, there in time or not: it is cancelled, or one before it in the slice
    /// is, and they could not get to it. Not to whoever gave a part of the slice back before, or had it exchanged: they had the price of all of
    /// it then.
    fn is_owed(&self, passenger: i16, segment: &SegmentRow) -> bool {
        let cancelled = |before: &SegmentRow| {
            before.number <= segment.number && self.flight(before).is_some_and(FlightRow::is_cancelled)
        };
        let gone = |before: &SegmentRow| {
            let of =
                |coupon: &CouponRow| (coupon.passenger_no, coupon.segment_no) == (passenger, before.number);
            self.coupons.iter().any(|coupon| of(coupon) && coupon.is_gone())
        };
        self.segments_of(segment.slice).any(cancelled) && !self.segments_of(segment.slice).any(gone)
    }

    /// The coupons of a passenger on a slice that can go back.
    fn coupons_of(&self, passenger: i16, slice: i16, now: Timestamp) -> Vec<(i16, i16)> {
        let segments = self.segments_of(slice).filter(|segment| self.returnable(passenger, segment, now));
        segments.map(|segment| (passenger, segment.number)).collect()
    }

    /// The slice as the rules of refunds look at it.
    fn slice_now<'a>(&'a self, directory: &'a Directory, slice: &'a SliceRow) -> SliceNow<'a> {
        slice_now(directory, slice, (&self.segments, &self.flights, &self.coupons))
    }

    /// Slices whose next flight is cancelled, or moved so far that everything comes back.
    pub(in crate::booking) fn broken_slices(&self, app: &App, now: Timestamp) -> BTreeSet<i16> {
        let directory = app.directory.load();
        let broken = |slice: &&SliceRow| {
            self.slice_now(&directory, slice).disruption(now, directory.refund_rules()).is_some()
        };
        self.slices.iter().filter(broken).map(|slice| slice.slice_no).collect()
    }

    /// All that can still be given back: of slices that have begun only what the airline broke.
    pub(in crate::booking) fn everything(&self, app: &App, now: Timestamp) -> Selection {
        let broken = self.broken_slices(app, now);
        let departs = |slice: i16| {
            let flights = self.segments_of(slice).filter_map(|segment| self.flight(segment));
            flights.map(|flight| flight.expected().0).min()
        };
        let open = |slice: i16| departs(slice).is_some_and(|at| at > now) || broken.contains(&slice);
        let slices: BTreeSet<i16> =
            self.slices.iter().map(|slice| slice.slice_no).filter(|slice| open(*slice)).collect();
        let passengers = self.passengers.iter().map(|passenger| passenger.number);
        let has =
            |passenger: &i16| slices.iter().any(|slice| !self.coupons_of(*passenger, *slice, now).is_empty());
        Selection { passengers: passengers.filter(has).collect(), slices: slices.clone() }
    }

    /// All of the slices of which the airline has cancelled a flight, if there are any to give back. What it moved its
    /// travellers may still want to fly.
    pub(in crate::booking) fn cancelled(&self, app: &App, now: Timestamp) -> Option<Selection> {
        let Selection { passengers, slices } = self.everything(app, now);
        let broken = |slice: &i16| {
            let flights = self.segments_of(*slice).filter_map(|segment| self.flight(segment));
            flights.into_iter().any(FlightRow::is_cancelled)
        };
        let slices: BTreeSet<i16> = slices.into_iter().filter(broken).collect();
        let some = passengers
            .iter()
            .any(|passenger| slices.iter().any(|slice| !self.coupons_of(*passenger, *slice, now).is_empty()));
        some.then_some(Selection { passengers, slices })
    }

    /// What the selection comes to at `as_of`, or why it cannot be given back.
    pub(in crate::booking) fn terms(
        &self,
        app: &App,
        selection: Selection,
        as_of: Timestamp,
    ) -> Result<Terms, Problem> {
        let pairs = || {
            let passengers = selection.passengers.iter();
            passengers.flat_map(|passenger| selection.slices.iter().map(move |slice| (*passenger, *slice)))
        };
        let mut coupons = Vec::new();
        let mut fares = Vec::new();
        for (passenger, slice) in pairs() {
            let here = self.coupons_of(passenger, slice, as_of);
            if !here.is_empty() {
                coupons.extend(here);
                let sold = |fare: &&SoldFare| (fare.passenger_no, fare.slice_no) == (passenger, slice);
                fares.extend(self.fares.iter().find(sold).cloned());
            }
        }
        if coupons.is_empty() {
            return Err(already_departed());
        }
        self.check_who_stays(&coupons)?;
        let directory = app.directory.load();
        let slices: Vec<SliceNow<'_>> =
            self.slices.iter().map(|slice| self.slice_now(&directory, slice)).collect();
        let (moment, rules) = (self.moment(as_of), directory.refund_rules());
        let mut lines = refund::quote(moment, &slices, &fares, rules).map_err(refuse)?;
        let extras = self.returned_extras(&coupons);
        lines.extend(refund::quote_extras(moment, &slices, &extras, rules).map_err(refuse)?);
        let extras = extras.iter().map(|extra| extra.number).collect();
        // Whoever is on board, or did not come, has had what they paid for: the booking is not over with the others.
        let kept = self.coupons.iter().filter(|coupon| !coupon.is_gone()).count();
        Ok(Terms { whole: kept == coupons.len(), selection, fares, lines, coupons, extras })
    }

    /// The extras of flights that are left for others, and what comes back of each. A slice that has departed meanwhile gives
    /// nothing back.
    pub(in crate::booking) fn extras_left(
        &self,
        app: &App,
        coupons: &[(i16, i16)],
        now: Timestamp,
    ) -> (Vec<i16>, Vec<Line>) {
        let directory = app.directory.load();
        let slices: Vec<SliceNow<'_>> =
            self.slices.iter().map(|slice| self.slice_now(&directory, slice)).collect();
        let extras = self.returned_extras(coupons);
        let lines = refund::quote_extras(self.moment(now), &slices, &extras, directory.refund_rules());
        (extras.iter().map(|extra| extra.number).collect(), lines.unwrap_or_default())
    }

    /// The extras that go back with these coupons: those of which no flight is left to fly.
    fn returned_extras(&self, coupons: &[(i16, i16)]) -> Vec<ReturnedExtra<'_>> {
        let goes_back = |extra: &PaidExtra, segment: &i16| coupons.contains(&(extra.passenger_no, *segment));
        let stays = |extra: &PaidExtra, segment: &i16| {
            let own = |coupon: &CouponRow| {
                (coupon.passenger_no, coupon.segment_no) == (extra.passenger_no, *segment)
            };
            !goes_back(extra, segment) && self.coupons.iter().any(|coupon| own(coupon) && coupon.is_live())
        };
        let returned = self.extras.iter().filter(|extra| {
            extra.segments.iter().any(|segment| goes_back(extra, segment))
                && !extra.segments.iter().any(|segment| stays(extra, segment))
        });
        let count = |count: usize| u32::try_from(count).unwrap_or(0);
        returned
            .map(|extra| ReturnedExtra {
                number: extra.number,
                passenger_no: extra.passenger_no,
                slice_no: extra.slice_no,
                kind: extra.kind,
                name: &extra.name,
                value: extra.value,
                refund: &extra.refund,
                unused: (
                    count(extra.segments.iter().filter(|segment| goes_back(extra, segment)).count()),
                    count(extra.segments.len()),
                ),
            })
            .collect()
    }

    /// Children and infants do not stay behind alone, and every infant keeps a lap: on each flight for itself.
    fn check_who_stays(&self, given_back: &[(i16, i16)]) -> Result<(), Problem> {
        for segment in &self.segments {
            let stays = |coupon: &&CouponRow| {
                coupon.segment_no == segment.number
                    && coupon.flies()
                    && !given_back.contains(&(coupon.passenger_no, coupon.segment_no))
            };
            let mut counts = [0_u8; 3];
            for coupon in self.coupons.iter().filter(stays) {
                let kind = self.passengers.iter().find(|p| p.number == coupon.passenger_no).map(|p| p.kind);
                let place = PassengerType::ALL.iter().position(|other| Some(*other) == kind);
                if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                    *count += 1;
                }
            }
            let [adults, children, infants] = counts;
            if counts != [0; 3] && Party::new(adults, children, infants).is_err() {
                let problem = Problem::new(Category::Unprocessable, "adult_must_stay");
                return Err(problem.field("passengers"));
            }
        }
        Ok(())
    }

    /// The coupons of a slice that are open: passenger and segment.
    pub(in crate::booking) fn open_coupons(&self, slice: i16) -> Vec<(i16, i16)> {
        let on_it = |coupon: &&CouponRow| {
            coupon.status == "open"
                && self.segments_of(slice).any(|segment| segment.number == coupon.segment_no)
        };
        self.coupons.iter().filter(on_it).map(|coupon| (coupon.passenger_no, coupon.segment_no)).collect()
    }

    /// Whether somebody is checked in to a flight of a slice: they take that back before they fly another.
    pub(in crate::booking) fn is_checked_in(&self, slice: i16) -> bool {
        let on_it =
            |coupon: &CouponRow| self.segments_of(slice).any(|segment| segment.number == coupon.segment_no);
        let is_in = |coupon: &CouponRow| matches!(coupon.status.as_str(), "checked_in" | "boarded");
        self.coupons.iter().any(|coupon| is_in(coupon) && on_it(coupon))
    }

    /// Departure and arrival of a slice as they are scheduled now.
    pub(in crate::booking) fn times_of(&self, slice: i16) -> Option<(Timestamp, Timestamp)> {
        let flights = || self.segments_of(slice).filter_map(|segment| self.flight(segment));
        Some((flights().map(|f| f.departs_at).min()?, flights().map(|f| f.arrives_at).max()?))
    }

    /// Whether a flight of the slice has left.
    pub(in crate::booking) fn has_begun(&self, slice: i16, now: Timestamp) -> bool {
        let flights = self.segments_of(slice).filter_map(|segment| self.flight(segment));
        flights.into_iter().any(|flight| flight.expected().0 <= now && !flight.is_cancelled())
    }

    /// The fares of these passengers on these slices.
    pub(in crate::booking) fn fares_on<'a>(
        &'a self,
        slices: &'a BTreeSet<i16>,
        travellers: &'a [(i16, PassengerType)],
    ) -> impl Iterator<Item = &'a SoldFare> {
        self.fares.iter().filter(move |fare| {
            slices.contains(&fare.slice_no)
                && travellers.iter().any(|(passenger, _)| *passenger == fare.passenger_no)
        })
    }

    /// What decides about what comes back of a slice's fares now.
    pub(in crate::booking) fn verdict(
        &self,
        app: &App,
        slice: i16,
        now: Timestamp,
    ) -> Result<Reason, Problem> {
        let directory = app.directory.load();
        let row = self.slices.iter().find(|row| row.slice_no == slice).ok_or_else(Problem::not_found)?;
        let slice = self.slice_now(&directory, row);
        refund::verdict(self.moment(now), &slice, directory.refund_rules()).map_err(refuse)
    }

    /// When it was bought, and when it is given back.
    fn moment(&self, now: Timestamp) -> Moment {
        moment(&self.booking, &self.segments, now)
    }

    /// How many seats go back on each segment.
    pub(in crate::booking) fn freed_seats(&self, coupons: &[(i16, i16)]) -> Vec<(&SegmentRow, u8)> {
        let seated = |passenger: i16| {
            let row = self.passengers.iter().find(|row| row.number == passenger);
            row.is_some_and(|row| row.kind != PassengerType::Infant)
        };
        let count = |segment: &SegmentRow| {
            let here = coupons.iter().filter(|(who, number)| *number == segment.number && seated(*who));
            u8::try_from(here.count()).unwrap_or(u8::MAX)
        };
        self.segments
            .iter()
            .map(|segment| (segment, count(segment)))
            .filter(|(_, seats)| *seats > 0)
            .collect()
    }
}

/// A slice as the rules of refunds look at it, with the flights of its segments and their coupons, which are among these.
pub(in crate::booking) fn slice_now<'a>(
    directory: &'a Directory,
    slice: &'a SliceRow,
    (segments, flights, coupons): (&'a [SegmentRow], &'a [FlightRow], &[CouponRow]),
) -> SliceNow<'a> {
    let flight = |segment: &'a SegmentRow| {
        let row = flights.iter().find(|flight| flight.id == segment.flight)?;
        let carried = coupons.iter().filter(|coupon| coupon.segment_no == segment.number && coupon.is_used());
        Some(FlightNow {
            price: segment.price,
            sold: segment.sold,
            now: row.expected(),
            cancelled: row.is_cancelled(),
            countries: (directory.country_code(row.origin), directory.country_code(row.destination)),
            carried: carried.map(|coupon| coupon.passenger_no).collect(),
        })
    };
    let own = segments.iter().filter(|segment| segment.slice == slice.slice_no);
    SliceNow {
        slice_no: slice.slice_no,
        conditions: &slice.conditions,
        flights: own.filter_map(flight).collect(),
    }
}

/// When a booking of these segments was bought, and when it is given back.
pub(in crate::booking) fn moment(booking: &BookingRow, segments: &[SegmentRow], now: Timestamp) -> Moment {
    Moment {
        booked_at: booking.created_at,
        first_departure: segments.iter().map(|segment| segment.sold.0).min().unwrap_or(now),
        now,
    }
}

/// What was paid beside the fares; nothing is asked for a booking that never had any.
async fn paid_extras(sql: &Sql, booking: &BookingRow) -> Result<Vec<PaidExtra>, DbError> {
    if booking.has_extras { extras::paid_extras(sql, booking.id).await } else { Ok(Vec::new()) }
}

/// Refuses a booking that is over, or is being paid for.
pub(in crate::booking) fn check_open(booking: &BookingRow) -> Result<(), Problem> {
    let conflict = |code| Problem::new(Category::Conflict, code);
    match booking.status {
        BookingStatus::Held if booking.paying => Err(conflict("payment_in_progress").retry_after(5)),
        BookingStatus::Held | BookingStatus::Confirmed => Ok(()),
        BookingStatus::Cancelled | BookingStatus::Expired | BookingStatus::Completed => {
            Err(conflict("booking_closed").arg("status", booking.status.as_str()).actions(&[]))
        }
    }
}

pub(super) fn already_departed() -> Problem {
    Problem::new(Category::Conflict, "already_departed").actions(&[])
}

fn refuse(error: QuoteError) -> Problem {
    match error {
        QuoteError::Departed(_) => already_departed(),
        QuoteError::NoSlice(_) | QuoteError::Money(_) => Problem::internal(error),
    }
}
