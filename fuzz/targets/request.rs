//! Whole requests to any operation: path, query, headers, cookies and body, through the whole router. There is no database behind it, so
//! what needs one is 503; anything else is an answer or a refusal, never a defect.
//!
//! The first byte says which operation, the second whether its caller is signed in and what the body is said to be. Then a line with what
//! fills the path and with the query, lines of headers, an empty line, and the body.

#![no_main]

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Uri};
use libfuzzer_sys::fuzz_target;
use server::search::api::FuzzedAirline;

struct World {
    airline: FuzzedAirline,
    /// Method and path of each operation.
    operations: Vec<(String, String)>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let document = serde_json::to_value(server::router::document()).expect("a document");
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &serde_json::Value)| {
        let methods = item.as_object().expect("operations").keys();
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    World { airline: FuzzedAirline::new().expect("an airline"), operations: paths.iter().flat_map(of_path).collect() }
});

fuzz_target!(|data: &[u8]| {
    let Some(([operation, caller], rest)) = data.split_first_chunk() else { return };
    let (method, template) = &WORLD.operations[usize::from(*operation) % WORLD.operations.len()];
    let (head, body) = divided(rest, b"\n\n");
    let (first, headers) = divided(head, b"\n");
    let Some(mut request) = Request::builder().method(method.as_str()).uri(match uri(template, first) {
        Some(uri) => uri,
        None => return,
    }).body(Body::from(body.to_vec())).ok() else { return };
    for line in headers.split(|byte| *byte == b'\n') {
        let (name, value) = divided(line, b":");
        // What is no header is refused by the HTTP library, and never comes here.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            request.headers_mut().append(name, value);
        }
    }
    if caller & 1 == 1 {
        let bearer = format!("Bearer {}", WORLD.airline.token());
        request.headers_mut().insert("authorization", HeaderValue::from_str(&bearer).expect("a token"));
    }
    if caller & 2 == 2 {
        let kind = if template.starts_with("/oauth") { "application/x-www-form-urlencoded" } else { "application/json" };
        request.headers_mut().insert("content-type", HeaderValue::from_static(kind));
        request.headers_mut().insert("idempotency-key", HeaderValue::from_static("k"));
    }
    let status = WORLD.airline.ask(request);
    assert!(status < 500 || status == 503, "{method} {template}: {status}");
});

fn divided<'a>(bytes: &'a [u8], by: &[u8]) -> (&'a [u8], &'a [u8]) {
    match bytes.windows(by.len()).position(|window| window == by) {
        Some(at) => (&bytes[..at], &bytes[at + by.len()..]),
        None => (bytes, &[]),
    }
}

/// The template with what the first line has for its gaps, and the query behind a question mark.
fn uri(template: &str, first: &[u8]) -> Option<Uri> {
    let (filling, query) = divided(first, b"?");
    let mut pieces = filling.split(|byte| *byte == b'/');
    let mut path = Vec::new();
    for (at, part) in template.split(['{', '}']).enumerate() {
        path.extend_from_slice(if at % 2 == 0 { part.as_bytes() } else { pieces.next().filter(|piece| !piece.is_empty()).unwrap_or(b"x") });
    }
    path.push(b'?');
    path.extend_from_slice(query);
    Uri::try_from(path).ok()
}
