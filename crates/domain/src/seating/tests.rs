use std::collections::BTreeSet;

use jiff::civil::date;
use kernel::Cabin;
use proptest::prelude::*;

use super::*;
use crate::fare_families::SeatChoice;
use crate::seat_maps::{self, SeatMap};

fn maps() -> Vec<SeatMap> {
    seat_maps::parse("seat-maps.csv", include_bytes!("../../../../data/seat-maps.csv")).expect("a good file")
}

fn map(aircraft: &str) -> SeatMap {
    maps().into_iter().find(|map| map.aircraft == aircraft).expect("a map")
}

fn seat(text: &str) -> SeatId {
    text.parse().expect("a seat")
}

fn seats(text: &str) -> BTreeSet<SeatId> {
    text.split_whitespace().map(seat).collect()
}

/// `1:12A 2:12B`.
fn chosen(text: &str) -> Seats {
    let pair = |word: &str| {
        let (who, place) = word.split_once(':').expect("a pair");
        (who.parse().expect("a number"), seat(place))
    };
    text.split_whitespace().map(pair).collect()
}

/// The 73H's economy: rows 5 to 12 and 14 to 30, exits at 15 and 16, 30F blocked.
fn plan_with(taken: &str, masks: &str) -> CabinPlan {
    CabinPlan::new(&map("73H"), Cabin::Economy, 150, &seats(taken), &seats(masks))
}

/// A letter for each passenger: adult, young (an adult of 14), child, infant.
fn party(kinds: &str) -> Vec<Traveller> {
    let day = date(2026, 12, 1);
    let passenger = |(number, letter): (i16, char)| match letter {
        'a' => (number, PassengerType::Adult, date(1990, 1, 1)),
        'y' => (number, PassengerType::Adult, date(2011, 12, 2)),
        'c' => (number, PassengerType::Child, date(2020, 1, 1)),
        _ => (number, PassengerType::Infant, date(2026, 1, 1)),
    };
    let passengers: Vec<_> = (1..).zip(kinds.chars()).map(passenger).collect();
    travellers(&passengers, day)
}

#[test]
fn infants_are_on_the_laps_of_the_first_adults() {
    let laps = |kinds| party(kinds).iter().map(|who| (who.passenger_no, who.infant)).collect::<Vec<_>>();
    assert_eq!(laps("acai"), [(1, Some(4)), (2, None), (3, None)]);
    assert_eq!(laps("iaai"), [(2, Some(1)), (3, Some(4))]);
}

#[test]
fn who_may_sit_where() {
    let plan = plan_with("7A 7B", "8A");
    for (kinds, kept, choice, expected) in [
        ("a", "", "1:9A", ""),
        ("a", "", "1:13A", "1 no_such_seat"),
        ("a", "", "1:1A", "1 no_such_seat"),
        ("a", "", "1:7A", "1 taken"),
        ("a", "", "1:30F", "1 blocked"),
        ("aa", "", "1:9A 2:9A", "1 chosen_twice, 2 chosen_twice"),
        ("aa", "1:9A", "2:9A", "2 chosen_twice"),
        ("aa", "1:9A 2:9B", "1:9B 2:9A", ""),
        // Exits: from fifteen on, and nobody with an infant.
        ("a", "", "1:15A", ""),
        ("y", "", "1:15A", "1 exit_age"),
        ("y", "", "1:14A", ""),
        ("ac", "", "1:14C 2:15C", "2 exit_age"),
        ("ai", "", "1:15A", "1 exit_infant"),
        ("aai", "", "2:15A", ""),
        // Of a party with children somebody looks after them.
        ("ac", "", "1:15A", "1 exit_guardian"),
        ("ac", "", "1:15A 2:15B", "1 exit_guardian, 2 exit_age"),
        ("aac", "", "1:15A 2:15B", "1 exit_guardian, 2 exit_guardian"),
        ("aac", "2:15B", "1:15A", "1 exit_guardian"),
        ("aac", "", "1:15A 2:14B 3:14A", ""),
        ("aa", "", "1:15A 2:15B", ""),
        // One infant to a block with a mask; row 8 has one on the left already.
        ("ai", "", "1:9A", ""),
        ("ai", "", "1:8B", "1 infant_mask"),
        ("ai", "", "1:8D", ""),
        ("a", "", "1:8B", ""),
        ("ai", "", "1:5A", ""),
        ("aaii", "", "1:9A 2:9B", "1 infant_mask, 2 infant_mask"),
        ("aaii", "", "1:9A 2:9D", ""),
        ("aaii", "1:9A", "2:9C", "2 infant_mask"),
    ] {
        let refusals = check(&plan, &party(kinds), &chosen(kept), &chosen(choice));
        let told: Vec<String> = refusals
            .iter()
            .map(|refusal| format!("{} {}", refusal.passenger_no, refusal.reason.as_str()))
            .collect();
        assert_eq!(told.join(", "), expected, "{kinds}: {kept} then {choice}");
    }
}

#[test]
fn children_sit_beside_an_adult_where_that_can_be() {
    // All of rows 20 and 21 but these.
    let crowded = CabinPlan::new(
        &map("73H"),
        Cabin::Economy,
        150,
        &map("73H")
            .seats(Cabin::Economy)
            .iter()
            .map(|place| place.id)
            .filter(|id| !seats("20A 20C 21D 22A 22F").contains(id))
            .collect(),
        &BTreeSet::new(),
    );
    let free = plan_with("", "");
    for (plan, kinds, kept, choice, expected) in [
        (&free, "ac", "", "1:9A 2:9B", vec![]),
        // Across the aisle is beside; two seats away, or in the next row, is not.
        (&free, "ac", "", "1:9C 2:9D", vec![]),
        (&free, "ac", "", "1:9A 2:9C", vec![2]),
        (&free, "ac", "", "1:9A 2:10A", vec![2]),
        (&free, "acc", "", "1:9B 2:9A 3:9C", vec![]),
        (&free, "acc", "", "1:9A 2:9B 3:9C", vec![3]),
        // A third child has no seat beside the only adult: that is as good as it can be.
        (&free, "accc", "", "1:9B 2:9A 3:9C 4:10B", vec![]),
        (&free, "accc", "", "1:9A 2:9B 3:9C 4:10B", vec![3, 4]),
        // A child alone while its adult could have a seat beside it.
        (&free, "ac", "", "2:9B", vec![2]),
        (&free, "ac", "1:9A", "2:9B", vec![]),
        (&free, "ac", "1:9A", "2:9C", vec![2]),
        (&free, "ac", "1:9A", "1:20A 2:20B", vec![]),
        // An adult may choose first, and a child without a seat is not apart.
        (&free, "ac", "", "1:9A", vec![]),
        // Nothing beside one another is left, so apart is no worse.
        (&crowded, "ac", "", "1:20A 2:20C", vec![]),
        (&crowded, "ac", "", "1:22A 2:21D", vec![]),
    ] {
        let refusals = check(plan, &party(kinds), &chosen(kept), &chosen(choice));
        assert!(refusals.iter().all(|refusal| refusal.reason == Reason::ChildApart), "{refusals:?}");
        let apart: Vec<i16> = refusals.iter().map(|refusal| refusal.passenger_no).collect();
        assert_eq!(apart, expected, "{kinds}: {kept} then {choice}");
    }
    // An adult whose neighbours are strangers cannot have the child beside it, and need not move.
    let strangers = plan_with("9A 9C", "");
    assert!(check(&strangers, &party("ac"), &chosen("1:9B"), &chosen("2:20A")).is_empty());
}

#[test]
fn more_seats_on_the_map_than_are_sold_are_blocked_from_the_back() {
    let plan = CabinPlan::new(&map("73H"), Cabin::Economy, 8, &BTreeSet::new(), &BTreeSet::new());
    let free: Vec<String> = plan
        .places()
        .iter()
        .filter(|place| place.state == PlaceState::Free)
        .map(|place| place.seat.id.to_string())
        .collect();
    assert_eq!(free.join(" "), "5A 5B 5C 5D 5E 5F 6A 6B");
    assert_eq!(plan.state(seat("6C")), Some(PlaceState::Blocked));
    let roomy = CabinPlan::new(&map("73H"), Cabin::Economy, 999, &BTreeSet::new(), &BTreeSet::new());
    assert_eq!(roomy.state(seat("30E")), Some(PlaceState::Free));
}

#[test]
fn proposals_keep_together_then_cheap_then_in_front() {
    let free = plan_with("", "");
    for (kinds, fixed, choice, expected) in [
        ("a", "", SeatChoice::Any, "1:5A"),
        ("a", "", SeatChoice::Standard, "1:9A"),
        ("aa", "", SeatChoice::Standard, "1:9A 2:9B"),
        ("ac", "", SeatChoice::Standard, "1:9A 2:9B"),
        ("acc", "", SeatChoice::Standard, "1:9B 2:9C 3:9A"),
        ("aaccc", "", SeatChoice::Standard, "1:9B 2:9D 3:9C 4:9E 5:9A"),
        ("aaii", "", SeatChoice::Standard, "1:9A 2:9D"),
        ("ac", "1:20C", SeatChoice::Standard, "2:20B"),
    ] {
        let proposed = propose(&free, &party(kinds), &chosen(fixed), choice);
        assert_eq!(proposed, chosen(expected), "{kinds} with {fixed}");
    }
    let almost_full = CabinPlan::new(
        &map("AT7"),
        Cabin::Economy,
        70,
        &map("AT7")
            .seats(Cabin::Economy)
            .iter()
            .map(|place| place.id)
            .filter(|id| *id != seat("9C"))
            .collect(),
        &BTreeSet::new(),
    );
    assert_eq!(propose(&almost_full, &party("aa"), &Seats::new(), SeatChoice::Any), chosen("1:9C"));
}

fn any_party() -> impl Strategy<Value = String> {
    (1_usize..=4, 0_usize..=5, 0_usize..=4).prop_map(|(adults, children, infants)| {
        let children = children.min(9 - adults);
        format!("{}{}{}", "a".repeat(adults), "c".repeat(children), "i".repeat(infants.min(adults)))
    })
}

/// Only these seats of the 73H are free.
fn nearly_full(free: &str) -> CabinPlan {
    let (map, free) = (map("73H"), seats(free));
    let all = map.seats(Cabin::Economy);
    let taken = all.iter().map(|place| place.id).filter(|seat| !free.contains(seat)).collect();
    CabinPlan::new(&map, Cabin::Economy, 999, &taken, &BTreeSet::new())
}

/// In a cabin that is nearly full an exit is for the second adult of a party with children, and never for the only one.
#[test]
fn an_exit_is_proposed_to_nobody_who_looks_after_children() {
    for (kinds, free, expected) in [
        ("a", "15A", "1:15A"),
        ("ac", "15A 15B", ""),
        ("ac", "15A 9A", "1:9A"),
        ("aac", "15A 9A 20C", "1:9A 2:15A 3:20C"),
        ("aac", "15A 9A", "1:9A 2:15A"),
        ("acccc", "15A 15B 16A", ""),
    ] {
        let (plan, party) = (nearly_full(free), party(kinds));
        let proposed = propose(&plan, &party, &Seats::new(), SeatChoice::Any);
        assert_eq!(proposed, chosen(expected), "{kinds}, {free}");
        let adults =
            proposed.iter().filter(|(who, _)| !party[usize::try_from(**who - 1).expect("few")].child);
        assert!(
            check(&plan, &party, &Seats::new(), &adults.map(|(who, seat)| (*who, *seat)).collect())
                .is_empty()
        );
    }
}

proptest! {
    /// Whatever is taken: what we propose is refused by no rule, seats are different and free, and the same question has the
    /// same answer.
    #[test]
    fn proposals_follow_the_rules(
        kinds in any_party(),
        aircraft in 0_usize..5,
        full in prop_oneof![Just(0.0), 0.0_f64..1.0],
        seed in any::<u64>(),
    ) {
        let map = &maps()[aircraft];
        let random = |index: usize| {
            let mixed = (seed ^ (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
            f64::from(u32::try_from(mixed >> 32).expect("32 bits")) / f64::from(u32::MAX)
        };
        let all = map.seats(Cabin::Economy);
        let taken: BTreeSet<SeatId> =
            all.iter().enumerate().filter(|(index, _)| random(*index) < full).map(|(_, place)| place.id).collect();
        let plan = CabinPlan::new(map, Cabin::Economy, 999, &taken, &BTreeSet::new());
        let party = party(&kinds);
        let proposed = propose(&plan, &party, &Seats::new(), SeatChoice::Any);
        prop_assert_eq!(&proposed, &propose(&plan, &party, &Seats::new(), SeatChoice::Any));
        let distinct: BTreeSet<SeatId> = proposed.values().copied().collect();
        prop_assert_eq!(distinct.len(), proposed.len());
        if proposed.len() == party.len() {
            let refusals = check(&plan, &party, &Seats::new(), &proposed);
            prop_assert_eq!(refusals, Vec::new());
        }
        // An empty cabin seats everybody, with no more children apart than adults have sides.
        if taken.is_empty() {
            prop_assert_eq!(proposed.len(), party.len());
            let adults = party.iter().filter(|traveller| !traveller.child).count();
            let children = party.len() - adults;
            let apart = apart(&plan, &party, &proposed).len();
            prop_assert!(apart <= children.saturating_sub(2 * adults), "{} apart of {}", apart, kinds);
        }
    }

    /// No choice that the rules let through breaks one of them.
    #[test]
    fn what_is_allowed_is_right(kinds in any_party(), picks in prop::collection::vec(0_usize..140, 9)) {
        let plan = plan_with("7A 7B", "8A");
        let party = party(&kinds);
        let choice: Seats = party
            .iter()
            .zip(&picks)
            .map(|(traveller, pick)| (traveller.passenger_no, plan.places()[*pick].seat.id))
            .collect();
        if check(&plan, &party, &Seats::new(), &choice).is_empty() {
            let mut masks = BTreeSet::new();
            for traveller in &party {
                let place = plan.place(choice[&traveller.passenger_no]).expect("a place");
                prop_assert_eq!(place.state, PlaceState::Free);
                let small = traveller.child || traveller.infant.is_some();
                prop_assert!(!place.seat.exit || !small);
                prop_assert!(traveller.infant.is_none() || masks.insert(place.seat.block));
            }
        }
    }
}
