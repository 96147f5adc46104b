//! The second half of signing in. Whoever knew the password of an account with a second factor has a login token: for five
//! minutes, for one session, for this account and nothing else.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use kernel::{Category, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::evidence::{self, Evidence};
use super::passkey;
use crate::access::{Device, from_our_page};
use crate::app::App;
use crate::identity::api::user_key;
use crate::identity::guesses::KnownDevice;
use crate::identity::login::{self, Known, NewLogin};
use crate::identity::sessions::{Carrier, Opened};
use crate::identity::store::passkeys::Purpose;
use crate::identity::store::second_factors::{self as store, Kind};
use crate::identity::store::{doors, password_hash, sessions};

const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Wrong tries with one login token; then the password is asked for again.
const WRONG_MOST: i16 = 5;

/// The password was right, and the account has a second factor: show it at `POST /login/second-factor`, or in a browser
/// `POST /session/second-factor`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"second_factor_required": true, "login_token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA", "expires_in": 300,
    "kinds": ["totp", "recovery_code"], "passkey": null}))]
pub(in crate::identity) struct SecondFactorRequired {
    /// Always true; it tells this answer from a whole sign-in.
    #[serde(rename = "second_factor_required")]
    required: bool,
    /// Good for one sign-in to this account.
    login_token: String,
    /// Seconds.
    expires_in: i64,
    /// What will do: `totp` (a code of an authenticator app), `passkey`, `recovery_code`.
    kinds: Vec<&'static str>,
    /// With a passkey, for `PublicKeyCredential.parseRequestOptionsFromJSON`.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Value>,
}

/// What the login token is for, and the second factor: `code`, `recovery_code` or `passkey`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"login_token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA", "code": "492039"}))]
pub(in crate::identity) struct SecondFactorRequest {
    login_token: String,
    /// What the authenticator app shows.
    code: Option<String>,
    /// One of the recovery codes.
    recovery_code: Option<String>,
    /// `toJSON()` of what `navigator.credentials.get` gave.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Value>,
    /// The `device_token` of this device's last login, which it then keeps. A browser has a cookie for it.
    device_token: Option<String>,
}

/// What an account asks for after its password; nothing if it has no second factor.
pub(in crate::identity) async fn demand(
    app: &App,
    known: &mut Known,
    browser: bool,
) -> Result<Option<SecondFactorRequired>, Problem> {
    let user = known.user;
    let sql = app.db.read().await?;
    let factors = store::factors(&sql, user).await?;
    if factors.is_empty() {
        return Ok(None);
    }
    // The token is good for the password as it is kept.
    login::keep_anew(app, known).await?;
    let has = |kind| factors.iter().any(|factor| factor.kind == kind);
    let passkey = if has(Kind::Passkey) && passkey::possible(app) {
        Some(passkey::begin(app, Purpose::SecondFactor(user)).await?)
    } else {
        None
    };
    let mut kinds: Vec<_> =
        [Kind::Totp, Kind::Passkey].into_iter().filter(|kind| has(*kind)).map(Kind::as_str).collect();
    if store::recovery_codes_left(&sql, user).await? > 0 {
        kinds.push("recovery_code");
    }
    let token = LoginToken { user, secret: app.random.bytes() };
    store::insert_login_token(
        &sql,
        (user, &token.hash(known.password_hash.as_deref())),
        browser,
        app.now() + LIFE,
    )
    .await?;
    Ok(Some(SecondFactorRequired {
        required: true,
        login_token: token.text(),
        expires_in: LIFE.as_secs(),
        kinds,
        passkey,
    }))
}

/// Log in, the second half: with the second factor of the account whose password was right. A wrong code and a login token that is
/// none are refused alike; after five wrong codes the password is asked for again, after twenty in an hour the account waits.
#[utoipa::path(post, path = "/login/second-factor", tag = "accounts", request_body = SecondFactorRequest,
    responses((status = 200, description = "Logged in", body = NewLogin),
        (status = 401, description = "`second_factor_refused`")))]
pub(in crate::identity) async fn finish_login(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Json(request): Json<SecondFactorRequest>,
) -> Outcome<Json<NewLogin>> {
    let (known, opened) = finish(&app, request, Carrier::Tokens, &device, &headers).await?;
    Ok(Json(login::logged_in(&app, &known, opened)?))
}

/// Log in from a browser, the second half. The session the browser had before ends.
#[utoipa::path(post, path = "/session/second-factor", tag = "accounts", request_body = SecondFactorRequest,
    responses((status = 204, description = "Logged in; the cookie is set"),
        (status = 401, description = "`second_factor_refused`"),
        (status = 403, description = "`cross_site`")))]
pub(in crate::identity) async fn finish_browser_login(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Json(request): Json<SecondFactorRequest>,
) -> Outcome<(StatusCode, HeaderMap)> {
    if !from_our_page(&headers, false, &app.config.http.public_url) {
        return Err(Problem::new(Category::Forbidden, "cross_site"));
    }
    let (known, opened) = finish(&app, request, Carrier::Cookie, &device, &headers).await?;
    Ok((StatusCode::NO_CONTENT, login::cookies(&app, &known, &opened)?))
}

async fn finish(
    app: &App,
    request: SecondFactorRequest,
    carrier: Carrier,
    device: &Device,
    headers: &HeaderMap,
) -> Result<(Known, Opened), Problem> {
    let evidence = Evidence::given(request.code, request.recovery_code, request.passkey)?;
    let token = LoginToken::parse(&request.login_token).ok_or_else(refused)?;
    let (user, now) = (token.user, app.now());
    let browser = carrier == Carrier::Cookie;
    let before = login::session_before(app, browser.then_some(headers)).await?;
    let tx = app.db.begin().await?;
    sessions::hold_account(&tx, user, None).await?.ok_or_else(refused)?;
    let password_hash = password_hash(&tx, user.uuid()).await?;
    let hash = token.hash(password_hash.as_deref());
    let wrong = store::lock_login_token(&tx, (user, &hash), browser, now).await?;
    wrong.filter(|wrong| *wrong < WRONG_MOST).ok_or_else(refused)?;
    let key = user_key(&tx, &app.sealer, user).await?;
    if !evidence::holds(app, &tx, (user, &key), &evidence, now).await? {
        store::count_wrong(&tx, (user, &hash)).await?;
        tx.commit().await?;
        return Err(refused());
    }
    store::use_login_token(&tx, (user, &hash), now).await?;
    let epoch = doors::device_epoch(&tx, user).await?;
    let shown = request.device_token.as_deref();
    let device_before = KnownDevice::of(app, shown, headers, (user, epoch));
    let known = Known { user, key, password_hash, anew: None, device: device_before, epoch, short: false };
    let (opened, ended) = login::open_in(app, &tx, &known, (carrier, true), device, before).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    Ok((known, opened))
}

fn refused() -> Problem {
    Problem::new(Category::Unauthenticated, "second_factor_refused").actions(&["login"])
}

/// A login token as it is handed out: whose it is, and 256 bits.
struct LoginToken {
    user: UserId,
    secret: [u8; 32],
}

impl LoginToken {
    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.user.uuid().as_bytes(), &self.secret[..]].concat())
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (user, secret) = bytes.split_first_chunk::<16>()?;
        Some(Self { user: UserId::from_uuid(Uuid::from_bytes(*user)), secret: secret.try_into().ok()? })
    }

    /// What the database knows it by. The password that was shown is in it: with another one it is good no more.
    fn hash(&self, password_hash: Option<&str>) -> Vec<u8> {
        Sha256::new().chain_update(self.secret).chain_update(password_hash.unwrap_or("")).finalize().to_vec()
    }
}
