//! What can be done in each state, at the edges of each time.

use jiff::SignedDuration;

use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

/// A flight that departs after so many minutes and sells extras until an hour before.
fn flight(segment: i16, departs: i64, coupons: &[CouponStatus]) -> FlightNow {
    FlightNow {
        segment,
        departs_at: at(departs),
        cancelled: false,
        extras_close_at: at(departs - 60),
        coupons: coupons.to_vec(),
    }
}

/// There at minute 1000 with a connection at 1200, and back at 5000.
fn booked(status: BookingStatus, coupons: &[CouponStatus]) -> BookingNow {
    let slice = |number, flights| SliceNow { number, flights, broken: false, changes: Changes::Yes };
    BookingNow {
        status,
        hold: HoldNow { expires_at: at(15), extended: false, paying: false },
        order: None,
        slices: vec![
            slice(1, vec![flight(1, 1000, coupons), flight(2, 1200, coupons)]),
            slice(2, vec![flight(3, 5000, coupons)]),
        ],
        check_in: Vec::new(),
    }
}

fn confirmed() -> BookingNow {
    booked(BookingStatus::Confirmed, &[CouponStatus::Open, CouponStatus::Open])
}

/// Each as `action`, `action/slice` or `action#segment`, with the minute it ends at.
fn said(booking: &BookingNow, minute: i64) -> Vec<(String, Option<i64>)> {
    let one = |chance: Chance| {
        let word = chance.action.as_str();
        let name = match (chance.slice, chance.segment) {
            (Some(slice), None) => format!("{word}/{slice}"),
            (None, Some(segment)) => format!("{word}#{segment}"),
            _ => word.to_owned(),
        };
        (name, chance.until.map(|until| until.as_second() / 60))
    };
    chances(booking, at(minute)).into_iter().map(one).collect()
}

fn expect(booking: &BookingNow, minute: i64, expected: &[(&str, i64)]) {
    let expected: Vec<(String, Option<i64>)> =
        expected.iter().map(|(name, until)| ((*name).to_owned(), Some(*until))).collect();
    assert_eq!(said(booking, minute), expected, "at minute {minute}");
}

#[test]
fn a_hold_is_paid_kept_longer_once_and_given_up_until_its_deadline() {
    let mut hold = booked(BookingStatus::Held, &[]);
    let extras = [("add_extras#1", 15), ("add_extras#2", 15), ("add_extras#3", 15)];
    let with =
        |first: &[(&'static str, i64)]| [first, extras.as_slice(), [("cancel", 15)].as_slice()].concat();
    expect(&hold, 0, &with(&[("pay", 15), ("extend", 15)]));
    expect(&hold, 14, &with(&[("pay", 15), ("extend", 15)]));
    expect(&hold, 15, &[]);
    hold.hold.extended = true;
    expect(&hold, 0, &with(&[("pay", 15)]));
    hold.hold.paying = true;
    expect(&hold, 0, &[]);
}

#[test]
fn a_hold_of_a_cancelled_flight_is_not_paid_and_one_that_departs_soon_closes_earlier() {
    let mut hold = booked(BookingStatus::Held, &[]);
    hold.slices[0].flights[1].cancelled = true;
    hold.slices[0].flights[0].extras_close_at = at(7);
    expect(&hold, 0, &[("extend", 15), ("add_extras#1", 7), ("add_extras#3", 15), ("cancel", 15)]);
    expect(&hold, 7, &[("extend", 15), ("add_extras#3", 15), ("cancel", 15)]);
}

#[test]
fn tickets_are_changed_and_given_back_until_their_slice_departs() {
    let booking = confirmed();
    let back = [("add_extras#3", 4940), ("change/2", 5000), ("cancel/2", 5000)];
    expect(
        &booking,
        0,
        &[
            ("add_extras#1", 940),
            ("add_extras#2", 1140),
            ("add_extras#3", 4940),
            ("change/1", 1000),
            ("change/2", 5000),
            ("cancel/1", 1000),
            ("cancel/2", 5000),
        ],
    );
    // The first slice has begun; extras of its second flight are still sold.
    expect(
        &booking,
        1000,
        &[("add_extras#2", 1140), ("add_extras#3", 4940), ("change/2", 5000), ("cancel/2", 5000)],
    );
    expect(&booking, 1200, &back);
    expect(&booking, 5000, &[]);
}

#[test]
fn nothing_else_is_done_while_an_order_waits() {
    let mut booking = confirmed();
    booking.check_in = vec![Chance::of_segment(Action::CheckIn, 1, Some(at(940)))];
    let order = OrderNow { expires_at: at(15), paying: false, flies: true };
    booking.order = Some(order);
    expect(&booking, 0, &[("pay", 15), ("cancel_order", 15)]);
    expect(&booking, 15, &[]);
    booking.order = Some(OrderNow { flies: false, ..order });
    expect(&booking, 0, &[("cancel_order", 15)]);
    booking.order = Some(OrderNow { paying: true, ..order });
    expect(&booking, 0, &[]);
    booking.order = None;
    assert_eq!(said(&booking, 0)[0], ("check_in#1".to_owned(), Some(940)), "the most pressing is first");
}

#[test]
fn whoever_is_checked_in_takes_that_back_before_a_change_and_families_have_a_say() {
    let mut booking = booked(BookingStatus::Confirmed, &[CouponStatus::Open, CouponStatus::CheckedIn]);
    let names = |booking: &BookingNow, minute| -> Vec<String> {
        said(booking, minute).into_iter().map(|(name, _)| name).filter(|name| name.starts_with('c')).collect()
    };
    assert_eq!(names(&booking, 0), ["cancel/1", "cancel/2"]);
    booking = confirmed();
    booking.slices[0].changes = Changes::No;
    booking.slices[1].changes = Changes::Until(at(60));
    assert_eq!(names(&booking, 60), ["change/2", "cancel/1", "cancel/2"]);
    assert_eq!(names(&booking, 61), ["cancel/1", "cancel/2"]);
    let change = said(&booking, 0).into_iter().find(|(name, _)| name == "change/2");
    assert_eq!(change, Some(("change/2".to_owned(), Some(60))));
}

#[test]
fn what_the_airline_broke_goes_back_after_it_has_begun() {
    let mut booking = confirmed();
    booking.slices[0].broken = true;
    let of = |booking: &BookingNow, minute| {
        said(booking, minute).into_iter().find(|(name, _)| name == "cancel/1").map(|(_, until)| until)
    };
    assert_eq!(of(&booking, 1100), Some(Some(1200)), "what is left of it leaves then");
    assert_eq!(of(&booking, 1200), None);
    booking.slices[0].flights[1].cancelled = true;
    assert_eq!(of(&booking, 1300), Some(None), "no clock ends it");
    booking.slices[0].flights[1].coupons = vec![CouponStatus::Refunded];
    assert_eq!(of(&booking, 1100), None, "nothing is left");
}

#[test]
fn nothing_is_done_with_what_is_over() {
    for status in [BookingStatus::Completed, BookingStatus::Expired, BookingStatus::Cancelled] {
        expect(&booked(status, &[CouponStatus::Open]), 0, &[]);
    }
    for gone in [CouponStatus::Exchanged, CouponStatus::Refunded, CouponStatus::NoShow, CouponStatus::Flown] {
        expect(&booked(BookingStatus::Confirmed, &[gone]), 0, &[]);
    }
}

#[test]
fn what_can_be_done_ends_later_than_now() {
    let states = [CouponStatus::Open, CouponStatus::CheckedIn, CouponStatus::Boarded, CouponStatus::Refunded];
    for (seed, minute) in (0..4_096_usize).flat_map(|seed| [0, 500, 1000, 1100, 1300].map(|at| (seed, at))) {
        let mut booking = confirmed();
        for (place, flight) in booking.slices.iter_mut().flat_map(|slice| &mut slice.flights).enumerate() {
            flight.coupons = vec![states[(seed >> (2 * place)) & 3]];
            flight.cancelled = (seed >> (6 + place)) & 1 == 1;
        }
        booking.slices[0].broken = (seed >> 9) & 1 == 1;
        booking.slices[1].broken = (seed >> 10) & 1 == 1;
        for chance in chances(&booking, at(minute)) {
            assert!(
                chance.until.is_none_or(|until| until > at(minute)),
                "{booking:?} at {minute}: {chance:?}"
            );
        }
    }
}
