//! The receipt on paper, asked for over HTTP.

use axum::http::Request;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE};

use super::cancel::{amount, bought, party, selling};
use crate::support::{Airline, Reply, request, send};

async fn receipt(
    airline: &Airline,
    token: &str,
    id: &str,
    query: &str,
    accept: &str,
    language: &str,
) -> Reply {
    let path = format!("/bookings/{id}/receipt{query}");
    let mut asked: Request<_> = request("GET", &path, Some(token), None, None);
    asked.headers_mut().insert(ACCEPT, accept.parse().expect("a header"));
    asked.headers_mut().insert(ACCEPT_LANGUAGE, language.parse().expect("a header"));
    send(airline.router(), asked).await
}

fn texts(reply: &Reply) -> Vec<String> {
    let pages = testkit::pdf::pages(&reply.bytes).expect("a PDF");
    pages.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_receipt_is_handed_out_on_paper_to_whom_it_belongs() {
    let (airline, _) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(2, 0, 1), "k1").await;
    let id = booking.text("/id");
    let json = receipt(&airline, &token, &id, "", "*/*", "en").await.expect(200);
    assert_eq!(json.headers["content-type"], "application/json");
    assert_eq!(json.headers["cache-control"], "no-store");
    let paper = receipt(&airline, &token, &id, "", "application/pdf", "en").await.expect(200);
    for (name, value) in [
        ("content-type", "application/pdf".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("content-disposition", format!("inline; filename=\"receipt-{}.pdf\"", booking.text("/locator"))),
    ] {
        assert_eq!(paper.headers[name], value, "{name}");
    }
    let texts_of = texts(&paper);
    let has = |text: &str| texts_of.iter().any(|read| read == text);
    for passenger in booking.json["passengers"].as_array().expect("passengers") {
        let name = format!(
            "{} {}",
            passenger["given_name"].as_str().expect("a name"),
            passenger["family_name"].as_str().expect("a name")
        );
        let ticket = passenger["ticket_number"].as_str().expect("a ticket");
        assert!(
            has(&name) && has(&format!("{} {}", &ticket[..3], &ticket[3..])),
            "{name} {ticket}: {texts_of:?}"
        );
    }
    let paid = kernel::Money::new(amount(&json, "/paid/amount"), kernel::Currency::USD);
    let paid = documents::amount(paid, documents::Grouping::Thousands);
    assert!(texts_of.iter().filter(|read| **read == paid).count() >= 3, "{paid}: {texts_of:?}");
    assert!(has("Allentown (ABE) – Atlanta (ATL)"), "{texts_of:?}");

    let by_link = receipt(&airline, &token, &id, "?format=pdf", "text/html", "hi").await.expect(200);
    assert!(texts(&by_link).iter().any(|read| read == "रसीद"));
    let refused = receipt(&airline, &token, &id, "?format=doc", "*/*", "en").await.expect(422);
    assert_eq!((refused.code(), refused.text("/field")), ("invalid_field", "format".into()));
    let thief = airline.account("thief@example.com", server::identity::api::Role::Traveller).await;
    receipt(&airline, &thief, &id, "?format=pdf", "*/*", "en").await.expect(404);
    receipt(&airline, "nobody", &id, "?format=pdf", "*/*", "en").await.expect(401);
}

#[tokio::test]
async fn what_is_not_paid_has_no_receipt_and_what_came_back_is_on_it() {
    let (airline, _) = selling().await;
    let token = airline.traveller().await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let held = airline.hold(&token, &offer, "k0").await.expect(201);
    let paper = receipt(&airline, &token, &held.text("/id"), "?format=pdf", "*/*", "en").await.expect(200);
    let unpaid = texts(&paper);
    assert!(unpaid.iter().any(|read| read.contains("This is not a receipt")), "{unpaid:?}");
    assert!(!unpaid.iter().any(|read| read == "Receipt"), "{unpaid:?}");

    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let id = booking.text("/id");
    airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    airline.run_jobs().await;
    let json = receipt(&airline, &token, &id, "", "application/json", "en").await.expect(200);
    let back = amount(&json, "/returned/amount");
    assert!(back > 0);
    let paper = receipt(&airline, &token, &id, "", "application/pdf", "en").await.expect(200);
    let money = |amount| {
        documents::amount(kernel::Money::new(amount, kernel::Currency::USD), documents::Grouping::Thousands)
    };
    let read = texts(&paper);
    for text in [
        "Refund".to_owned(),
        money(-back),
        money(back),
        "Cancelled".into(),
        "What was sold and given back".into(),
    ] {
        assert!(read.contains(&text), "{text}: {read:?}");
    }
}

#[test]
fn the_document_of_the_api_has_both_forms() {
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let (_, path) =
        paths.iter().find(|(path, _)| path.ends_with("/bookings/{id}/receipt")).expect("the receipt");
    let content = path["get"]["responses"]["200"]["content"].as_object().expect("forms");
    assert_eq!(content.keys().collect::<Vec<_>>(), ["application/json", "application/pdf"]);
    assert_eq!(content["application/pdf"]["schema"]["type"], "string");
    let parameters = path["get"]["parameters"].as_array().expect("parameters");
    assert!(
        parameters.iter().any(|parameter| parameter["name"] == "format" && parameter["required"] == false)
    );
}
