//! What a browser finds: the document, the page to browse it, and a landing page until the web app takes `/`.

mod authorize;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;

/// The pages.
pub(crate) fn routes(document: OpenApi) -> Router<App> {
    // Swagger UI is embedded in the binary; the page loads nothing from elsewhere.
    let config = Config::new(["/api/openapi.json"])
        .try_it_out_enabled(true)
        .persist_authorization(true)
        .validator_url("none");
    let docs = SwaggerUi::new("/api/docs").url("/api/openapi.json", document).config(config);
    Router::new()
        .merge(docs)
        .route("/", get(|| async { Html(include_str!("landing.html")) }))
        .route("/oauth/authorize", get(authorize::page))
        .route("/oauth/authorize.css", get(authorize::style))
        .route("/oauth/authorize.js", get(authorize::script))
}
