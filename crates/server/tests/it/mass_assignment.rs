//! Members that are not a caller's to set: every operation of the OpenAPI document with a body, at every object in it, is sent what it
//! answers with and what other operations know (`role`, `user_id`, `status`, `total`, …). Each must be refused by its name, and nothing
//! may have changed. The document says which objects there are, so none is left out.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::{Airline, Reply, request, send};

/// What somebody who tries would try, whatever the operation answers with.
const TRIED: [&str; 42] = [
    "id",
    "user_id",
    "owner",
    "account",
    "account_id",
    "role",
    "roles",
    "permissions",
    "permission",
    "scope",
    "scopes",
    "admin",
    "is_admin",
    "status",
    "state",
    "verified",
    "email_verified",
    "disabled",
    "second_factor",
    "password",
    "password_hash",
    "total",
    "price",
    "fare",
    "amount",
    "currency",
    "paid",
    "refunded",
    "discount",
    "waived",
    "created_at",
    "updated_at",
    "erased_at",
    "hold_expires_at",
    "expires_at",
    "locator",
    "ticket_number",
    "version",
    "acts_for",
    "secret",
    "session_id",
    "__proto__",
];
/// Objects whose further members are passed over, because a standard or another's program says what they are. Nothing of them is stored.
const PASSED_OVER: [(&str, &str, &str); 3] = [
    (
        "POST /api/v1/oauth/authorization",
        "/request",
        "unknown parameters are passed over (RFC 6749 section 3.1)",
    ),
    ("POST /api/v1/payments/webhook", "", "the gateway says more than we read"),
    ("passkey", "/credential", "what a browser's credential has in it is the browser's affair"),
];
const ROWS: &str = "SELECT md5(concat_ws(' ',
    (SELECT string_agg(t::text, ' ' ORDER BY t) FROM users t), (SELECT string_agg(t::text, ' ' ORDER BY t) FROM user_emails t),
    (SELECT string_agg(t::text, ' ' ORDER BY t) FROM second_factors t), (SELECT count(*) FROM sessions WHERE ended_at IS NULL),
    (SELECT string_agg(t::text, ' ' ORDER BY t) FROM bookings t), (SELECT string_agg(t::text, ' ' ORDER BY t) FROM payments t),
    (SELECT string_agg(t::text, ' ' ORDER BY t) FROM saved_travellers t), (SELECT string_agg(t::text, ' ' ORDER BY t) FROM flights t),
    (SELECT string_agg(t::text, ' ' ORDER BY t) FROM inventory t), (SELECT string_agg(t::text, ' ' ORDER BY t) FROM promotions t),
    (SELECT string_agg(t::text, ' ' ORDER BY t) FROM extras_catalogue t), (SELECT count(*) FROM audit_records),
    (SELECT string_agg(t::text, ' ' ORDER BY t) FROM oauth_clients t), (SELECT count(*) FROM webhook_endpoints)))";

/// An object in a body: where it stands, and the members it may have.
#[derive(Debug)]
struct Place {
    pointer: String,
    members: BTreeSet<String>,
    /// Members that say which of several kinds of object it is, or one around it: where, the name, the kind.
    kinds: Kinds,
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("a schema"),
        None => schema,
    }
}

type Kinds = Vec<(String, String, Value)>;

/// Every object in a schema, of all its alternatives; `*` in a pointer is the first item of a list.
fn places(document: &Value, schema: &Value, (pointer, kinds): (&str, &Kinds), found: &mut Vec<Place>) {
    let schema = resolved(document, schema);
    for alternatives in ["oneOf", "anyOf", "allOf"] {
        for one in schema[alternatives].as_array().into_iter().flatten() {
            places(document, one, (pointer, kinds), found);
        }
    }
    if schema["items"].is_object() {
        places(document, &schema["items"], (&format!("{pointer}/*"), kinds), found);
    }
    let none = serde_json::Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    let only =
        |property: &Value| property["enum"].as_array().filter(|values| values.len() == 1)?.first().cloned();
    let mut kinds = kinds.clone();
    let kind = properties
        .iter()
        .find_map(|(name, property)| Some((pointer.to_owned(), name.clone(), only(property)?)));
    kinds.extend(kind);
    if schema["type"] == "object" || !properties.is_empty() {
        let members = properties.keys().cloned().collect();
        found.push(Place { pointer: pointer.to_owned(), members, kinds: kinds.clone() });
    }
    for (name, property) in properties {
        places(document, property, (&format!("{pointer}/{name}"), &kinds), found);
    }
}

/// A body with nothing in it but the member, at its place. What is not read before it need not be there.
fn body(place: &Place, member: &str) -> Value {
    let steps: Vec<&str> = place.pointer.split('/').skip(1).collect();
    let mut body = json!({member: true});
    for depth in (0..=steps.len()).rev() {
        let pointer: String = steps.iter().take(depth).map(|step| format!("/{step}")).collect();
        for (_, name, kind) in place.kinds.iter().filter(|(at, ..)| *at == pointer) {
            body[name] = kind.clone();
        }
        match depth.checked_sub(1).and_then(|last| steps.get(last)) {
            Some(&"*") => body = json!([body]),
            Some(step) => body = json!({*step: body}),
            None => {}
        }
    }
    body
}

fn is_refused(reply: &Reply, member: &str) -> bool {
    let detail = reply.json["detail"].as_str().unwrap_or_default();
    reply.status == 422
        && reply.code() == "invalid_field"
        && detail.contains(&format!("unknown field `{member}`"))
}

/// The path with the ids of its examples.
fn path_of(template: &str, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "path").fold(template.to_owned(), |path, parameter| {
        let (name, example) = (parameter["name"].as_str().expect("a name"), &parameter["example"]);
        let id = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        assert_ne!(id, "null", "{template}: no example of {name}");
        path.replace(&format!("{{{name}}}"), &id)
    })
}

/// A token of a program in its own name, for what only programs may do.
pub(crate) async fn program(airline: &Airline, admin: &str) -> String {
    let agency = airline.account("agency@example.com", Role::Traveller).await;
    let own = airline.call("GET", "/profile", Some(&agency), None).await.expect(200).text("/id");
    let scopes = json!(["webhooks:read", "webhooks:write"]);
    let body = json!({"name": "Agency", "kind": "confidential", "scopes": scopes, "acts_for": own});
    let made = airline.call("POST", "/admin/clients", Some(admin), Some(body)).await.expect(201);
    let (id, secret) = (made.text("/id"), made.text("/secret"));
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    crate::identity::oauth::form(airline, "/oauth/token", &pairs, None)
        .await
        .expect(200)
        .text("/access_token")
}

/// Whoever the operation is for.
fn caller<'a>(operation: &Value, [admin, traveller, program]: [&'a str; 3]) -> Option<&'a str> {
    let of_programs = operation["x-scope"].as_str().is_some_and(|scope| scope.starts_with("webhooks:"));
    match operation["x-access"].as_str() {
        Some("public") => None,
        Some("staff") => Some(admin),
        _ => Some(if of_programs { program } else { traveller }),
    }
}

#[tokio::test]
async fn no_member_is_set_that_is_not_the_callers() {
    let airline = Airline::new().await;
    let (admin, traveller) = (airline.admin().await, airline.account("t@example.com", Role::Traveller).await);
    let program = program(&airline, &admin).await;
    let callers = [admin.as_str(), traveller.as_str(), program.as_str()];
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let before: String = airline.sql().await.query_one(ROWS, &[]).await.expect("a row").get(0);
    let none = Kinds::new();
    let (mut tried, mut objects, mut passed_over) = (0, 0, BTreeSet::new());
    for (template, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let name = format!("{} {template}", method.to_uppercase());
            let (mut inside, mut answered) = (Vec::new(), Vec::new());
            places(&document, schema, ("", &none), &mut inside);
            for response in operation["responses"].as_object().expect("answers").values() {
                places(
                    &document,
                    &response["content"]["application/json"]["schema"],
                    ("", &none),
                    &mut answered,
                );
            }
            let answered: BTreeSet<&str> =
                answered.iter().flat_map(|place| &place.members).map(String::as_str).collect();
            let token = caller(operation, callers);
            let path = path_of(template, operation);
            for place in inside {
                objects += 1;
                let own = |member: &&str| place.members.contains(*member);
                for member in answered.iter().copied().chain(TRIED).collect::<BTreeSet<_>>() {
                    if own(&member) {
                        continue;
                    }
                    let body = body(&place, member);
                    let asked = request(&method.to_uppercase(), &path, token, Some(body), Some("k"));
                    let reply = send(airline.router(), asked).await;
                    tried += 1;
                    let exempt = PASSED_OVER.iter().find(|(operation, pointer, _)| {
                        name.contains(operation) && place.pointer.starts_with(pointer)
                    });
                    match exempt {
                        Some(exempt) if !is_refused(&reply, member) => _ = passed_over.insert(exempt),
                        _ => assert!(
                            is_refused(&reply, member),
                            "{name} at {:?} takes {member:?}: {} {}",
                            place.pointer,
                            reply.status,
                            reply.json
                        ),
                    }
                }
            }
        }
    }
    println!("{tried} members at {objects} objects");
    assert!(tried > 4_000 && objects > 80, "{tried} members at {objects} objects");
    // Each exemption is needed; so it is seen, too, that a member which is passed over would be found.
    assert_eq!(passed_over.len(), PASSED_OVER.len(), "{passed_over:?}");
    let after: String = airline.sql().await.query_one(ROWS, &[]).await.expect("a row").get(0);
    assert_eq!(before, after, "something was changed");
}

/// What the documentation sends is understood: no member of an example is unknown, or missing.
#[tokio::test]
async fn what_the_documentation_sends_is_understood() {
    let airline = Airline::new().await;
    let (admin, traveller) = (airline.admin().await, airline.account("t@example.com", Role::Traveller).await);
    let program = program(&airline, &admin).await;
    let callers = [admin.as_str(), traveller.as_str(), program.as_str()];
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    for (template, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let example = resolved(&document, schema)["example"].clone();
            let token = caller(operation, callers);
            let path = path_of(template, operation);
            let asked = request(&method.to_uppercase(), &path, token, Some(example), Some("k"));
            let reply = send(airline.router(), asked).await;
            let detail = reply.json["detail"].as_str().unwrap_or_default();
            let unread = detail.contains("unknown field") || detail.contains("missing field");
            assert!(!unread, "{method} {template}: {detail}");
        }
    }
}
