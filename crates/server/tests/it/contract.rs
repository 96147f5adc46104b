//! The contract with programs: the OpenAPI document, policies, problems and their words.

use std::collections::BTreeSet;

use ::platform::messages::Locale;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::documented::fault;
use crate::support::{Airline, request, send};

fn document() -> Value {
    serde_json::to_value(server::router::document()).expect("JSON")
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            found.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    found
}

/// Whether a schema, or what it refers to, shows an example.
fn has_example(document: &Value, schema: &Value) -> bool {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        return document.pointer(pointer).is_some_and(|target| has_example(document, target));
    }
    !schema["example"].is_null() || !schema["examples"].is_null()
}

#[test]
fn every_operation_has_a_policy_a_summary_and_examples() {
    let document = document();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let operations = operations(&document);
    assert!(operations.len() >= 17, "{}", operations.len());
    for (method, path, operation) in operations {
        let name = format!("{method} {path}");
        let access = operation["x-access"].as_str().unwrap_or_else(|| panic!("{name} has no policy"));
        assert!(["public", "signed_in", "owner", "program", "staff"].contains(&access), "{name}: {access}");
        assert_eq!(operation["x-permission"].is_string(), access == "staff", "{name}");
        let scoped = ["signed_in", "program", "staff"].contains(&access);
        assert_eq!(operation["x-scope"].is_string(), scoped, "{name}");
        assert_eq!(operation["security"].is_null(), access == "public", "{name}");
        assert!(operation["summary"].is_string(), "{name} has no summary");
        for kind in ["application~1json", "application~1x-www-form-urlencoded"] {
            if let Some(body) = operation.pointer(&format!("/requestBody/content/{kind}/schema")) {
                assert!(has_example(&document, body), "{name}: no example of the body");
            }
        }
        let success = ["200", "201", "202"].iter().find_map(|status| {
            operation.pointer(&format!("/responses/{status}/content/application~1json/schema"))
        });
        let empty = ["204", "200", "101"].iter().any(|status| {
            operation
                .pointer(&format!("/responses/{status}"))
                .is_some_and(|answer| answer["content"].is_null())
        });
        // A file is its own example.
        let file = operation.pointer("/responses/200/content").and_then(Value::as_object);
        let file = file.is_some_and(|kinds| kinds.keys().all(|kind| !kind.contains("json")));
        assert!(
            empty || file || success.is_some_and(|schema| has_example(&document, schema)),
            "{name}: no example of the answer"
        );
        assert!(operation.pointer("/responses/503").is_some(), "{name}: no problem answer");
    }
}

/// Every reference in a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_refers_to_nothing_that_it_lacks() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for reference in found {
        let there = document.pointer(reference.trim_start_matches('#'));
        assert!(there.is_some(), "{reference}");
    }
}

#[tokio::test]
async fn policies_hold_for_every_operation() {
    let airline = Airline::new().await;
    let traveller = airline.traveller().await;
    for (method, path, operation) in operations(&document()) {
        let path =
            path.replace("{id}", "flt_20261201000080008000b97700134001").replace("{delivery}", "whd_1");
        // What ends a session is not asked of the one that the others need.
        let traveller = if path.ends_with("/logout") || path.ends_with("/api/v1/me") {
            airline.account(&format!("leaving{}@example.com", path.len()), Role::Traveller).await
        } else {
            traveller.clone()
        };
        let anonymous =
            send(airline.router(), request(&method, &path, None, Some(json!({})), Some("k"))).await;
        let signed_in =
            send(airline.router(), request(&method, &path, Some(&traveller), Some(json!({})), Some("k")))
                .await;
        match operation["x-access"].as_str() {
            Some("public") => {
                let asks_for_proof =
                    ["/login", "/refresh", "/oauth/token"].iter().any(|end| path.ends_with(end));
                assert!(asks_for_proof || anonymous.status != 401, "{method} {path}");
            }
            Some("signed_in" | "owner") => {
                assert_eq!(anonymous.status, 401, "{method} {path}");
                assert!(![401, 403].contains(&signed_in.status.as_u16()), "{method} {path}");
            }
            _ => assert_eq!(
                (anonymous.status.as_u16(), signed_in.status.as_u16()),
                (401, 403),
                "{method} {path}"
            ),
        }
        assert!(anonymous.status.as_u16() < 500 && signed_in.status.as_u16() < 500, "{method} {path}");
    }
}

#[tokio::test]
async fn the_frameworks_own_refusals_have_our_shape() {
    let airline = Airline::new().await;
    let token = airline.traveller().await;
    let raw = |method: &str, path: &str, kind: &str, body: &'static str| {
        axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .header("authorization", format!("Bearer {token}"))
            .header("idempotency-key", "k")
            .body(axum::body::Body::from(body))
            .expect("a request")
    };
    let big: &'static str = Box::leak(format!("{{\"email\": \"{}\"}}", "a".repeat(70_000)).into_boxed_str());
    for (asked, status, code) in [
        (raw("GET", "/api/v1/nothing", "text/plain", ""), 404, "no_such_route"),
        (raw("GET", "/nothing", "text/plain", ""), 404, "no_such_route"),
        (raw("DELETE", "/api/v1/search", "text/plain", ""), 405, "method_not_allowed"),
        (raw("POST", "/api/v1/login", "text/plain", "x"), 415, "unsupported_media_type"),
        (raw("POST", "/api/v1/login", "application/json", "{"), 400, "malformed"),
        (raw("POST", "/api/v1/login", "application/json", "{\"email\": 1}"), 422, "invalid_field"),
        (raw("POST", "/api/v1/login", "application/json", big), 413, "body_too_large"),
        (raw("GET", "/api/v1/flights/nonsense", "text/plain", ""), 404, "not_found"),
        (raw("GET", "/api/v1/search?adults=x", "text/plain", ""), 400, "malformed"),
    ] {
        let what = format!("{} {}", asked.method(), asked.uri());
        let reply = send(airline.router(), asked).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{what}: {}", reply.json);
        assert_eq!(reply.headers["content-type"], "application/problem+json", "{what}");
        assert_eq!(reply.json["status"], status, "{what}");
        assert!(reply.headers.contains_key("x-request-id"), "{what}");
    }
}

#[tokio::test]
async fn problems_speak_the_callers_language() {
    let airline = Airline::new().await;
    let mut asked = request("GET", "/search?origin=ABE&destination=ABE&date=2026-06-10", None, None, None);
    asked.headers_mut().insert("accept-language", "hi-IN,hi;q=0.9".parse().expect("a header"));
    let reply = send(airline.router(), asked).await;
    assert_eq!((reply.code(), reply.text("/title").as_str()), ("same_airport", "एक ही हवाई अड्डा"));
}

/// The codes named in the sources of the server and the platform.
fn codes_in_sources() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut folders = vec![
        std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
        std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../platform/src")),
    ];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for marker in [
                "Category::NotUnderstood, \"",
                "Category::Unauthenticated, \"",
                "Category::Forbidden, \"",
                "Category::NotFound, \"",
                "Category::Conflict, \"",
                "Category::Unprocessable, \"",
                "Category::TooMany, \"",
                "Category::Unavailable, \"",
                "Category::Internal, \"",
                "conflict(\"",
            ] {
                let found = text.split(marker).skip(1).filter_map(|rest| rest.split('"').next());
                codes.extend(found.map(str::to_owned));
            }
        }
    }
    codes
}

#[test]
fn every_code_has_words_in_every_language_and_a_line_in_the_documentation() {
    let messages = server::app::messages().expect("the catalogue");
    let errors = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md"))
        .expect("docs/errors.md");
    let codes = codes_in_sources();
    assert!(codes.len() > 30, "{codes:?}");
    for code in &codes {
        let id = format!("problem-{}", code.replace('_', "-"));
        for locale in Locale::ALL {
            assert!(messages.has(locale, &id), "{id} is missing in {}", locale.tag());
            assert!(
                messages.has(locale, &format!("{id}.title")),
                "{id}.title is missing in {}",
                locale.tag()
            );
        }
        assert!(errors.contains(&format!("`{code}`")), "docs/errors.md does not explain {code}");
    }
}

#[test]
fn the_languages_have_the_same_messages() {
    let keys = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
        lines.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    assert_eq!(keys(include_str!("../../messages/en.ftl")), keys(include_str!("../../messages/hi.ftl")));
}

/// The whole suite looks for answers that are not in the document (`support::documented`); here it is seen that it would find one.
#[tokio::test]
async fn an_answer_that_is_not_in_the_document_is_found() {
    let airline = Airline::new().await;
    let path = "/api/v1/flights/flt_20261201000080008000b97700134001";
    let mut reply = send(airline.router(), request("GET", path, None, None, None)).await;
    assert_eq!((reply.status.as_u16(), fault(&Method::GET, path, &reply)), (404, None));
    reply.headers.insert("content-type", "text/plain".parse().expect("a kind"));
    assert!(fault(&Method::GET, path, &reply).is_some_and(|fault| fault.contains("text/plain")));
    reply.status = StatusCode::IM_A_TEAPOT;
    assert!(fault(&Method::GET, path, &reply).is_some_and(|fault| fault.contains("418")));
}
