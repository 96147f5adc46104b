//! The OpenAPI 3.1 document around the operations: what the API is, how to sign in, and the one shape of every refusal.

use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
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
    // What `data` of an event is, by its type; no operation's body names them.
    for kind in CATALOGUE {
        components.schemas.insert((kind.schema_name)(), (kind.schema)());
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

/// Adds what every operation shares: the answer for a refusal.
pub(crate) fn finish(mut document: OpenApi) -> OpenApi {
    let schema = Ref::from_schema_name("Problem");
    let problem = ResponseBuilder::new()
        .description("Refused; `code` says why")
        .content("application/problem+json", ContentBuilder::new().schema(Some(schema)).build())
        .build();
    for (_, operation) in document.paths.paths.values_mut().flat_map(operations) {
        operation.responses.responses.insert("default".into(), RefOr::T(problem.clone()));
    }
    document
}
