//! Pages of one list, while prices move.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::numbers;
use crate::support::{Airline, Reply, request, send};

/// So many flights from ABE to ATL, KR1 first and each a quarter of an hour and a dollar above the one before.
async fn many(count: u32) -> (Airline, String, Vec<String>) {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let mut ids = Vec::new();
    for number in 1..=count {
        let (hour, minute) = (6 + number / 4, number % 4 * 15);
        let times =
            (format!("2026-06-10T{hour:02}:{minute:02}"), format!("2026-06-10T{:02}:{minute:02}", hour + 2));
        let classes = json!([{"class": "Y", "fare": 10_000 + 100 * number}]);
        let cabins = json!([{"cabin": "economy", "capacity": 9, "classes": classes}]);
        let route = ("ABE", "ATL");
        ids.push(
            airline.flight_with(&admin, &format!("KR{number}"), route, (&times.0, &times.1), cabins).await,
        );
    }
    (airline, admin, ids)
}

async fn page(airline: &Airline, query: &str, cursor: &str) -> Reply {
    let path = format!("/search?origin=ABE&destination=ATL&date=2026-06-10{query}{cursor}");
    airline.call("GET", &path, None, None).await
}

fn cursor_of(page: &Value) -> Option<String> {
    page["next_cursor"].as_str().map(|next| format!("&cursor={next}"))
}

async fn reprice(airline: &Airline, admin: &str, id: &str, fare: u32) {
    let body = json!({"cabins": [{"cabin": "economy", "classes": [{"class": "Y", "fare": fare}]}]});
    airline.call("PUT", &format!("/flights/{id}"), Some(admin), Some(body)).await.expect(200);
}

#[tokio::test]
async fn nothing_repeats_or_goes_missing_while_prices_move() {
    let (airline, admin, ids) = many(40).await;
    for limit in [3, 7, 19] {
        let (mut seen, mut cursor, mut round) = (Vec::new(), Some(String::new()), 0_u32);
        while let Some(at) = cursor {
            let page = page(&airline, &format!("&sort=price&limit={limit}"), &at).await.expect(200).json;
            seen.extend(numbers(&page).into_iter().flatten());
            cursor = cursor_of(&page);
            // Every flight changes its place: what was shown gets dearer, what was not gets cheaper, or the other way round.
            round += 1;
            for (number, id) in (0..).zip(&ids) {
                reprice(&airline, &admin, id, 10_000 + (number * 7 + round * 13) % 40 * 100).await;
            }
            airline.follow_feed().await;
        }
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (40, 40), "pages of {limit}");
    }
}

#[tokio::test]
async fn a_page_that_was_left_and_asked_for_again_is_the_same() {
    let (airline, admin, ids) = many(12).await;
    let first = page(&airline, "&sort=price&limit=4", "").await.expect(200).json;
    let cursor = cursor_of(&first).expect("more");
    let second = page(&airline, "&sort=price&limit=4", &cursor).await.expect(200).json;
    reprice(&airline, &admin, &ids[11], 1).await;
    airline.follow_feed().await;
    let again = page(&airline, "&sort=price&limit=4", &cursor).await.expect(200).json;
    assert_eq!((numbers(&again), &again["next_cursor"]), (numbers(&second), &second["next_cursor"]));
    assert_eq!(again["itineraries"][0]["price"], second["itineraries"][0]["price"]);
    let fresh = page(&airline, "&sort=price&limit=1", "").await.expect(200).json;
    assert_eq!(numbers(&fresh), [["KR12"]], "a new search sees the new price");
}

#[tokio::test]
async fn another_server_goes_on_from_the_sort_key() {
    let (airline, _, _) = many(12).await;
    let (_, second) = airline.second_server().await;
    for sort in ["duration", "price", "departure", "arrival", "best"] {
        let (mut seen, mut cursor, mut turn) = (Vec::new(), Some(String::new()), 0);
        while let Some(at) = cursor {
            let path = format!("/search?origin=ABE&destination=ATL&date=2026-06-10&sort={sort}&limit=5{at}");
            let router = if turn % 2 == 0 { airline.router() } else { second.clone() };
            let page = send(router, request("GET", &path, None, None, None)).await.expect(200).json;
            seen.extend(numbers(&page).into_iter().flatten());
            cursor = cursor_of(&page);
            turn += 1;
        }
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len(), turn), (12, 12, 3), "{sort}");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let (airline, _, _) = many(4).await;
    let first = page(&airline, "&sort=price&limit=2", "").await.expect(200).json;
    let cursor = cursor_of(&first).expect("more");
    for other in ["&sort=departure&limit=2", "&sort=price&limit=2&max_price=10250", "&sort=price&adults=2"] {
        assert_eq!(page(&airline, other, &cursor).await.expect(422).code(), "invalid_field", "{other}");
    }
    let rest = page(&airline, "&sort=price&limit=50", &cursor).await.expect(200).json;
    assert_eq!((numbers(&rest).len(), &rest["next_cursor"]), (2, &Value::Null), "the limit may differ");
}

#[tokio::test]
async fn a_list_is_not_read_with_another_questions_cursor() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for (number, hour) in [("KR1", "08"), ("KR2", "12"), ("KR3", "16")] {
        let times = (format!("2026-06-10T{hour}:00"), format!("2026-06-10T{hour}:59"));
        let cabin = |cabin: &str, class: &str, fare: u32| json!({"cabin": cabin, "capacity": 5, "classes": [{"class": class, "fare": fare}]});
        let cabins = json!([cabin("economy", "Y", 10_000), cabin("business", "J", 90_000)]);
        airline.flight_with(&admin, number, ("ABE", "ATL"), (&times.0, &times.1), cabins).await;
    }
    let route = "/search?origin=ABE&destination=ATL&date=2026-06-10&limit=1";
    let first = async |query: &str| {
        airline.call("GET", &format!("{route}{query}"), None, None).await.expect(200).text("/next_cursor")
    };
    let (economy, business) = (first("").await, first("&cabin=business").await);
    // The list of the one, as if it answered the question of the other.
    let bytes = |cursor: &str| URL_SAFE_NO_PAD.decode(cursor).expect("base64");
    let mut forged = bytes(&economy);
    forged[20..28].copy_from_slice(&bytes(&business)[20..28]);
    let forged = URL_SAFE_NO_PAD.encode(forged);
    let path = format!("{route}&cabin=business&cursor={forged}");
    let answer = airline.call("GET", &path, None, None).await.expect(200).json;
    for itinerary in answer["itineraries"].as_array().expect("itineraries") {
        assert_eq!(itinerary["segments"][0]["cabin"], "business");
        assert_eq!(itinerary["price"]["amount"], 90_000);
    }
}
