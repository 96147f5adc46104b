//! The cases that a search gets wrong, one test each.

use itinerary::{
    AirlinePair, ConnectionTimes, Destination, Filters, Limits, Network, Order, Origin, Query, Tariff,
};
use kernel::Cabin;

use crate::fixture::{
    Ask, ask, at, code, empty_network, flight, flights, found, id, network, network_with, search, undominated,
};

const NOTHING: [&str; 0] = [];

// ---- Midnight ----

#[test]
fn overnight_connection() {
    let network = network(
        "KR1 ABE ATL 1 21:30 23:30 Y:100/9
         KR2 ATL ORD 2 05:00 07:00 Y:50/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR2/Y 9:30 150"]);
}

#[test]
fn connection_over_midnight() {
    // Forty minutes on the ground, of which twenty are tomorrow's.
    let network = network(
        "KR1 ABE ATL 1 21:00 23:40 Y:100/9
         KR2 ATL ORD 2 00:20 02:00 Y:50/9
         KR3 ATL ORD 1 00:20 02:00 Y:50/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR2/Y 5:00 150"]);
}

#[test]
fn a_flight_in_the_air_at_midnight_connects_the_next_day() {
    let network = network(
        "KR1 ABE ATL 1 23:00 01:00+1 Y:100/9
         KR2 ATL JFK 2 01:40 23:30 Y:50/9
         KR3 JFK ORD 3 00:10 01:00 Y:30/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR2/Y KR3/Y 26:00 180"]);
}

#[test]
fn later_flights_may_depart_three_utc_days_after_the_first() {
    let network = network(
        "KR1 ABE ATL 1 23:30 23:00+1 Y:100/9
         KR2 ATL JFK 3 20:00 19:00+1 Y:50/9
         KR3 JFK ORD 4 23:50 01:00+1 Y:30/9",
    );
    let limits = Limits { max_connection: 24 * 60, max_duration: 5 * 24 * 60, min_connection: 0 };
    let patient = Ask { limits, ..ask("ABE ORD") };
    assert_eq!(found(&network, &patient), ["KR1/Y KR2/Y KR3/Y 73:30 180"]);
    assert_eq!(found(&network, &ask("ABE ORD")), NOTHING, "longer than a day and a half");
}

// ---- Whose day it is ----

#[test]
fn the_travellers_day_is_that_of_the_origin_and_lies_on_two_utc_days() {
    // Delhi is five and a half hours ahead: its second of December begins at 18:30 UTC on the first.
    let network = network(
        "KR1 DEL BOM 1 18:29 20:30 Y:10/9
         KR2 DEL BOM 1 18:30 20:40 Y:20/9
         KR3 DEL BOM 2 18:29 20:50 Y:30/9
         KR4 DEL BOM 2 18:30 21:00 Y:40/9",
    );
    let the_second = Ask { departs: at("1 18:30")..at("2 18:30"), ..ask("DEL BOM") };
    assert_eq!(found(&network, &the_second), ["KR2/Y 2:10 20", "KR3/Y 2:21 30"]);
}

#[test]
fn a_day_has_twenty_three_or_twenty_five_hours_when_the_clocks_change() {
    let network = network(
        "KR1 ABE ATL 1 05:00 06:00 Y:1/9
         KR2 ABE ATL 2 03:59 05:00 Y:2/9
         KR3 ABE ATL 2 04:59 06:10 Y:3/9
         KR4 ABE ATL 2 05:59 07:20 Y:4/9",
    );
    let day = |end| found(&network, &Ask { departs: at("1 05:00")..at(end), ..ask("ABE ATL") });
    assert_eq!(day("2 04:00"), ["KR1/Y 1:00 1", "KR2/Y 1:01 2"], "an hour is left out");
    assert_eq!(day("2 05:00").len(), 3);
    assert_eq!(day("2 06:00").len(), 4, "an hour comes twice");
}

#[test]
fn over_the_date_line_the_local_date_falls_and_time_still_rises() {
    // As from Auckland (UTC+13) to Honolulu (UTC-10): leaves on the second at 09:00 there, and lands on the first at 19:00.
    // The next flight leaves Honolulu on the first, too.
    let network = network(
        "KR1 DEL JFK 1 20:00 05:00+1 Y:300/9
         KR2 JFK ORD 2 06:15 07:15 Y:50/9
         KR3 JFK ORD 1 06:15 07:15 Y:1/9",
    );
    let second_of_december = Ask { departs: at("1 11:00")..at("2 11:00"), ..ask("DEL ORD") };
    assert_eq!(found(&network, &second_of_december), ["KR1/Y KR2/Y 11:15 350"]);
}

#[test]
fn only_the_first_flight_must_depart_in_the_window() {
    let network = network(
        "KR1 ABE ORD 1 07:59 09:00 Y:1/9
         KR2 ABE ORD 1 08:00 09:00 Y:2/9
         KR3 ABE ORD 1 09:59 10:59 Y:3/9
         KR4 ABE ORD 1 10:00 11:00 Y:4/9
         KR5 ABE ATL 1 09:30 10:30 Y:5/9
         KR6 ATL ORD 1 11:30 12:30 Y:6/9",
    );
    let morning = Ask { departs: at("1 08:00")..at("1 10:00"), ..ask("ABE ORD") };
    assert_eq!(found(&network, &morning), ["KR2/Y 1:00 2", "KR3/Y 1:00 3", "KR5/Y KR6/Y 3:00 11"]);
    // The sales cut-off is inclusive, and can leave nothing of the window.
    let cut_off = |instant| Ask { earliest_departure: at(instant), max_stops: 0, ..morning.clone() };
    assert_eq!(found(&network, &cut_off("1 08:00")), ["KR2/Y 1:00 2", "KR3/Y 1:00 3"]);
    assert_eq!(found(&network, &cut_off("1 08:01")), ["KR3/Y 1:00 3"]);
    assert_eq!(found(&network, &cut_off("2 00:00")), NOTHING);
}

// ---- Connections ----

#[test]
fn a_connection_exactly_at_the_minimum_is_legal_and_one_minute_less_is_not() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ATL ORD 1 10:39 12:00 Y:10/9
         KR3 ATL ORD 1 10:40 12:00 Y:20/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR3/Y 4:00 120"]);
}

#[test]
fn the_international_minimum_applies_when_either_flight_crosses_a_border() {
    let network = network(
        "# In by a domestic flight, out over the border
         KR1 ABE JFK 1 08:00 10:00 Y:100/9
         KR2 JFK LHR 1 11:14 17:00 Y:10/9
         KR3 JFK LHR 1 11:15 17:00 Y:20/9
         # In over the border, on by a domestic flight
         KR4 LHR MAN 1 18:14 19:00 Y:10/9
         KR5 LHR MAN 1 18:15 19:00 Y:20/9
         # And out over the border again
         KR6 LHR MAN 1 05:00 07:40 Y:10/9",
    );
    assert_eq!(found(&network, &ask("ABE LHR")), ["KR1/Y KR3/Y 9:00 120"]);
    assert_eq!(found(&network, &ask("JFK MAN")), ["KR3/Y KR5/Y 7:45 40", "KR2/Y KR5/Y 7:46 30"]);
    let more = "KR7 MAN ORD 1 08:54 15:00 Y:1/9
                KR8 MAN ORD 1 08:55 15:00 Y:1/9";
    assert_eq!(network.apply(&flights(more)), []);
    assert_eq!(found(&network, &ask("LHR ORD")), ["KR6/Y KR8/Y 10:00 11"], "in by a domestic flight");
}

#[test]
fn a_domestic_change_abroad_needs_only_the_domestic_minimum() {
    let text = "KR1 BOM DEL 1 05:00 07:00 Y:10/9
         KR2 LHR MAN 1 05:00 06:00 Y:10/9
         KR3 DEL LHR 1 08:00 17:00 Y:10/9
         KR4 ABE ATL 1 08:00 10:00 Y:10/9
         KR5 ATL ORD 1 10:40 12:00 Y:10/9";
    let network = network(text);
    // Sixty minutes: too few before KR3, which is international, and plenty between KR4 and KR5.
    assert_eq!(found(&network, &ask("BOM LHR")), NOTHING);
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR4/Y KR5/Y 4:00 20"]);
    let lenient = network_with(ConnectionTimes::uniform(40, 30), text);
    assert_eq!(
        found(&lenient, &ask("BOM LHR")),
        ["KR1/Y KR3/Y 12:00 20"],
        "also when it is below the domestic one"
    );
}

#[test]
fn an_international_minimum_below_the_domestic_one_holds_to_the_last_minute_of_the_journey() {
    let network = network_with(
        ConnectionTimes::uniform(120, 30),
        "KR1 ABE JFK 1 08:00 09:00 Y:10/9
         KR2 JFK LHR 1 09:30 16:00 Y:10/9
         KR3 LHR MAN 1 16:30 17:30 Y:10/9",
    );
    let limits = Limits { max_duration: 9 * 60 + 30, ..Limits::default() };
    let query = Ask { limits, ..ask("ABE MAN") };
    assert_eq!(found(&network, &query), ["KR1/Y KR2/Y KR3/Y 9:30 30"]);
}

#[test]
fn the_longest_layover_is_legal_and_one_minute_more_is_not() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ATL ORD 1 16:00 18:00 Y:20/9
         KR3 ATL ORD 1 16:01 17:30 Y:10/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR2/Y 10:00 120"]);
}

#[test]
fn an_earlier_arrival_can_be_too_early_to_connect() {
    // KR1 lands first, but its travellers would wait for KR3 longer than six hours.
    let network = network(
        "KR1 ABE ATL 1 06:00 07:00 Y:1/9
         KR2 ABE ATL 1 08:00 10:00 Y:2/9
         KR3 ATL ORD 1 14:00 15:00 Y:3/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR2/Y KR3/Y 7:00 5"]);
}

#[test]
fn the_longest_journey_is_legal_and_one_minute_more_is_not() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ATL ORD 1 11:00 13:00 Y:20/9
         KR3 ATL ORD 1 11:00 13:01 Y:10/9
         KR4 ABE ORD 1 08:00 13:00 Y:30/9
         KR5 ABE ORD 1 08:00 13:01 Y:10/9",
    );
    let limits = Limits { max_duration: 5 * 60, ..Limits::default() };
    let query = Ask { limits, ..ask("ABE ORD") };
    assert_eq!(found(&network, &query), ["KR4/Y 5:00 30", "KR1/Y KR2/Y 5:00 120"]);
}

#[test]
fn no_airport_is_visited_twice() {
    let network = network(
        "# Out and back before the flight that counts
         KR1 ABE ATL 1 06:00 07:00 Y:1/9
         KR2 ATL ABE 1 08:00 09:00 Y:1/9
         KR3 ABE ORD 1 10:00 11:00 Y:1/9
         # Over the destination and back to it
         KR4 ORD ATL 1 12:00 13:00 Y:1/9
         KR5 ATL ORD 1 14:00 15:00 Y:1/9
         # A sightseeing flight
         KR6 ABE ABE 1 07:00 08:00 Y:1/9
         KR7 ATL ATL 1 08:00 09:00 Y:1/9
         KR8 ORD ORD 1 12:00 13:00 Y:1/9",
    );
    let limits = Limits { max_connection: 24 * 60, ..Limits::default() };
    let query = Ask { limits, ..ask("ABE ORD") };
    assert_eq!(found(&network, &query), ["KR3/Y 1:00 1", "KR1/Y KR5/Y 9:00 2"]);
    assert_eq!(found(&network, &ask("ABE ABE")), NOTHING);
}

/// The question to a set of airports at either end, as a city has them.
fn found_between(network: &Network, origins: &str, destinations: &str) -> Vec<Vec<String>> {
    let one = ask("ABE ATL").query();
    let origin = |airport| Origin { airport: code(airport), ..one.origins[0].clone() };
    let destination = |airport| Destination { airport: code(airport), arrives: None };
    network.set_clock(at("0 00:00"));
    let answer = network.search(&Query {
        origins: origins.split_whitespace().map(origin).collect(),
        destinations: destinations.split_whitespace().map(destination).collect(),
        ..one.clone()
    });
    let name = |leg: &itinerary::Leg| leg.flight.key().expect("an id made of a key").number.to_string();
    answer.journeys().map(|journey| journey.legs().iter().map(name).collect()).collect()
}

#[test]
fn no_plane_is_changed_at_an_airport_of_either_city() {
    let network = network(
        "KR1 ABE ATL 1 06:00 07:00 Y:1/9
         KR2 ATL ORD 1 08:00 09:00 Y:1/9
         KR3 ORD LHR 1 12:00 19:00 Y:1/9
         KR4 ATL LHR 1 09:00 18:00 Y:1/9",
    );
    assert_eq!(found_between(&network, "ABE", "LHR"), [vec!["KR1", "KR4"], vec!["KR1", "KR2", "KR3"]]);
    assert_eq!(found_between(&network, "ABE ATL", "LHR"), [vec!["KR4"], vec!["KR2", "KR3"]]);
    assert_eq!(found_between(&network, "ABE", "LHR ORD"), [vec!["KR1", "KR2"], vec!["KR1", "KR4"]]);
    assert_eq!(found_between(&network, "ABE ATL", "ATL ABE"), [vec!["KR1"]]);
}

#[test]
fn landing_at_one_airport_of_a_city_is_not_leaving_from_another() {
    let network = network(
        "KR1 ABE JFK 1 06:00 07:00 Y:1/9
         KR2 LHR DEL 1 08:00 18:00 Y:1/9
         KR3 JFK MAN 1 09:00 16:00 Y:1/9",
    );
    assert_eq!(found(&network, &ask("ABE DEL")), NOTHING, "London and Manchester are not one place");
    assert_eq!(found_between(&network, "ABE", "LHR MAN"), [["KR1", "KR3"]]);
}

#[test]
fn three_stops_are_looked_for_only_where_nothing_with_fewer_exists() {
    let network = network(
        "KR1 ABE ATL 1 06:00 07:00 Y:1/9
         KR2 ATL JFK 1 08:00 09:00 Y:1/9
         KR3 JFK ORD 1 10:00 11:00 Y:1/9
         KR4 ORD LHR 1 13:00 20:00 Y:1/9",
    );
    let stops = |max_stops, route| found(&network, &Ask { max_stops, ..ask(route) });
    assert_eq!(stops(0, "ABE JFK"), NOTHING);
    assert_eq!(stops(1, "ABE JFK"), ["KR1/Y KR2/Y 3:00 2"]);
    assert_eq!(stops(1, "ABE ORD"), NOTHING);
    assert_eq!(stops(2, "ABE ORD"), ["KR1/Y KR2/Y KR3/Y 5:00 3"]);
    assert_eq!(stops(u8::MAX, "ABE ORD"), ["KR1/Y KR2/Y KR3/Y 5:00 3"]);
    assert_eq!(stops(2, "ABE LHR"), NOTHING);
    assert_eq!(stops(3, "ABE LHR"), ["KR1/Y KR2/Y KR3/Y KR4/Y 14:00 4"]);
    assert_eq!(network.apply(&flights("KR5 JFK LHR 1 20:00 23:00 Y:9/9")), []);
    let longer = Limits { max_connection: 12 * 60, ..Limits::default() };
    let longer = Ask { limits: longer, max_stops: 3, ..ask("ABE LHR") };
    assert_eq!(
        found(&network, &longer),
        ["KR1/Y KR2/Y KR5/Y 17:00 11"],
        "though three stops are quicker and cheaper"
    );
}

#[test]
fn overtaking_flights() {
    // KR1 leaves first and lands last.
    let network = network(
        "KR1 ABE ATL 1 08:00 12:00 Y:10/9
         KR2 ABE ATL 1 09:00 10:30 Y:90/9
         KR3 ATL ORD 1 11:15 12:15 Y:5/9
         KR4 ATL ORD 1 12:45 13:45 Y:5/9",
    );
    assert_eq!(found(&network, &ask("ABE ATL")), ["KR2/Y 1:30 90", "KR1/Y 4:00 10"]);
    assert_eq!(
        found(&network, &ask("ABE ORD")),
        ["KR2/Y KR3/Y 3:15 95", "KR2/Y KR4/Y 4:45 95", "KR1/Y KR4/Y 5:45 15"]
    );
}

// ---- Order ----

#[test]
fn ties_are_stable() {
    let text = "KR10 ABE ORD 1 08:00 10:00 Y:100/9
                KR2 ABE ORD 1 12:00 14:00 Y:100/9
                KR1 ABE ORD 1 20:00 22:00 Y:100/9
                KR4 ABE ATL 1 06:00 06:40 Y:60/9
                KR3 ABE ATL 1 06:00 06:40 Y:60/9
                KR6 ATL ORD 1 07:20 08:00 Y:40/9
                KR5 ATL ORD 1 07:20 08:00 Y:40/9";
    // By flight number when time and money are equal, whatever the order of loading or of departure.
    let expected = [
        "KR1/Y 2:00 100",
        "KR2/Y 2:00 100",
        "KR3/Y KR5/Y 2:00 100",
        "KR3/Y KR6/Y 2:00 100",
        "KR4/Y KR5/Y 2:00 100",
        "KR4/Y KR6/Y 2:00 100",
        "KR10/Y 2:00 100",
    ];
    let mut states = flights(text);
    for turn in 0..states.len() {
        states.rotate_left(1);
        let network = empty_network();
        network.load(states.clone());
        assert_eq!(found(&network, &ask("ABE ORD")), expected, "turn {turn}");
        for limit in 0..=expected.len() {
            let query = Ask { limit, ..ask("ABE ORD") };
            assert_eq!(found(&network, &query), expected[..limit], "turn {turn}");
        }
    }
}

#[test]
fn shortest_comes_first_then_cheapest_and_stops_do_not_count() {
    let network = network(
        "KR1 ABE ORD 1 08:00 14:00 Y:10/9
         KR2 ABE ORD 1 09:00 13:00 Y:80/9
         KR3 ABE ORD 1 10:00 14:00 Y:70/9
         KR4 ABE ATL 1 08:00 09:00 Y:300/9
         KR5 ATL ORD 1 10:00 11:00 Y:300/9",
    );
    let expected = ["KR4/Y KR5/Y 3:00 600", "KR3/Y 4:00 70", "KR2/Y 4:00 80", "KR1/Y 6:00 10"];
    assert_eq!(found(&network, &ask("ABE ORD")), expected);
    // A limit keeps the best, not those found first.
    assert_eq!(found(&network, &Ask { limit: 2, ..ask("ABE ORD") }), expected[..2]);
}

#[test]
fn paging_with_after_neither_repeats_nor_skips() {
    let mut text = String::new();
    for n in 0..12 {
        // Pairs of equal price, and one duration for all: pages end in the middle of ties.
        text += &format!("KR{} ABE ORD 1 {:02}:00 {:02}:00 Y:{}/9\n", n + 1, n + 1, n + 3, 100 + n / 2);
    }
    text += "KR21 ABE ATL 1 04:00 04:30 Y:50/9\nKR22 ATL ORD 1 05:10 06:00 Y:50/9\n";
    let network = network(&text);
    let all = found(&network, &ask("ABE ORD"));
    assert_eq!(all.len(), 13);
    for limit in 1..=14 {
        let (mut pages, mut after) = (Vec::new(), None);
        for _ in 0..=all.len() {
            let query = Ask { limit, after, ..ask("ABE ORD") };
            let page = search(&network, &query);
            assert!(page.len() <= limit);
            pages.extend(found(&network, &query));
            let Some(last) = page.last() else { break };
            after = Some(last.key());
        }
        assert_eq!(pages, all, "pages of {limit}");
    }
}

#[test]
fn the_next_page_does_not_need_the_journey_the_last_one_ended_with() {
    let network = network(
        "KR1 ABE ORD 1 08:00 10:00 Y:100/9
         KR2 ABE ORD 1 09:00 11:00 Y:110/9
         KR3 ABE ORD 1 10:00 12:00 Y:120/9",
    );
    let after = search(&network, &ask("ABE ORD"))[1].key();
    network.remove(&[id("KR2 ABE 1")]);
    let next = Ask { after: Some(after), ..ask("ABE ORD") };
    assert_eq!(found(&network, &next), ["KR3/Y 2:00 120"]);
}

// ---- Seats and fares ----

#[test]
fn a_party_that_does_not_fit_the_cheapest_class_on_one_leg_pays_more_on_that_leg_only() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/7 M:80/4 Q:50/2
         KR2 ATL ORD 1 11:00 13:00 Y:90/6 M:70/6 Q:40/5",
    );
    let party = |seats| found(&network, &Ask { seats, ..ask("ABE ORD") });
    assert_eq!(party(2), ["KR1/Q KR2/Q 5:00 90"]);
    assert_eq!(party(3), ["KR1/M KR2/Q 5:00 120"]);
    assert_eq!(party(5), ["KR1/Y KR2/Q 5:00 140"]);
    assert_eq!(party(6), ["KR1/Y KR2/M 5:00 170"]);
    assert_eq!(party(7), NOTHING, "the second leg has six seats");

    let journey = &search(&network, &Ask { seats: 3, ..ask("ABE ORD") })[0];
    assert_eq!((journey.seats_at_price(), journey.seats_left()), (4, 6));
    let leg = journey.legs()[0];
    assert_eq!((leg.class_rank, leg.fare, leg.seats_at_fare, leg.seats_in_cabin), (3, 80, 4, 7));
    assert_eq!((leg.flight, leg.origin, leg.destination), (id("KR1 ABE 1"), code("ABE"), code("ATL")));
    assert_eq!((leg.departs, leg.arrives), (at("1 08:00"), at("1 10:00")));
}

#[test]
fn a_sold_out_leg_takes_its_journeys_with_it() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ATL ORD 1 11:00 13:00 Y:90/0 B:80/0 M:70/0 Q:60/0
         KR3 ATL ORD 1 12:00 14:00 Y:90/1",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR3/Y 6:00 190"]);
    assert_eq!(found(&network, &Ask { seats: 2, ..ask("ABE ORD") }), NOTHING);
}

#[test]
fn a_class_closes_by_advance_purchase_at_the_instant_it_says() {
    let network = network("KR1 ABE ORD 1 08:00 10:00 Y:100/9 M:80/9@12:00-1 Q:50/9@12:00-14");
    let asked = |now| found(&network, &Ask { now, ..ask("ABE ORD") });
    let (fortnight, eve, departure) = (at("15 12:00").0 - 28 * 24 * 60, at("0 12:00").0, at("1 08:00").0);
    let before = |instant: u32| asked(itinerary::Minute(instant - 1));
    let exactly = |instant: u32| asked(itinerary::Minute(instant));
    assert_eq!((before(fortnight), exactly(fortnight)), (vec!["KR1/Q 2:00 50".to_owned()], before(eve)));
    assert_eq!((before(eve), exactly(eve)), (vec!["KR1/M 2:00 80".to_owned()], before(departure)));
    assert_eq!(before(departure), ["KR1/Y 2:00 100"]);
    assert_eq!(exactly(departure), NOTHING);
}

#[test]
fn a_staff_price_can_make_a_lower_class_dearer() {
    let network = network("KR1 ABE ORD 1 08:00 10:00 Y:100/9 B:90/9 M:80/9 Q:60/9");
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Q 2:00 60"]);
    network.apply(&[flight("KR1 ABE ORD 1 08:00 10:00 Y:100/9 B:90/9 M:80/9 Q:500/9 v2")]);
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/M 2:00 80"]);
    network.apply(&[flight("KR1 ABE ORD 1 08:00 10:00 Y:100/9 B:80/9 M:80/9 Q:500/9 v3")]);
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/B 2:00 80"], "of equal fares the higher class");
}

#[test]
fn what_the_party_pays_decides_between_equal_durations() {
    let network = network(
        "KR1 ABE ORD 1 08:00 10:00 Y:150/9
         KR2 ABE ATL 1 08:00 08:30 Y:70/9
         KR3 ATL ORD 1 09:15 10:00 Y:70/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR2/Y KR3/Y 2:00 140", "KR1/Y 2:00 150"]);
    let taxed = Ask { tariff: Tariff { per_flight: 20, ..Tariff::default() }, ..ask("ABE ORD") };
    assert_eq!(found(&network, &taxed), ["KR1/Y 2:00 170", "KR2/Y KR3/Y 2:00 180"]);
}

#[test]
fn every_flight_must_have_the_cabin() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9 J:900/2 F:2000/1
         KR2 ATL ORD 1 11:00 13:00 Y:100/9 F:3000/1
         KR3 ATL ORD 1 12:00 14:00 W:200/9 J:800/2",
    );
    let cabin = |cabin| found(&network, &Ask { cabin, ..ask("ABE ORD") });
    assert_eq!(cabin(Cabin::Economy), ["KR1/Y KR2/Y 5:00 200"]);
    assert_eq!(cabin(Cabin::PremiumEconomy), NOTHING);
    assert_eq!(cabin(Cabin::Business), ["KR1/J KR3/J 6:00 1700"]);
    assert_eq!(cabin(Cabin::First), ["KR1/F KR2/F 5:00 5000"]);
}

// ---- Changes ----

#[test]
fn a_cancelled_flight_vanishes_but_is_still_known() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ATL ORD 1 11:00 13:00 Y:100/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")).len(), 1);
    let cancelled = flight("KR2 ATL ORD 1 11:00 13:00 Y:100/9 off v2");
    network.apply(std::slice::from_ref(&cancelled));
    assert_eq!(found(&network, &ask("ABE ORD")), NOTHING);
    assert_eq!(found(&network, &ask("ATL ORD")), NOTHING);
    assert_eq!((network.flight(cancelled.id), network.flight_count()), (Some(cancelled), 2));
    network.apply(&[flight("KR2 ATL ORD 1 11:00 13:00 Y:100/9 v3")]);
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR2/Y 5:00 200"]);
}

#[test]
fn a_retimed_flight_is_found_at_its_new_time_only() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ATL ORD 1 11:00 13:00 Y:100/9",
    );
    network.apply(&[flight("KR1 ABE ATL 1 08:30 10:30 Y:100/9 v2")]);
    assert_eq!(found(&network, &ask("ABE ORD")), NOTHING, "thirty minutes are too short");
    assert_eq!(found(&network, &ask("ABE ATL")), ["KR1/Y 2:00 100"]);
    network.apply(&[flight("KR1 ABE ATL 1 07:00 10:20 Y:100/9 v3")]);
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR2/Y 6:00 200"]);
    // Longer in the air with the same departure: only the arrival tells.
    network.apply(&[flight("KR1 ABE ATL 1 07:00 10:21 Y:100/9 v4")]);
    assert_eq!(found(&network, &ask("ABE ORD")), NOTHING);
    assert_eq!(network.flight_count(), 2);
}

#[test]
fn a_flight_retimed_past_midnight_moves_to_the_other_day() {
    let network = network(
        "KR1 ABE ATL 1 23:00 23:50 Y:100/9
         KR2 ABE ATL 1 08:00 10:00 Y:100/9
         KR3 ABE ATL 2 08:00 10:00 Y:100/9",
    );
    let day = |day: u32| {
        let departs = at(&format!("{day} 00:00"))..at(&format!("{} 00:00", day + 1));
        found(&network, &Ask { departs, ..ask("ABE ATL") })
    };
    let (late, later) = ("KR1/Y 0:50 100", "KR1/Y 0:45 100");
    assert_eq!((day(1), day(2)), (vec![late.into(), "KR2/Y 2:00 100".into()], vec!["KR3/Y 2:00 100".into()]));
    let delayed = flight("KR1 ABE ATL 1 00:10+1 00:55+1 Y:100/9 v2");
    network.apply(std::slice::from_ref(&delayed));
    assert_eq!(
        (day(1), day(2)),
        (vec!["KR2/Y 2:00 100".into()], vec![later.into(), "KR3/Y 2:00 100".into()])
    );
    assert_eq!((network.flight(delayed.id), network.flight_count()), (Some(delayed.clone()), 3));
    // In place where it is now, and gone when removed.
    network.apply(&[flight("KR1 ABE ATL 1 00:10+1 00:55+1 Y:70/9 v3")]);
    assert_eq!(day(2)[0], "KR1/Y 0:45 70");
    network.remove(&[delayed.id]);
    assert_eq!((day(2), network.flight(delayed.id)), (vec!["KR3/Y 2:00 100".into()], None));
}

#[test]
fn a_flight_with_another_aircraft_or_destination_is_laid_out_anew() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ABE ATL 1 09:00 11:00 Y:100/9 J:500/4",
    );
    network.apply(&[flight("KR1 ABE ATL 1 08:00 10:00 Y:100/9 J:400/4 v2")]);
    let business = |route| found(&network, &Ask { cabin: Cabin::Business, ..ask(route) });
    assert_eq!(business("ABE ATL"), ["KR1/J 2:00 400", "KR2/J 2:00 500"]);
    network.apply(&[flight("KR2 ABE ORD 1 09:00 11:00 J:500/4 v2")]);
    assert_eq!((business("ABE ATL").len(), business("ABE ORD").len()), (1, 1));
    assert_eq!(found(&network, &ask("ABE ORD")), NOTHING, "no economy any more");
}

#[test]
fn a_deleted_flight_is_forgotten() {
    let old = "KR1 ABE ATL 1 08:00 10:00 Y:100/9 v5";
    let network = network(&format!("{old}\nKR2 ABE ATL 2 08:00 10:00 Y:100/9"));
    network.remove(&[id("KR1 ABE 1"), id("KR99 JFK 7")]);
    assert_eq!(found(&network, &ask("ABE ATL")), NOTHING);
    assert_eq!((network.flight(id("KR1 ABE 1")), network.flight_count()), (None, 1));
    assert_eq!(network.span(), Some((at("2 08:00"), at("2 08:00"))));
    // Its version is forgotten too.
    network.apply(&[flight("KR1 ABE ATL 1 08:00 10:00 Y:90/9 v1")]);
    assert_eq!(found(&network, &ask("ABE ATL")), ["KR1/Y 2:00 90"]);
    network.remove(&[id("KR1 ABE 1"), id("KR2 ABE 2")]);
    assert_eq!((network.flight_count(), network.span()), (0, None));
}

#[test]
fn the_next_search_sees_a_new_price_and_the_seats_sold() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9 Q:50/2 J:900/3
         KR2 ATL ORD 1 11:00 13:00 Y:100/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Q KR2/Y 5:00 150"]);
    network.apply(&[flight("KR1 ABE ATL 1 08:00 10:00 Y:100/9 Q:55/2 J:950/3 v2")]);
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Q KR2/Y 5:00 155"]);
    let business = Ask { cabin: Cabin::Business, ..ask("ABE ATL") };
    assert_eq!(found(&network, &business), ["KR1/J 2:00 950"]);
    network.apply(&[flight("KR1 ABE ATL 1 08:00 10:00 Y:100/7 Q:55/0 J:950/3 v3")]);
    let journey = &search(&network, &ask("ABE ORD"))[0];
    assert_eq!((journey.price / 1_000_000, journey.seats_at_price(), journey.seats_left()), (200, 7, 7));
    // And the instant a class closes.
    network.apply(&[flight("KR1 ABE ATL 1 08:00 10:00 Y:100/7 Q:55/2@00:00-1 J:950/3 v4")]);
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y KR2/Y 5:00 200"]);
}

#[test]
fn an_older_version_is_ignored() {
    let network = network("KR1 ABE ATL 1 08:00 10:00 Y:100/9 v5");
    let held = network.flight(id("KR1 ABE 1"));
    for older in [
        "KR1 ABE ATL 1 08:00 10:00 Y:1/9 v4",
        "KR1 ABE ATL 1 09:00 10:00 Y:1/9 v4",
        "KR1 ABE ATL 1 08:00 10:00 Y:1/9 off v4",
        "KR1 ABE ATL 1 09:00 08:00 Y:1/9 v4",
        "KR1 ABE XXX 1 08:00 10:00 Y:1/9 v4",
    ] {
        assert_eq!(network.apply(&[flight(older)]), [], "{older}");
        assert_eq!(network.flight(id("KR1 ABE 1")), held, "{older}");
    }
    // The same version again is the same state again, or a correction of it.
    network.apply(&[flight("KR1 ABE ATL 1 08:00 10:00 Y:90/9 v5")]);
    assert_eq!(found(&network, &ask("ABE ATL")), ["KR1/Y 2:00 90"]);
}

#[test]
fn of_several_states_in_a_batch_the_newest_counts() {
    let states = flights(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9 v2
         KR1 ABE ATL 1 09:00 10:00 Y:300/9 v3
         KR1 ABE ATL 1 08:00 10:00 Y:200/9 v1",
    );
    let network = empty_network();
    network.load(states.clone());
    assert_eq!(
        (found(&network, &ask("ABE ATL")), network.flight_count()),
        (vec!["KR1/Y 1:00 300".into()], 1)
    );
    let network = empty_network();
    network.apply(&states);
    assert_eq!(
        (found(&network, &ask("ABE ATL")), network.flight_count()),
        (vec!["KR1/Y 1:00 300".into()], 1)
    );
    // Of equal versions the last.
    network.apply(&flights("KR1 ABE ATL 1 09:00 10:00 Y:7/9 v4\nKR1 ABE ATL 1 09:00 10:00 Y:8/9 v4"));
    assert_eq!(found(&network, &ask("ABE ATL")), ["KR1/Y 1:00 8"]);
}

#[test]
fn loading_replaces_everything() {
    let network = network("KR1 ABE ATL 1 08:00 10:00 Y:100/9 v5\nKR2 ABE ATL 3 08:00 10:00 Y:100/9");
    assert_eq!(network.span(), Some((at("1 08:00"), at("3 08:00"))));
    network.load(flights("KR1 ABE ATL 1 08:00 10:00 Y:50/9 v1"));
    assert_eq!(found(&network, &ask("ABE ATL")), ["KR1/Y 2:00 50"], "also by an older version");
    assert_eq!((network.flight_count(), network.span()), (1, Some((at("1 08:00"), at("1 08:00")))));
}

// ---- Rows that make no sense ----

#[test]
fn an_unknown_airport_has_no_flights() {
    let network = network("KR1 ABE ATL 1 08:00 10:00 Y:100/9");
    assert!(network.knows(code("ABE")) && !network.knows(code("XXX")));
    for route in ["XXX ATL", "ABE XXX", "XXX XXX", "XXX YYY"] {
        assert_eq!(found(&network, &ask(route)), NOTHING, "{route}");
    }
    let refused = network.apply(&flights(
        "KR2 ABE XXX 1 08:00 10:00 Y:100/9
         KR3 XXX ATL 1 08:00 10:00 Y:100/9
         KR4 ABE ATL 1 09:00 10:00 Y:100/9",
    ));
    assert_eq!(refused, [id("KR2 ABE 1"), id("KR3 XXX 1")]);
    assert_eq!(found(&network, &ask("ABE ATL")), ["KR4/Y 1:00 100", "KR1/Y 2:00 100"]);
    assert_eq!(found(&network, &ask("ABE XXX")), NOTHING);
}

#[test]
fn a_refused_flight_is_named_and_does_not_keep_the_rest_from_being_sold() {
    let text = "KR1 ABE ATL 1 08:00 08:00 Y:100/9
                KR2 ABE ATL 1 08:00 07:00 Y:100/9
                KR3 ABE ATL 1 08:00 08:01 Y:100/9";
    let network = empty_network();
    assert_eq!(network.load(flights(text)), [id("KR1 ABE 1"), id("KR2 ABE 1")]);
    assert_eq!(found(&network, &ask("ABE ATL")), ["KR3/Y 0:01 100"]);
    // A flight that came to make no sense is not sold as it was.
    assert_eq!(network.apply(&[flight("KR3 ABE XXX 1 08:00 08:01 Y:100/9 v2")]), [id("KR3 ABE 1")]);
    assert_eq!((found(&network, &ask("ABE ATL")), network.flight_count()), (vec![], 0));
}

#[test]
fn a_network_without_flights_answers_nothing() {
    let network = empty_network();
    assert_eq!(found(&network, &ask("ABE ATL")), NOTHING);
    assert_eq!((network.flight_count(), network.span(), network.flight(id("KR1 ABE 1"))), (0, None, None));
    network.remove(&[id("KR1 ABE 1")]);
    assert_eq!(network.apply(&[]), []);
    let extremes = Ask {
        departs: itinerary::Minute(0)..itinerary::Minute(u32::MAX),
        limits: Limits { min_connection: 0, max_connection: u32::MAX, max_duration: u32::MAX },
        limit: usize::MAX,
        seats: 15,
        ..ask("ABE ATL")
    };
    assert_eq!(found(&network, &extremes), NOTHING);
    network.apply(&[flight("KR1 ABE ATL 1 08:00 10:00 Y:268435455/65535 J:268435456/9")]);
    assert_eq!(found(&network, &extremes), ["KR1/Y 2:00 268435455"]);
    let too_dear = Ask { cabin: Cabin::Business, seats: 1, ..extremes.clone() };
    assert_eq!(found(&network, &too_dear), NOTHING, "a fare that has no place in a word is not shown");
    assert_eq!(found(&network, &Ask { seats: 16, ..extremes }), NOTHING, "nor is a party that has none");
}

// ---- What is wanted ----

#[test]
fn nothing_beats_the_undominated_ones_in_time_price_and_stops() {
    let network = network(
        "KR1 ABE ORD 1 08:00 11:00 Y:300/9
         KR2 ABE ORD 1 09:00 13:00 Y:200/9
         KR3 ABE ORD 1 09:30 13:30 Y:250/9
         # As long and as cheap as KR2, with a connection: KR2 beats it
         KR4 ABE ATL 1 08:00 09:00 Y:100/9
         KR5 ATL ORD 1 10:00 12:00 Y:100/9
         # Cheaper and longer
         KR6 ATL ORD 1 10:30 13:30 Y:20/9",
    );
    let best = ["KR1/Y 3:00 300", "KR2/Y 4:00 200", "KR4/Y KR6/Y 5:30 120"];
    assert_eq!(undominated(&network, &ask("ABE ORD")), best);
    assert_eq!(undominated(&network, &Ask { limit: 1, ..ask("ABE ORD") }), best, "however short the list is");
}

#[test]
fn calendar_and_list_agree_to_the_cent() {
    let network = network(
        "KR1 ABE ORD 1 08:00 11:00 Y:301/9
         KR2 ABE ATL 1 08:00 09:00 Y:100/9
         KR3 ATL ORD 2 00:10 02:00 Y:99/9
         KR4 ABE ORD 3 08:00 11:00 Y:300/0
         KR5 ABE ATL 3 18:00 19:00 Y:100/9
         KR6 ATL ORD 4 00:10 02:00 Y:98/9
         KR7 ABE ORD 4 08:00 11:00 Y:150/9",
    );
    let tariff = Tariff { connection_ppm: 333_333, per_flight: 7, ..Tariff::default() };
    let of_day = |day: u32| {
        let departs = at("0 00:00").plus(day * 24 * 60)..at("1 00:00").plus(day * 24 * 60);
        Ask { departs, tariff, order: Order::Price, ..ask("ABE ORD") }
    };
    let days: Vec<_> = (0..40).map(|day| of_day(day).query().origins).collect();
    network.set_clock(at("0 00:00"));
    let (prices, complete) = network.calendar(&of_day(1).query(), &days);
    let listed = (0..40).map(|day| search(&network, &of_day(day)).first().map(|journey| journey.price));
    assert_eq!((&prices[..], complete), (&listed.collect::<Vec<_>>()[..], true));
    // Day 1's connection would wait fifteen hours.
    let whole = |price: Option<u64>| price.map(|price| price / 1_000_000);
    let first_days: Vec<_> = prices[..6].iter().copied().map(whole).collect();
    assert_eq!(first_days, [None, Some(308), None, Some(70), Some(157), None]);
}

#[test]
fn each_order_puts_its_own_first() {
    let network = network(
        "KR1 ABE ORD 1 10:00 12:00 Y:300/9
         KR2 ABE ORD 1 08:00 13:00 Y:200/9
         KR3 ABE ORD 1 07:00 14:00 Y:260/9
         KR4 ABE ATL 1 09:00 10:00 Y:50/9
         KR5 ATL ORD 1 15:00 16:00 Y:50/9",
    );
    let first = |order| found(&network, &Ask { order, limit: 1, ..ask("ABE ORD") }).remove(0);
    assert_eq!(first(Order::Duration), "KR1/Y 2:00 300");
    assert_eq!(first(Order::Price), "KR4/Y KR5/Y 7:00 100");
    assert_eq!(first(Order::Departure), "KR3/Y 7:00 260");
    assert_eq!(first(Order::Arrival), "KR1/Y 2:00 300");
    // 300 + 120 minutes, 200 + 300, 260 + 420, 100 + 420 + a connection.
    assert_eq!(first(Order::Best { minute: 1, stop: 0 }), "KR1/Y 2:00 300");
    assert_eq!(first(Order::Best { minute: 0, stop: 99 }), "KR4/Y KR5/Y 7:00 100");
    assert_eq!(first(Order::Best { minute: 0, stop: 101 }), "KR2/Y 5:00 200");
}

#[test]
fn a_lower_cabin_fills_in_only_when_asked_and_never_all_the_way() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9 J:500/2
         KR2 ATL ORD 1 11:00 13:00 Y:80/9 W:120/1
         KR3 ABE ORD 1 06:00 18:00 Y:10/9",
    );
    let business = Ask { cabin: Cabin::Business, ..ask("ABE ORD") };
    assert_eq!(found(&network, &business), NOTHING);
    let mixed = Ask { mixed_cabin: true, ..business };
    assert_eq!(found(&network, &mixed), ["KR1/J KR2/W 5:00 620"]);
    assert_eq!(found(&network, &Ask { seats: 2, ..mixed.clone() }), ["KR1/J KR2/Y 5:00 580"]);
    assert_eq!(
        found(&network, &Ask { seats: 3, ..mixed }),
        NOTHING,
        "a journey wholly in economy is no business journey"
    );
}

#[test]
fn airlines_that_connect_have_a_minimum_of_their_own() {
    let (airport, airline) = (Some(code("ATL")), |text: &str| text.parse().expect("an airline"));
    let pair = |airport, minutes| AirlinePair {
        airport,
        arriving: airline("KR"),
        leaving: airline("S2"),
        minutes: [minutes; 4],
    };
    let times = ConnectionTimes {
        airports: [(code("ATL"), [60; 4])].into(),
        pairs: vec![pair(airport, 25), pair(None, 90)],
        ..ConnectionTimes::default()
    };
    let network = network_with(
        times,
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         S22 ATL ORD 1 10:24 12:00 Y:1/9
         S23 ATL ORD 1 10:25 12:00 Y:2/9
         KR4 ATL ORD 1 10:59 12:00 Y:3/9
         KR5 ATL ORD 1 11:00 12:00 Y:4/9
         S26 ORD JFK 1 13:29 14:00 Y:1/9
         S27 ORD JFK 1 13:30 14:00 Y:2/9
         S28 ORD JFK 1 12:40 13:00 Y:3/9",
    );
    assert_eq!(found(&network, &ask("ABE ORD")), ["KR1/Y S23/Y 4:00 102", "KR1/Y KR5/Y 4:00 104"]);
    let quickest = ["KR1/Y S23/Y S28/Y 5:00 105", "KR1/Y S23/Y S26/Y 6:00 103"];
    assert_eq!(found(&network, &ask("ABE JFK"))[..2], quickest, "S2 to S2 keeps the default");
    let by_kr = Ask {
        filters: Filters { not_airlines: vec![airline("S2")], ..Filters::default() },
        ..ask("ABE JFK")
    };
    assert_eq!(found(&network, &by_kr), NOTHING);
    let late = found(&network, &ask("ABE JFK"))
        .iter()
        .filter(|journey| journey.contains("KR5"))
        .cloned()
        .collect::<Vec<_>>();
    assert_eq!(late, ["KR1/Y KR5/Y S27/Y 6:00 106"], "KR to S2 elsewhere takes 90 minutes");
}

#[test]
fn limits_beyond_all_bounds_are_limits() {
    let network = network(
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ATL ORD 1 11:00 12:00 Y:50/9
         KR3 ABE ORD 1 08:00 18:00 Y:50/9",
    );
    let with = |min_connection, max_connection, max_duration| Ask {
        limits: Limits { min_connection, max_connection, max_duration },
        ..ask("ABE ORD")
    };
    let nonstop = ["KR3/Y 10:00 50"];
    let all = ["KR1/Y KR2/Y 4:00 150", "KR3/Y 10:00 50"];
    for min in [61, 65_535, 65_536, u32::MAX - 1, u32::MAX] {
        assert_eq!(found(&network, &with(min, u32::MAX, u32::MAX)), nonstop, "{min}");
    }
    assert_eq!(found(&network, &with(60, u32::MAX, u32::MAX)), all);
    assert_eq!(found(&network, &with(u32::MAX, 0, u32::MAX)), nonstop);
    assert_eq!(found(&network, &with(0, 0, 0)), NOTHING);
}

#[test]
fn other_connection_times_take_effect_on_flights_that_are_there() {
    let airline = |text: &str| text.parse().expect("an airline");
    let network = network_with(
        ConnectionTimes::default(),
        "KR1 ABE ATL 1 08:00 10:00 Y:100/9
         KR2 ATL ORD 1 10:30 12:00 Y:1/9
         S23 ATL ORD 1 10:35 12:00 Y:2/9
         KR4 ATL ORD 1 10:40 12:00 Y:3/9",
    );
    let last = |network: &Network| {
        let all = found(network, &ask("ABE ORD"));
        all.iter().filter_map(|journey| journey.split(' ').nth(1).map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(last(&network), ["KR4/Y"]);
    let shorter = ConnectionTimes { airports: [(code("ATL"), [30; 4])].into(), ..ConnectionTimes::default() };
    network.set_connection_times(shorter.clone());
    // All take as long to the end; the cheaper comes first.
    assert_eq!(last(&network), ["KR2/Y", "S23/Y", "KR4/Y"]);
    let pair =
        AirlinePair { airport: None, arriving: airline("KR"), leaving: airline("S2"), minutes: [36; 4] };
    network.set_connection_times(ConnectionTimes { pairs: vec![pair], ..shorter.clone() });
    assert_eq!(last(&network), ["KR2/Y", "KR4/Y"]);
    // Airports that get their first flight later have the new times too.
    network.apply(&flights("KR5 ATL JFK 1 10:30 12:00 Y:1/9\nKR6 JFK LHR 1 12:50 20:00 Y:1/9"));
    assert_eq!(found(&network, &ask("ABE JFK")), ["KR1/Y KR5/Y 4:00 101"]);
    let jfk = ConnectionTimes { airports: [(code("JFK"), [45; 4])].into(), ..shorter };
    assert_eq!(found(&network, &ask("ABE LHR")), NOTHING, "50 minutes to a flight over a border");
    network.set_connection_times(jfk);
    assert_eq!(found(&network, &ask("ABE LHR")), NOTHING, "40 at Atlanta again");
}

// ---- Limits ----

#[test]
fn a_search_ends_when_its_effort_is_spent_and_says_so() {
    let network = network(
        "KR1 ABE ATL 1 08:00 09:00 Y:10/9
         KR2 ATL JFK 1 10:00 11:00 Y:10/9
         KR3 JFK ORD 1 12:00 13:00 Y:10/9
         KR4 ORD LHR 1 15:00 22:00 Y:10/9",
    );
    let with = |route: &str, effort| Query { effort, max_stops: 3, ..ask(route).query() };
    // Enough and too little; the second also where listing three stops is part of the work.
    for route in ["ABE ORD", "ABE LHR"] {
        let (enough, too_little) = (with(route, 1_000), with(route, 3));
        let days = [enough.origins.clone()];
        let all = |query: &Query| {
            let mut seen = 0;
            let visited = network.visit(query, &mut |_| seen += 1);
            (network.search(query).complete, network.calendar(query, &days).1, visited, seen)
        };
        assert_eq!(all(&enough), (true, true, true, 1), "{route}");
        assert_eq!(all(&too_little), (false, false, false, 0), "{route}");
    }
    // A calendar's effort is for all its days.
    let month = vec![with("ABE ORD", 0).origins; 31];
    assert!(network.calendar(&with("ABE ORD", 10_000), &month).1);
    assert!(!network.calendar(&with("ABE ORD", 60), &month).1);
}
