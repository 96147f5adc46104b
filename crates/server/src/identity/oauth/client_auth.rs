//! Who the program is that asks: its id, and its secret where it has one (RFC 6749 section 2.3).

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::ClientId;
use platform::db::Sql;
use platform::limits::{LimitClass, Principal};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::refusal::{Answer, Refusal};
use crate::app::App;
use crate::identity::store::oauth::{self as store, ClientRow};

/// What a body may say of the client that sent it.
#[derive(Default, Deserialize)]
pub(super) struct InBody {
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
}

/// The hash by which a secret is known. Secrets are 256 bits of chance, so that a quick hash keeps them as well as a slow one.
pub(super) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// The client that asks: by `Authorization: Basic`, or in the body; one of them (RFC 6749 section 2.3). A client with a secret
/// must show it, one without must not have one. Whoever showed it may ask as often as a program may.
pub(super) async fn authenticate(
    app: &App,
    sql: &Sql,
    headers: &HeaderMap,
    body: &InBody,
) -> Answer<ClientRow> {
    let (id, secret) = match (basic(headers)?, body.client_id.clone()) {
        (Some(_), _) if body.client_secret.is_some() => {
            return Err(Refusal::invalid_request("the client says twice who it is"));
        }
        (Some((id, _)), Some(other)) if id != other => {
            return Err(Refusal::invalid_request("the client says twice who it is, and differently"));
        }
        // A client without a secret that uses the header leaves its second half empty (RFC 6749 section 2.3.1).
        (Some((id, secret)), _) => (id, Some(secret).filter(|secret| !secret.is_empty())),
        (None, Some(id)) => (id, body.client_secret.clone()),
        (None, None) => return Err(Refusal::invalid_client()),
    };
    let id: ClientId = id.parse().map_err(|_| Refusal::invalid_client())?;
    let client = store::client(sql, id).await?.filter(|client| client.disabled_at.is_none());
    let client = client.ok_or_else(Refusal::invalid_client)?;
    if !proven(&client, secret.as_deref(), app) {
        return Err(Refusal::invalid_client());
    }
    // Anybody may say they are a client without a secret, and must not use up what its users need.
    if client.secret_hash.is_some() {
        let program = Principal::Client(client.id.to_string().into());
        app.limits.check(LimitClass::Other, &program).await?;
    }
    Ok(client)
}

fn proven(client: &ClientRow, secret: Option<&str>, app: &App) -> bool {
    let older = client.older_until.filter(|until| *until > app.now()).and(client.older_hash.as_deref());
    match (client.secret_hash.as_deref(), secret) {
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some(kept), Some(secret)) => {
            let shown = hash(secret);
            let newer: bool = kept.ct_eq(&shown).into();
            newer || older.is_some_and(|older| bool::from(older.ct_eq(&shown)))
        }
    }
}

/// `Basic` with both halves form-encoded first, as RFC 6749 section 2.3.1 has it.
fn basic(headers: &HeaderMap) -> Answer<Option<(String, String)>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        Some((decoded(id), decoded(secret)))
    };
    read().map(Some).ok_or_else(Refusal::invalid_client)
}

fn decoded(text: &str) -> String {
    let joined = format!("x={text}");
    url::form_urlencoded::parse(joined.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}
