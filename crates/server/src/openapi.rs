//! The OpenAPI 3.1 document around the operations: what the API is, how to sign in, and the one shape of every refusal.

use serde_json::json;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response,
    ResponseBuilder, Schema, Type,
};

use crate::access::{BEARER, COOKIE, SESSION, operations};
use crate::events::api::CATALOGUE;

const ABOUT: &str = "Search, book, pay and look after flights.\n\n\
    Errors are `application/problem+json` (RFC 9457) with a stable `code`; texts follow `Accept-Language` (en, hi). \
    Lists take `limit` and an opaque `cursor`. POSTs that move money or stock need an `Idempotency-Key`: the same key \
    and body get the same answer again. Money is an integer of minor units with its ISO 4217 code. Times are RFC 3339 \
    with the local offset of the airport.";

/// The document before the operations join it.
pub(crate) fn base() -> OpenApi {
    let mut components = Components::new();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE))));
    components.schemas.insert("Problem".into(), problem_schema());
    components.responses.extend(refusals());
    // What `data` of an event is, by its type; no operation's body names them.
    for kind in CATALOGUE {
        components.schemas.insert((kind.schema_name)(), (kind.schema)());
        let mut nested = Vec::new();
        (kind.nested)(&mut nested);
        components.schemas.extend(nested);
    }
    let licence = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new().title("Udaan").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT));
    OpenApiBuilder::new().info(info.license(Some(licence)).build()).components(Some(components)).build()
}

fn problem_schema() -> RefOr<Schema> {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build();
    ObjectBuilder::new()
        .property("type", text("urn:udaan:problem:<code>"))
        .property("title", text("What kind of refusal, in the caller's language"))
        .property("status", ObjectBuilder::new().schema_type(Type::Integer).build())
        .property("detail", text("What happened and what to change"))
        .property("code", text("Stable name; docs/errors.md lists them"))
        .property("request_id", text("Quote this when asking for help"))
        .property("field", text("The field at fault, where there is one"))
        .required("type")
        .required("title")
        .required("status")
        .required("detail")
        .required("code")
        .examples([json!({
            "type": "urn:udaan:problem:sold_out", "title": "Sold out", "status": 409,
            "detail": "There are no longer enough seats for this party. Search again for other flights.",
            "code": "sold_out", "request_id": "req_0193f2a1", "available_actions": ["search"]
        })])
        .into()
}

/// The refusals, each a response that operations refer to: its name there, its status, what it says.
const REFUSALS: [(&str, &str, &str); 10] = [
    ("NotUnderstood", "400", "It could not be read"),
    ("Unauthenticated", "401", "Nobody is signed in, or the token is no longer good"),
    ("Forbidden", "403", "Signed in, and not allowed"),
    ("NotFound", "404", "Absent, or somebody else's: the two look the same"),
    ("Conflict", "409", "It was true a moment ago: sold out, another price, another state"),
    ("TooLarge", "413", "The body is too long"),
    ("UnsupportedMediaType", "415", "The body is of a kind that is not understood here"),
    ("Unprocessable", "422", "Understood, and not possible as asked; `detail` says what to change"),
    ("TooMany", "429", "Asked too often"),
    ("Unavailable", "503", "Not now"),
];
const PROBLEM_KIND: &str = "application/problem+json";

fn problem_content() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build()
}

/// Every refusal as a response with a problem; those that pass say how long to wait.
fn refusals() -> impl Iterator<Item = (String, RefOr<Response>)> {
    REFUSALS.iter().map(|(name, status, about)| {
        let mut response =
            ResponseBuilder::new().description(*about).content(PROBLEM_KIND, problem_content());
        if ["429", "503"].contains(status) {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
            let header = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds to wait"));
            response = response.header("Retry-After", header.build());
        }
        ((*name).to_owned(), RefOr::T(response.build()))
    })
}

/// Adds the refusals of each operation: those of the layers and guards it stands behind, and the problem to those it declares itself,
/// by status and codes. There is no `default`: a status that is not in the document is no answer of ours, and tests can tell.
pub(crate) fn finish(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        for (_, operation) in operations(item) {
            let shared = shared_refusals(path, operation);
            let responses = &mut operation.responses.responses;
            for (name, status, _) in REFUSALS {
                match responses.get_mut(status) {
                    Some(RefOr::T(own)) if own.content.is_empty() => {
                        own.content.insert(PROBLEM_KIND.to_owned(), problem_content().into());
                    }
                    None if shared.contains(&status) => {
                        responses.insert(status.to_owned(), RefOr::Ref(Ref::from_response_name(name)));
                    }
                    _ => {}
                }
            }
        }
    }
    document
}

/// What the layers and guards of an operation may answer, by what it takes and who may call it.
fn shared_refusals(path: &str, operation: &Operation) -> Vec<&'static str> {
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let takes = |place: ParameterIn| {
        parameters.iter().any(|parameter| matches!(parameter, RefOr::T(own) if own.parameter_in == place))
    };
    let mut refusals = vec!["429", "503"];
    if takes(ParameterIn::Query) {
        refusals.extend(["400", "422"]);
    }
    // Of the header that a key comes in: it is missing, was used for something else, or what it was used for is under way.
    if takes(ParameterIn::Header) {
        refusals.extend(["400", "409", "422"]);
    }
    if operation.request_body.is_some() {
        refusals.extend(["400", "413", "415", "422"]);
    }
    if path.contains('{') {
        refusals.push("404");
    }
    if operation.security.is_some() {
        refusals.extend(["401", "403"]);
    }
    refusals
}
