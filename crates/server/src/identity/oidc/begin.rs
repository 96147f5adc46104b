//! A browser is sent to a provider: to sign in, or to link an identity with the account that is signed in.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use kernel::{Category, SessionId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::seal::Place;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::provider::Provider;
use super::refusals;
use crate::access::{Caller, cookie_named, from_our_page};
use crate::app::App;
use crate::identity::api::require_proof;
use crate::identity::store::addresses;
use crate::identity::store::oidc::{self as store, BegunRow};

/// How long somebody may take at the provider.
const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// What binds a sign-in to the browser it was begun in; it signs nobody in.
const COOKIE: &str = "__Host-udaan-provider";
const PLACE_MAX: usize = 2_000;

/// A provider that one may sign in with.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInProvider, example = json!({"id": "example", "label": "Example"}))]
pub(in crate::identity) struct ProviderView {
    id: String,
    /// For people to read.
    label: String,
}

/// All of them.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInProviders, example = json!({"providers": [{"id": "example", "label": "Example"}]}))]
pub(in crate::identity) struct ProviderList {
    providers: Vec<ProviderView>,
}

/// With whom, and where to go on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProviderSignIn, example = json!({"provider": "example", "redirect_after": "/trips"}))]
pub(in crate::identity) struct BeginRequest {
    /// The id of one of `GET /auth/providers`.
    provider: String,
    /// A path of this site, at which the browser goes on; `/` if it is left out.
    redirect_after: Option<String>,
}

/// Where to send the browser.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderSignInBegun, example = json!({"authorization_url": "https://id.example/auth?response_type=code&client_id=udaan", "expires_in": 600}))]
pub(in crate::identity) struct Begun {
    authorization_url: String,
    /// Seconds in which it must come back.
    expires_in: i64,
}

/// What is kept of a sign-in under way, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) redirect_after: String,
}

/// Whom one may sign in with besides a password.
#[utoipa::path(get, path = "/auth/providers", tag = "accounts",
    responses((status = 200, description = "The providers", body = ProviderList)))]
pub(in crate::identity) async fn list_sign_in_providers(State(app): State<App>) -> Json<ProviderList> {
    let view = |provider: &Provider| ProviderView { id: provider.id.clone(), label: provider.label.clone() };
    Json(ProviderList { providers: app.providers.all().map(view).collect() })
}

/// Begin to sign in with a provider, from a browser. Send it to `authorization_url`; it comes back to `/auth/callback`, whose page
/// asks `POST /auth/callback`. Good once, within ten minutes, in this browser.
#[utoipa::path(post, path = "/auth/sign-in", tag = "accounts", request_body = BeginRequest,
    responses((status = 200, description = "Where to send the browser", body = Begun),
        (status = 401, description = "`provider_not_believed`"), (status = 403, description = "`cross_site`")))]
pub(in crate::identity) async fn begin_provider_sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(request): Json<BeginRequest>,
) -> Outcome<(HeaderMap, Json<Begun>)> {
    // Nobody's page may begin it in its visitor's browser.
    if !from_our_page(&headers, false, &app.config.http.public_url) {
        return Err(Problem::new(Category::Forbidden, "cross_site"));
    }
    begin(&app, &headers, request, None).await
}

/// Begin to link an identity at a provider with my account. It needs a fresh proof and a confirmed address. Send the browser to
/// `authorization_url`.
#[utoipa::path(post, path = "/me/providers", tag = "accounts", request_body = BeginRequest,
    responses((status = 200, description = "Where to send the browser", body = Begun),
        (status = 409, description = "`address_unconfirmed`, `provider_linked`")))]
pub(in crate::identity) async fn begin_provider_link(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<BeginRequest>,
) -> Outcome<(HeaderMap, Json<Begun>)> {
    require_proof(&app, &caller).await?;
    let row = addresses::of_user(&app.db.read().await?, caller.user).await?;
    // Whoever registered with somebody else's address must not keep a door to it once its owner has shown up.
    if !row.is_some_and(|row| row.verified) {
        return Err(refusals::address_unconfirmed());
    }
    begin(&app, &headers, request, Some((caller.user, caller.session))).await
}

async fn begin(
    app: &App,
    headers: &HeaderMap,
    request: BeginRequest,
    link_for: Option<(UserId, SessionId)>,
) -> Outcome<(HeaderMap, Json<Begun>)> {
    let provider = app.providers.find(&request.provider);
    let provider =
        provider.ok_or_else(|| Problem::invalid("provider", "GET /auth/providers lists those there are"))?;
    let redirect_after = request.redirect_after.unwrap_or_else(|| "/".to_owned());
    if !is_here(&redirect_after, &app.config.http.public_url) {
        return Err(Problem::invalid("redirect_after", "it must be a path of this site, such as /trips"));
    }
    let metadata =
        provider.metadata(app.now()).await.map_err(|trouble| refusals::trouble(provider, trouble))?;
    let [state, nonce, verifier] = [(); 3].map(|()| URL_SAFE_NO_PAD.encode(app.random.bytes::<32>()));
    let browser = known_browser(headers).unwrap_or_else(|| app.random.bytes());
    let mut url = metadata.authorization.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", &redirect_uri(app))
        .append_pair("scope", &provider.scope)
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)))
        .append_pair("code_challenge_method", "S256");
    let hash = state_hash(&state);
    let secrets =
        serde_json::to_vec(&Secrets { nonce, verifier, redirect_after }).map_err(Problem::internal)?;
    let row = BegunRow {
        provider: provider.id.clone(),
        issuer: provider.issuer.clone(),
        link_for,
        secrets_sealed: app.sealer.seal_system(place(&hash), &secrets)?,
    };
    let sql = app.db.read().await?;
    store::insert_begun(&sql, (&hash, &Sha256::digest(browser)), &row, app.now() + LIFE).await?;
    let begun = Begun { authorization_url: url.into(), expires_in: LIFE.as_secs() };
    Ok((cookie(browser)?, Json(begun)))
}

/// The sign-in that comes back with this state, used up; nothing if it is none of this browser's.
pub(super) async fn take(
    app: &App,
    headers: &HeaderMap,
    state: &str,
) -> Result<Option<(BegunRow, Secrets)>, Problem> {
    let Some(browser) = known_browser(headers) else { return Ok(None) };
    let hash = state_hash(state);
    let sql = app.db.read().await?;
    let Some(row) = store::take_begun(&sql, (&hash, &Sha256::digest(browser)), app.now()).await? else {
        return Ok(None);
    };
    let secrets = app.sealer.open_system(place(&hash), &row.secrets_sealed)?;
    Ok(Some((row, serde_json::from_slice(&secrets).map_err(Problem::internal)?)))
}

/// Where providers send browsers back to.
pub(super) fn redirect_uri(app: &App) -> String {
    format!("{}/auth/callback", app.config.http.public_url.trim_end_matches('/'))
}

fn state_hash(state: &str) -> [u8; 32] {
    Sha256::digest(state).into()
}

/// Where the secrets are sealed: rows have no id of their own, so the first half of their key stands for it.
fn place(state_hash: &[u8; 32]) -> Place {
    let (half, _) = state_hash.split_at(16);
    Place::new("provider_sign_ins.secrets_sealed", Uuid::from_slice(half).unwrap_or_default())
}

/// The browser as its cookie names it. It keeps its name from one sign-in to the next, so that two tabs do not spoil each other's.
fn known_browser(headers: &HeaderMap) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(cookie_named(headers, COOKIE)?).ok()?.try_into().ok()
}

fn cookie(browser: [u8; 32]) -> Result<HeaderMap, Problem> {
    let (value, seconds) = (URL_SAFE_NO_PAD.encode(browser), LIFE.as_secs());
    let text = format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}");
    let value = HeaderValue::from_str(&text).map_err(Problem::internal)?;
    Ok(HeaderMap::from_iter([(header::SET_COOKIE, value)]))
}

/// Whether it is a path of this very site, however a browser reads it: neither another site nor a script.
fn is_here(path: &str, public_url: &str) -> bool {
    let plain = path.starts_with('/')
        && path.len() <= PLACE_MAX
        && !path.contains('\\')
        && !path.contains(char::is_control);
    let site = Url::parse(public_url).ok();
    let there = site.as_ref().and_then(|site| site.join(path).ok());
    plain && site.zip(there).is_some_and(|(site, there)| site.origin() == there.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_goes_on_here_and_nowhere_else() {
        for (path, here) in [
            ("/", true),
            ("/trips?x=1#y", true),
            ("/oauth/authorize?redirect_uri=https%3A%2F%2Fagency.example", true),
            ("", false),
            ("trips", false),
            ("//evil.example/", false),
            ("/\\evil.example", false),
            ("/\t/evil.example", false),
            ("https://evil.example/", false),
            ("javascript:alert(1)", false),
            ("https://udaan.example/", false),
        ] {
            assert_eq!(is_here(path, "https://udaan.example"), here, "{path:?}");
        }
        assert!(!is_here(&format!("/{}", "x".repeat(PLACE_MAX)), "https://udaan.example"));
    }
}
