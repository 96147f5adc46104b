//! A program asks for an account: its owner, signed in by our own page, looks at who asks for what, and decides.
//!
//! The page is `GET /oauth/authorize` (`pages`); it asks these two. What a page cannot be trusted with is decided here, again, at
//! the moment of the decision.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::ClientId;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{client_auth, redirect};
use crate::access::{Area, Caller, scopes};
use crate::app::App;
use crate::identity::api::require_proof;
use crate::identity::store::oauth::{self as store, ClientRow, CodeRow};
use crate::identity::store::sessions;

/// RFC 9700 section 2.1.1 wants codes short-lived; the checklist says a minute.
const CODE_SECONDS: i64 = 60;
/// Base64url of a SHA-256 (RFC 7636 section 4.2).
const CHALLENGE_LENGTH: usize = 43;

/// What a program asks for (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(example = json!({"response_type": "code", "client_id": "cli_0193f2a1c5d07bb2a4d1c0ffee000001",
    "redirect_uri": "https://agency.example/back", "scope": "bookings:read", "state": "af0ifjsldkj",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}))]
pub(in crate::identity) struct AuthorizationRequest {
    response_type: String,
    #[param(value_type = String)]
    #[schema(value_type = String)]
    client_id: ClientId,
    redirect_uri: String,
    /// Scopes with blanks between.
    scope: String,
    /// Comes back unchanged, so that the program knows its own request again.
    state: Option<String>,
    code_challenge: String,
    /// `S256`.
    code_challenge_method: String,
}

/// Who asks for what.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"client": {"id": "cli_0193f2a1c5d07bb2a4d1c0ffee000001", "name": "Agency"},
    "scopes": ["bookings:read"]}))]
pub(in crate::identity) struct Asked {
    client: AskingClient,
    scopes: Vec<&'static str>,
}

/// The program that asks.
#[derive(Serialize, ToSchema)]
pub(in crate::identity) struct AskingClient {
    #[schema(value_type = String)]
    id: ClientId,
    name: String,
}

/// The owner's decision about what was asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"approve": true, "request": {"response_type": "code", "client_id":
    "cli_0193f2a1c5d07bb2a4d1c0ffee000001", "redirect_uri": "https://agency.example/back", "scope": "bookings:read",
    "state": "af0ifjsldkj", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256"}}))]
pub(in crate::identity) struct Decision {
    approve: bool,
    request: AuthorizationRequest,
}

/// Where the browser goes on.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"redirect_to": "https://agency.example/back?code=x&state=af0ifjsldkj&iss=https%3A%2F%2Fudaan.example"}))]
pub(in crate::identity) struct Decided {
    redirect_to: String,
}

/// Look at what a program asks for. Anything wrong with the request is said here and never sent on: an address that nobody filed
/// is sent nothing.
#[utoipa::path(get, path = "/oauth/authorization", tag = "accounts", params(AuthorizationRequest),
    responses((status = 200, description = "Who asks for what", body = Asked)))]
pub(in crate::identity) async fn look_at_request(
    State(app): State<App>,
    Query(request): Query<AuthorizationRequest>,
) -> Outcome<Json<Asked>> {
    let client = client_of(&app, &request).await?;
    let scopes = check(&app, &client, &request)?;
    Ok(Json(Asked { client: AskingClient { id: client.id, name: client.name }, scopes }))
}

/// Decide on what a program asks for. The answer says where to send the browser: with a code that is good once, for a minute.
#[utoipa::path(post, path = "/oauth/authorization", tag = "accounts", request_body = Decision,
    responses((status = 200, description = "Where to send the browser", body = Decided)))]
pub(in crate::identity) async fn decide(
    State(app): State<App>,
    caller: Caller,
    Json(Decision { approve, request }): Json<Decision>,
) -> Outcome<Json<Decided>> {
    let client = client_of(&app, &request).await?;
    let scopes = check(&app, &client, &request)?;
    // What staff may do is not given to a program by whoever finds their session open.
    if approve && scopes.iter().any(|scope| Area::Staff.has(scope)) {
        require_proof(&app, &caller).await?;
    }
    let code = if approve { Some(make_code(&app, &caller, &client, &request, &scopes).await?) } else { None };
    let answer = code.as_deref().map_or(("error", "access_denied"), |code| ("code", code));
    let redirect_to = answer_to(&app, &request, answer);
    let broken = || Problem::internal(anyhow::anyhow!("a filed address that is none"));
    Ok(Json(Decided { redirect_to: redirect_to.ok_or_else(broken)? }))
}

async fn client_of(app: &App, request: &AuthorizationRequest) -> Result<ClientRow, Problem> {
    let client = store::client(&app.db.read().await?, request.client_id).await?;
    client
        .filter(|client| client.disabled_at.is_none())
        .ok_or_else(|| Problem::invalid("client_id", "there is no such program, or it is disabled"))
}

/// The scopes that are asked for, if the request is one the client may make. To an address that the program filed the refusal may be
/// sent on: `redirect_to` brings it there (RFC 6749 section 4.1.2.1).
fn check(
    app: &App,
    client: &ClientRow,
    request: &AuthorizationRequest,
) -> Result<Vec<&'static str>, Problem> {
    if !redirect::fits(&request.redirect_uri, &client.redirect_uris) {
        return Err(Problem::invalid(
            "redirect_uri",
            "it must be one that the program filed, to the character",
        ));
    }
    let refused = |error: &str, field: &str, reason: &str| {
        let problem = Problem::invalid(field, reason);
        match answer_to(app, request, ("error", error)) {
            Some(redirect_to) => problem.with("redirect_to", redirect_to),
            None => problem,
        }
    };
    if request.response_type != "code" {
        return Err(refused("unsupported_response_type", "response_type", "it must be code"));
    }
    if request.code_challenge_method != "S256" {
        return Err(refused("invalid_request", "code_challenge_method", "it must be S256"));
    }
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if request.code_challenge.len() != CHALLENGE_LENGTH || !request.code_challenge.bytes().all(base64url) {
        let reason = "it must be the base64url of a SHA-256, 43 characters";
        return Err(refused("invalid_request", "code_challenge", reason));
    }
    let asked = scopes::parse(&request.scope).filter(|asked| {
        let may = |scope: &&str| scopes::is_users(scope) && client.scopes.iter().any(|own| own == scope);
        !asked.is_empty() && asked.iter().all(may)
    });
    asked.ok_or_else(|| refused("invalid_scope", "scope", "it must name scopes that the program may ask for"))
}

/// Where to send the browser with an answer.
fn answer_to(app: &App, request: &AuthorizationRequest, answer: (&str, &str)) -> Option<String> {
    let mut pairs = vec![answer];
    pairs.extend(request.state.as_deref().map(|state| ("state", state)));
    // RFC 9207: the program sees whom the answer is from.
    pairs.push(("iss", app.tokens.issuer()));
    redirect::with(&request.redirect_uri, &pairs)
}

async fn make_code(
    app: &App,
    caller: &Caller,
    client: &ClientRow,
    request: &AuthorizationRequest,
    scopes: &[&str],
) -> Result<String, Problem> {
    use base64::Engine;
    let code = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(app.random.bytes::<32>());
    let now = app.now();
    let tx = app.db.begin().await?;
    let session = sessions::find(&tx, (caller.user, caller.session), now).await?;
    let session =
        session.ok_or_else(|| Problem::new(kernel::Category::Unauthenticated, "unauthenticated"))?;
    let row = CodeRow {
        client: client.id,
        user: caller.user,
        redirect_uri: request.redirect_uri.clone(),
        challenge: request.code_challenge.clone(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        approved_in: session.id,
        expires_at: now + SignedDuration::from_secs(CODE_SECONDS),
        used_at: None,
        session: None,
    };
    store::insert_code(&tx, &client_auth::hash(&code), &row).await?;
    tx.commit().await?;
    Ok(code)
}
