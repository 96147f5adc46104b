//! The life of a watch, by hand and against everything that may come.

use proptest::prelude::*;

use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + 60 * minutes).expect("an instant")
}

/// Shows a watch one price after the other, tells what is due at once, and says what was told.
fn told(mut watch: Watch, prices: &[(i64, Option<i64>)]) -> Vec<(i64, Option<i64>)> {
    let mut all = Vec::new();
    for (minute, price) in prices {
        watch.see(*price, at(*minute));
        all.extend(watch.tell());
    }
    all
}

#[test]
fn a_target_is_told_once_until_the_price_was_well_above_it_for_an_hour() {
    let watch = Watch::begin(Wish::Target(200), Some(300));
    let twitches = [(0, Some(200)), (1, Some(201)), (2, Some(200)), (3, Some(209)), (200, Some(195))];
    assert_eq!(told(watch, &twitches), [(200, Some(300))], "a twitch is no recovery");
    let held = [(0, Some(200)), (1, Some(250)), (16, Some(200)), (17, None), (32, Some(200))];
    assert_eq!(told(watch, &held), [(200, Some(300))], "seats that were held come back");
    let recovered = [(0, Some(200)), (1, Some(250)), (61, Some(199))];
    assert_eq!(told(watch, &recovered), [(200, Some(300)), (199, Some(250))]);
    let gone = [(0, Some(200)), (1, None), (61, Some(199))];
    assert_eq!(told(watch, &gone), [(200, Some(300)), (199, Some(300))], "what was sold out is there again");
    let further = [(0, Some(200)), (1, Some(181)), (2, Some(180)), (3, Some(170)), (4, Some(162))];
    assert_eq!(told(watch, &further), [(200, Some(300)), (180, Some(200)), (162, Some(180))]);
}

#[test]
fn what_is_reached_as_somebody_begins_is_not_told() {
    let reached = Watch::begin(Wish::Target(200), Some(190));
    assert_eq!(told(reached, &[(0, Some(190)), (1, Some(180))]), []);
    assert_eq!(told(reached, &[(0, Some(171))]), [(171, Some(190))], "so much less is news");
    let just = Watch::begin(Wish::Target(200), Some(200));
    assert_eq!(told(just, &[(0, Some(200)), (1, Some(190))]), [], "to the unit");
    let nothing_yet = Watch::begin(Wish::Target(200), None);
    assert_eq!(told(nothing_yet, &[(0, None), (1, Some(200))]), [(200, None)], "there is no price before");
}

#[test]
fn a_drop_counts_from_the_beginning_and_then_from_what_was_told() {
    let watch = Watch::begin(Wish::Drop(10), Some(1_000));
    assert_eq!(told(watch, &[(0, Some(1_200)), (1, Some(1_000)), (2, Some(901))]), []);
    let falling = [(0, Some(900)), (1, Some(811)), (2, Some(810)), (3, Some(700))];
    assert_eq!(told(watch, &falling), [(900, Some(1_000)), (810, Some(900)), (700, Some(810))]);
    let back = [(0, Some(900)), (10, Some(945)), (70, Some(880))];
    assert_eq!(told(watch, &back), [(900, Some(1_000)), (880, Some(1_000))], "compared with the beginning");
    let first_price_is_the_beginning = Watch::begin(Wish::Drop(10), None);
    assert_eq!(
        told(first_price_is_the_beginning, &[(0, None), (1, Some(500)), (2, Some(450))]),
        [(450, Some(500))]
    );
}

#[test]
fn a_small_drop_has_recovered_where_it_began() {
    let watch = Watch::begin(Wish::Drop(1), Some(1_000));
    let back = [(0, Some(990)), (1, Some(1_000)), (61, Some(985))];
    assert_eq!(told(watch, &back), [(990, Some(1_000)), (985, Some(1_000))]);
    assert_eq!(told(watch, &[(0, Some(990)), (1, Some(999)), (61, Some(985))]), [(990, Some(1_000))]);
}

#[test]
fn what_is_no_more_so_is_not_told() {
    let mut watch = Watch::begin(Wish::Target(200), Some(300));
    watch.see(Some(190), at(0));
    assert_eq!(watch.due, Some(190));
    watch.see(Some(195), at(1));
    assert_eq!(watch.due, Some(195), "told is what it costs now");
    watch.see(None, at(2));
    assert_eq!((watch.due, watch.tell()), (None, None));
}

fn wishes() -> impl Strategy<Value = Wish> {
    prop_oneof![(0_i64..400).prop_map(Wish::Target), (1_u8..=90).prop_map(Wish::Drop)]
}

fn prices() -> impl Strategy<Value = Option<i64>> {
    prop::option::weighted(0.9, prop_oneof![0_i64..600, Just(0), Just(i64::from(u32::MAX))])
}

proptest! {
    /// What a database skips because it is quiet would have changed nothing, and what was seen is quiet.
    #[test]
    fn quiet_prices_change_nothing(
        wish in wishes(), first in prices(),
        steps in prop::collection::vec((prices(), 0_i64..100, any::<bool>(), prices()), 1..60),
    ) {
        let (mut watch, mut minute) = (Watch::begin(wish, first), 0);
        for (price, minutes, tells, probe) in steps {
            minute += minutes;
            let mut probed = watch;
            probed.see(probe, at(minute));
            if watch.quiet().holds(probe) {
                prop_assert_eq!(probed, watch, "{:?} is not quiet", probe);
            }
            watch.see(price, at(minute));
            prop_assert!(watch.quiet().holds(price), "{:?} after {:?}: {:?}", watch, price, watch.quiet());
            let seen = watch;
            watch.see(price, at(minute + 1));
            prop_assert_eq!(watch, seen);
            if tells {
                watch.tell();
                prop_assert!(watch.quiet().holds(price), "told {:?} at {:?}: {:?}", watch, price, watch.quiet());
            }
        }
    }

    /// Nobody is told the same or more twice within an hour, nor what the party cannot have, nor what they did not ask for.
    #[test]
    fn what_is_told_was_asked_for(
        wish in wishes(), first in prices(), steps in prop::collection::vec((prices(), 0_i64..100), 1..60),
    ) {
        let (mut watch, mut minute, mut last) = (Watch::begin(wish, first), 0, None::<(i64, i64)>);
        for (price, minutes) in steps {
            minute += minutes;
            watch.see(price, at(minute));
            let Some((told, was)) = watch.tell() else { continue };
            prop_assert_eq!(Some(told), price);
            prop_assert!(was.is_none_or(|was| was > told));
            match wish {
                Wish::Target(target) => prop_assert!(told <= target),
                Wish::Drop(percent) => {
                    let was = was.unwrap_or(0);
                    prop_assert!(told * 100 <= was * (100 - i64::from(percent)), "{} after {}", told, was);
                }
            }
            if let Some((before, then)) = last {
                prop_assert!(told < before || minute - then >= 60, "{} after {}", told, before);
            }
            last = Some((told, minute));
        }
    }
}

/// Numbers that look like chance and are the same each time (the linear congruential generator of Knuth's MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// 100,000 changes of 1,000 routes and dates against 100,000 watches: those that are passed over because a price is quiet would have told
/// nothing, so each is told what it is due, and as often.
#[test]
fn a_hundred_thousand_changes_against_as_many_watches() {
    const DAYS: usize = 1_000;
    let mut chance = Chance(7);
    let mut prices = [20_000_i64; DAYS];
    let mut watches: Vec<[(Watch, u32); 2]> = (0..100 * DAYS)
        .map(|index| {
            let odd = index % 2 == 1;
            let percent = u8::try_from(1 + chance.below(40)).expect("small");
            let target = 12_000 + i64::try_from(chance.below(9_000)).expect("small");
            let watch =
                Watch::begin(if odd { Wish::Drop(percent) } else { Wish::Target(target) }, Some(20_000));
            [(watch, 0), (watch, 0)]
        })
        .collect();
    let (mut looked, mut told) = (0_u64, 0_u64);
    for change in 0..100_000_i64 {
        let day = usize::try_from(chance.below(DAYS as u64)).expect("small");
        let step = i64::try_from(chance.below(4_001)).expect("small") - 2_000;
        prices[day] = (prices[day] + step).clamp(8_000, 30_000);
        let price = Some(prices[day]).filter(|_| chance.below(20) > 0);
        for pair in &mut watches[100 * day..100 * (day + 1)] {
            let [(all, all_told), (few, few_told)] = pair;
            all.see(price, at(change));
            *all_told += u32::from(all.tell().is_some());
            if !few.quiet().holds(price) {
                looked += 1;
                few.see(price, at(change));
                *few_told += u32::from(few.tell().is_some());
            }
            assert_eq!((&all, &all_told), (&few, &few_told));
            told += u64::from(few.told.is_some());
        }
    }
    let tellings: u64 = watches.iter().map(|[_, (_, count)]| u64::from(*count)).sum();
    assert!(tellings > 100_000 && told > 0, "{tellings} were told");
    assert!(looked < 3_000_000, "{looked} of ten million looks were needed");
}
