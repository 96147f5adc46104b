//! What a browser is told with every answer, and who may call from another site.

use ::platform::config::Config;
use ::platform::http::client_address::TrustedProxies;
use ::platform::http::headers::SecurityHeaders;
use ::platform::http::layers::{Kit, wrap};
use ::platform::random::Random;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use axum::routing::{get, post};
use axum::{Router, http::Method};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Airline, Reply, request, send};

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

#[track_caller]
fn assert_safe(what: &str, headers: &HeaderMap) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ] {
        assert_eq!(header(headers, name), value, "{what}: {name}");
        assert_eq!(headers.get_all(name).iter().count(), 1, "{what}: {name} once");
    }
    assert!(header(headers, "permissions-policy").contains("geolocation=()"), "{what}");
    let policy = header(headers, "content-security-policy");
    for directive in ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
    {
        assert!(policy.contains(directive), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
}

fn over_tls(config: &mut Config) {
    config.http.public_url = "https://udaan.example".into();
}

async fn get_page(airline: &Airline, path: &str) -> Reply {
    send(airline.router(), Request::get(path).body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn every_answer_of_every_operation_is_safe_in_a_browser() {
    let airline = Airline::with(over_tls).await;
    let admin = airline.admin().await;
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, _) in item.as_object().expect("a path") {
            let what = format!("{method} {path}");
            let path = path.replace("{id}", "x").replace("{code}", "X").replace("{delivery}", "whd_1");
            for token in [None, Some(admin.as_str())] {
                let body = (method != "get").then(|| json!({}));
                let reply =
                    send(airline.router(), request(&method.to_uppercase(), &path, token, body, Some("k")))
                        .await;
                assert_safe(&what, &reply.headers);
                // What is nobody's may be kept by caches; everything else by none.
                let kept = if path == "/api/v1/faq" { "public" } else { "no-store" };
                let said = header(&reply.headers, "cache-control");
                assert!(said.contains(kept), "{what}: {:?}", reply.headers);
                asked += 1;
            }
        }
    }
    assert!(asked >= 100, "{asked}");
    // Answers with something in them, and those of the framework.
    for path in
        ["/api/v1/airports", "/api/v1/profile", "/api/v1/admin/events", "/nothing", "/healthz", "/readyz"]
    {
        let reply = send(airline.router(), request("GET", path, Some(&admin), None, None)).await;
        assert_safe(path, &reply.headers);
    }
}

/// Whether a tag has a style or a handler in itself.
fn has_inline(html: &str) -> bool {
    let tags = html.split('<').filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag));
    tags.flat_map(str::split_whitespace).any(|word| {
        let name = word.split('=').next().unwrap_or("");
        word.contains('=') && (name == "style" || name.starts_with("on"))
    })
}

#[tokio::test]
async fn pages_run_nothing_but_their_own() {
    let airline = Airline::with(over_tls).await;
    let landing = get_page(&airline, "/").await.expect(200);
    assert_safe("/", &landing.headers);
    let policy = header(&landing.headers, "content-security-policy").to_owned();
    let text = String::from_utf8(landing.bytes).expect("a text");
    let styles: Vec<&str> =
        text.split("<style>").skip(1).filter_map(|rest| rest.split("</style>").next()).collect();
    assert_eq!(styles.len(), 1);
    assert!(
        policy.contains(&format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(styles[0])))),
        "{policy}"
    );
    assert!(!text.contains("<script") && !has_inline(&text), "the policy would block it");

    let docs = get_page(&airline, "/api/docs/").await.expect(200);
    assert_safe("/api/docs/", &docs.headers);
    let text = String::from_utf8(docs.bytes).expect("a text");
    assert!(!text.contains("<script>") && !text.contains("<style") && !has_inline(&text), "blocked: {text}");
    let sources = ["src=\"", "href=\""].into_iter().flat_map(|attribute| text.split(attribute).skip(1));
    for source in sources.filter_map(|rest| rest.split('"').next()) {
        if !source.contains("favicon") {
            let file = get_page(&airline, &format!("/api/docs/{}", source.trim_start_matches("./")))
                .await
                .expect(200);
            assert_safe(source, &file.headers);
        }
    }
    assert_safe("/api/openapi.json", &get_page(&airline, "/api/openapi.json").await.expect(200).headers);
}

#[tokio::test]
async fn https_is_asked_for_only_where_it_is_spoken() {
    let plain = Airline::new().await;
    assert!(!get_page(&plain, "/").await.headers.contains_key("strict-transport-security"));
    let mut headers = HeaderMap::new();
    SecurityHeaders::new("https://udaan.example", 0).add_to(&mut headers);
    assert!(!headers.contains_key("strict-transport-security"), "it can be turned off");
}

#[tokio::test]
async fn only_the_named_origins_may_read() {
    let named = "https://partner.example";
    let airline = Airline::with(|config| config.http.cors_origins = vec![named.into()]).await;
    let with_origin = |method: &str, origin: &str| {
        let mut asked = request(method, "/airports", None, None, None);
        asked.headers_mut().insert("origin", origin.parse().expect("a value"));
        asked.headers_mut().insert("access-control-request-method", "POST".parse().expect("a value"));
        asked
            .headers_mut()
            .insert("access-control-request-headers", "authorization".parse().expect("a value"));
        send(airline.router(), asked)
    };
    for method in ["GET", "OPTIONS"] {
        let allowed = with_origin(method, named).await;
        assert_eq!(header(&allowed.headers, "access-control-allow-origin"), named, "{method}");
        assert!(header(&allowed.headers, "vary").to_lowercase().contains("origin"), "{method}");
        assert!(!allowed.headers.contains_key("access-control-allow-credentials"), "{method}");
        for other in [
            "https://evil.example",
            "https://partner.example.evil.example",
            "http://partner.example",
            "null",
            "https://partner.example:444",
        ] {
            let refused = with_origin(method, other).await;
            assert!(!refused.headers.contains_key("access-control-allow-origin"), "{method} {other}");
        }
    }
    let preflight = with_origin("OPTIONS", named).await;
    assert!(header(&preflight.headers, "access-control-allow-methods").contains("POST"));
    // Where none is named nobody may.
    let closed = Airline::new().await;
    let mut asked = request("GET", "/airports", None, None, None);
    asked.headers_mut().insert("origin", named.parse().expect("a value"));
    assert!(!send(closed.router(), asked).await.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn nothing_is_traced_debugged_or_measured_in_public() {
    let airline = Airline::with(|config| config.http.docs = false).await;
    for method in ["TRACE", "CONNECT", "PROPFIND"] {
        for path in ["/", "/healthz", "/api/v1/airports", "/api/v1/login", "/nothing"] {
            let mut asked = Request::new(Body::empty());
            *asked.method_mut() = Method::from_bytes(method.as_bytes()).expect("a method");
            *asked.uri_mut() = path.parse().expect("a path");
            asked.headers_mut().insert("x-secret", "canary".parse().expect("a value"));
            let reply = send(airline.router(), asked).await;
            assert!([404, 405].contains(&reply.status.as_u16()), "{method} {path}: {}", reply.status);
            assert!(!String::from_utf8_lossy(&reply.bytes).contains("canary"), "{method} {path} echoes");
        }
    }
    for path in [
        "/metrics",
        "/debug",
        "/api/v1/metrics",
        "/api/docs/",
        "/api/openapi.json",
        "/.git/config",
        "/server-status",
    ] {
        assert_eq!(get_page(&airline, path).await.status, 404, "{path}");
    }
}

/// What went wrong inside stays inside.
#[tokio::test]
async fn a_panic_is_a_bare_500_with_an_id() {
    let routes = Router::new()
        .route("/read", get(async || -> &'static str { panic!("canary of {}", "a secret") }))
        .route("/write", post(async || -> &'static str { panic!("canary") }));
    let kit = Kit {
        uploads: &[],
        messages: Arc::new(server::app::messages().expect("the catalogue")),
        random: Random,
        budget: Duration::from_secs(10),
        body_bytes: 1_024,
        asking_posts: &[],
        trusted_proxies: TrustedProxies::default(),
        json: ::platform::http::JsonLimits::default(),
        headers: SecurityHeaders::default(),
        cors_origins: Vec::new(),
    };
    let router = wrap(routes, kit);
    for asked in [Request::get("/read"), Request::post("/write")] {
        let reply = send(router.clone(), asked.body(Body::empty()).expect("a request")).await.expect(500);
        let text = String::from_utf8_lossy(&reply.bytes).into_owned();
        assert_eq!(reply.code(), "internal");
        assert!(!text.contains("canary") && !text.contains("panic") && !text.contains(".rs"), "{text}");
        assert_eq!(reply.text("/request_id"), header(&reply.headers, "x-request-id"));
    }
}
