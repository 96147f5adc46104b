//! Who may sit where, through the API: exits, children, infants.

use serde_json::Value;

use super::{Shop, seats};

#[tokio::test]
async fn exits_are_for_those_who_can_help_and_children_sit_beside_an_adult() {
    let shop = Shop::open().await;
    for (number, (party, wish, reason)) in [
        ("aac", vec![(3, "15C")], "exit_age"),
        ("ai", vec![(1, "15A")], "exit_infant"),
        ("ac", vec![(1, "15A")], "exit_guardian"),
        ("ac", vec![(1, "12A"), (2, "12C")], "child_apart"),
        ("ac", vec![(2, "12C")], "child_apart"),
        ("aaii", vec![(1, "12A"), (2, "12B")], "infant_mask"),
        ("aa", vec![(1, "12A"), (2, "12A")], "chosen_twice"),
        ("a", vec![(1, "30F")], "blocked"),
        ("a", vec![(1, "1A")], "no_such_seat"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = shop.hold(party, &format!("k{number}")).await;
        let refused = shop.buy(&id, seats(&wish), &format!("e{number}")).await.expect(422);
        assert_eq!(
            (refused.code(), refused.text("/reason").as_str()),
            ("seat_not_allowed", reason),
            "{party}"
        );
        let detail = refused.text("/detail");
        assert!(wish.iter().any(|(_, seat)| detail.contains(seat)) && detail.len() > 40, "{detail}");
    }
    assert_eq!(shop.taken().await.len(), 0);
    let id = shop.hold("aac", "good").await;
    shop.buy(&id, seats(&[(1, "15A"), (2, "12A"), (3, "12B")]), "good").await.expect(201);
    assert_eq!(shop.taken().await, ["12A", "12B", "15A"]);
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn every_refusal_of_a_party_is_told() {
    let shop = Shop::open().await;
    let id = shop.hold("a c i", "k1").await;
    let refused = shop.buy(&id, seats(&[(1, "15A"), (2, "15B")]), "e1").await.expect(422);
    let refusals = refused.json["refusals"].as_array().expect("a list");
    let told: Vec<(i64, &str)> = refusals
        .iter()
        .map(|refusal| {
            (refusal["passenger"].as_i64().expect("a number"), refusal["reason"].as_str().expect("a word"))
        })
        .collect();
    assert_eq!(told, [(1, "exit_infant"), (1, "exit_guardian"), (2, "exit_age")]);
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn one_infant_to_a_block_whoever_booked_it() {
    let shop = Shop::open().await;
    let first = shop.hold("ai", "k1").await;
    shop.seat(&first, "12A", "e1").await.expect(201);
    let second = shop.hold("ai", "k2").await;
    let refused = shop.seat(&second, "12C", "e2").await.expect(422);
    assert_eq!(refused.text("/reason"), "infant_mask");
    shop.seat(&second, "12D", "e3").await.expect(201);
    let alone = shop.hold("a", "k3").await;
    shop.seat(&alone, "12C", "e4").await.expect(201);
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn a_proposal_can_be_bought_as_it_is() {
    let shop = Shop::open().await;
    let id = shop.hold("aaccci", "k1").await;
    let path = format!("/bookings/{id}/seats?segment=1");
    let look = shop.airline.call("GET", &path, Some(&shop.token), None).await.expect(200).json;
    let proposal = look["proposal"].as_array().expect("a proposal");
    assert_eq!(proposal.len(), 5);
    let wishes: Vec<(i16, &str)> = proposal
        .iter()
        .map(|wish: &Value| {
            let passenger = wish["passenger"].as_i64().and_then(|number| i16::try_from(number).ok());
            (passenger.expect("a number"), wish["seat"].as_str().expect("a seat"))
        })
        .collect();
    let bought = shop.buy(&id, seats(&wishes), "e1").await.expect(201).json;
    assert_eq!(bought["extras"].as_array().map(Vec::len), Some(5));
    let again = shop.airline.call("GET", &path, Some(&shop.token), None).await.expect(200).json;
    assert_eq!(again["proposal"].as_array().map(Vec::len), Some(0));
    assert_eq!(again["seats"].as_array().map(Vec::len), Some(5));
    shop.airline.assert_sound().await;
}
