//! The application as one service: every slice's routes under /api/v1, the document and the pages beside them.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use platform::config;
use platform::http::JsonLimits;
use platform::http::client_address::TrustedProxies;
use platform::http::headers::SecurityHeaders;
use platform::http::layers::{self, Kit};
use platform::http::site::Site;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::access::Routes;
use crate::app::App;
use crate::{
    audit, boarding, booking, check_in, events, extras, faq, flights, identity, integrity, mail, notify,
    openapi, pages, payments, promotions, push, realtime, records, reviews, search, support, tracking,
    webhooks,
};

/// All routes of the airline. Files of tickets may be so many bytes.
fn routes(attachment_bytes: usize) -> Routes {
    // On the heap: they are too many for a stack by now.
    vec![
        flights::routes(),
        search::routes(),
        identity::routes(),
        booking::routes(),
        payments::routes(),
        promotions::routes(),
        integrity::routes(),
        extras::routes(),
        check_in::routes(),
        boarding::routes(),
        events::routes(),
        webhooks::routes(),
        audit::routes(),
        mail::routes(),
        records::routes(),
        notify::routes(),
        reviews::routes(),
        faq::routes(),
        support::routes(attachment_bytes),
        realtime::routes(),
        tracking::routes(),
        push::routes(),
    ]
    .into_iter()
    .fold(Routes::new(), Routes::merge)
}

fn api(attachment_bytes: usize) -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(identity::root_routes().into_inner())
        .nest("/api/v1", routes(attachment_bytes).into_inner())
}

/// The OpenAPI document.
pub fn document() -> OpenApi {
    openapi::finish(api(config::Support::default().attachment_bytes).into_openapi())
}

/// The whole service, without the web app.
pub fn service(app: &App) -> Router {
    with_web_app(app, None)
}

/// The whole service. Where there is a web app, its page answers every address that is nobody else's.
pub fn with_web_app(app: &App, web: Option<Site>) -> Router {
    let (router, _) = api(app.config.support.attachment_bytes).split_for_parts();
    let guests = payments::api::guests(&app.config);
    let router = router
        .merge(pages::routes(document(), app.config.http.docs))
        .merge(pages::web_app(web.map(|site| site.letting_in(&guests))))
        .merge(mail::api::mailbox())
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .layer(Extension(app.clone()))
        .with_state(app.clone());
    let http = &app.config.http;
    layers::wrap(
        router,
        Kit {
            messages: Arc::clone(&app.messages),
            random: app.random,
            budget: Duration::from_secs(http.handler_seconds),
            body_bytes: http.body_bytes,
            asking_posts: &["/api/v1/search", "/api/v1/offers", "/api/v1/coupons/check"],
            uploads: &support::UPLOADS,
            trusted_proxies: TrustedProxies::new(&http.trusted_proxies),
            headers: SecurityHeaders::new(&http.public_url, http.hsts_seconds),
            cors_origins: http.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect(),
            json: JsonLimits { depth: http.json_depth, items: http.json_items },
        },
    )
}

/// Ready means that search answers and the database does.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if !app.live.is_loaded() {
        return (StatusCode::SERVICE_UNAVAILABLE, "loading the timetable");
    }
    match app.db.read().await {
        Ok(sql) if sql.batch("").await.is_ok() => (StatusCode::OK, "ready"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "no database"),
    }
}
