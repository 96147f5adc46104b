//! `POST /auth/callback`: a browser comes back from a provider. The page at `/auth/callback` brings here what stands in its address:
//! reading a page changes nothing, whoever made the browser do it.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use kernel::{Category, SessionId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::messages::Locale;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::provider::{Provider, Returned};
use super::{begin, people, refusals};
use crate::access::{Device, from_our_page};
use crate::app::App;
use crate::identity::login::{self, Known};
use crate::identity::second_factor::login::{SecondFactorRequired, demand};
use crate::identity::sessions::Carrier;
use crate::identity::store::{oidc as store, second_factors, sessions};

/// What stands in the address the browser came back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProviderAnswer, example = json!({"state": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAI", "code": "SplxlOBeZQQYbYS6WxSbIA",
    "iss": "https://id.example"}))]
pub(in crate::identity) struct ProviderAnswer {
    state: String,
    /// Good once, at the provider.
    code: Option<String>,
    /// Instead of a code: why there is none.
    error: Option<String>,
    /// Who the answer is from, where the provider says so (RFC 9207).
    iss: Option<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProviderOutcome)]
pub(in crate::identity) enum Came {
    /// The session's cookie is set.
    SignedIn,
    /// Half of it: the account has a second factor.
    SecondFactorRequired,
    /// The identity is linked with the account that is signed in.
    Linked,
}

/// Signed in, half of it, or linked.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderSignedIn, example = json!({"outcome": "signed_in", "redirect_after": "/trips", "second_factor": null}))]
pub(in crate::identity) struct Finished {
    outcome: Came,
    /// Where the browser goes on, as was asked for.
    redirect_after: String,
    /// With `second_factor_required`: go on at `POST /session/second-factor`.
    second_factor: Option<SecondFactorRequired>,
}

/// Finish to sign in with a provider. Whoever it vouches for signs in to the account linked with that identity; without one, to the
/// account with the address it vouches for, or to a new one. The session the browser had before ends.
#[utoipa::path(post, path = "/auth/callback", tag = "accounts", request_body = ProviderAnswer,
    responses((status = 200, description = "Signed in, half of it, or linked", body = Finished),
        (status = 401, description = "`provider_not_believed`"),
        (status = 403, description = "`cross_site`, `account_disabled`"),
        (status = 409, description = "`sign_in_over`, `address_unconfirmed`, `email_taken`, `identity_linked`, `provider_linked`")))]
pub(in crate::identity) async fn finish_provider_sign_in(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    headers: HeaderMap,
    device: Device,
    Json(answer): Json<ProviderAnswer>,
) -> Outcome<(HeaderMap, Json<Finished>)> {
    if !from_our_page(&headers, false, &app.config.http.public_url) {
        return Err(Problem::new(Category::Forbidden, "cross_site"));
    }
    // Whatever comes of it, it is used up.
    let (begun, secrets) = begin::take(&app, &headers, &answer.state).await?.ok_or_else(refusals::over)?;
    let provider = app.providers.find(&begun.provider).filter(|provider| provider.issuer == begun.issuer);
    let provider = provider.ok_or_else(refusals::over)?;
    let code = match (&answer.error, &answer.code) {
        (None, Some(code)) => code,
        (Some(error), None) => return Err(refusals::refused(provider, error)),
        _ => return Err(Problem::invalid("code", "give what the address has: code or error")),
    };
    let returned = Returned {
        code,
        iss: answer.iss.as_deref(),
        nonce: &secrets.nonce,
        verifier: &secrets.verifier,
        redirect_uri: &begin::redirect_uri(&app),
    };
    let about = provider.vouch(&returned, app.now()).await;
    let vouched =
        people::Vouched::new(&app, provider, about.map_err(|why| refusals::trouble(provider, why))?);
    let (cookies, outcome, second_factor) = match begun.link_for {
        Some(of) => {
            link(&app, provider, &vouched, of).await?;
            (HeaderMap::new(), Came::Linked, None)
        }
        None => sign_in(&app, (provider, &vouched), locale, (&device, &headers)).await?,
    };
    Ok((cookies, Json(Finished { outcome, redirect_after: secrets.redirect_after, second_factor })))
}

/// Opens the session of whoever the provider vouches for, or half of it.
async fn sign_in(
    app: &App,
    (provider, vouched): (&Provider, &people::Vouched),
    locale: Locale,
    (device, headers): (&Device, &HeaderMap),
) -> Result<(HeaderMap, Came, Option<SecondFactorRequired>), Problem> {
    let user = people::account_of(app, provider, vouched, locale).await?;
    let mut known = people::known(app, user, headers).await?;
    if let Some(half) = demand(app, &mut known, true).await? {
        refusals::count(provider, "half");
        return Ok((HeaderMap::new(), Came::SecondFactorRequired, Some(half)));
    }
    let cookies = open_session(app, (provider, vouched), &known, (device, headers)).await?;
    refusals::count(provider, "ok");
    Ok((cookies, Came::SignedIn, None))
}

async fn open_session(
    app: &App,
    (provider, vouched): (&Provider, &people::Vouched),
    known: &Known,
    (device, headers): (&Device, &HeaderMap),
) -> Result<HeaderMap, Problem> {
    let before = login::session_before(app, Some(headers)).await?;
    let tx = app.db.begin().await?;
    let (opened, ended) = login::open_in(app, &tx, known, (Carrier::Cookie, false), device, before).await?;
    // Opening holds the account's row: what was added or taken away since it was looked at is seen now, and who does so from now on
    // ends this session.
    let is_linked = store::used(&tx, (&vouched.identity, known.user), &provider.id, app.now()).await?;
    if !is_linked || second_factors::has_factor(&tx, known.user).await? {
        return Err(Problem::new(Category::Unavailable, "busy"));
    }
    tx.commit().await?;
    app.ended.add(&ended);
    login::cookies(app, known, &opened)
}

/// Links the identity with the account that asked for it, if the session it asked in is still on.
async fn link(
    app: &App,
    provider: &Provider,
    vouched: &people::Vouched,
    (user, session): (UserId, SessionId),
) -> Result<(), Problem> {
    let live = sessions::find(&app.db.read().await?, (user, session), app.now()).await?;
    live.ok_or_else(refusals::over)?;
    people::link(app, provider, vouched, user).await
}
