//! Recovery codes: for the day the telephone is lost. Ten of them, shown once, each good once.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{Category, UserId};
use platform::db::{DbError, Sql};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Caller;
use crate::app::App;
use crate::identity::api::require_proof;
use crate::identity::letters::tell;
use crate::identity::store::accounts;
use crate::identity::store::second_factors as store;
use crate::mail::api::Template;

const CODES: usize = 10;
/// 80 bits each, in sixteen letters.
const BYTES: usize = 10;
const GROUP: usize = 4;
/// Crockford's letters: none looks like another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Recovery codes, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"recovery_codes": ["7F3K-9QWX-M2ZD-04RT", "C1HV-8NNA-SE6P-TY52"]}))]
pub(in crate::identity) struct RecoveryCodes {
    /// Each is good for one sign-in instead of a code or a passkey. Keep them apart from the device they stand in for.
    recovery_codes: Vec<String>,
}

/// Make ten recovery codes. Those made before are good no more.
#[utoipa::path(post, path = "/me/second-factors/recovery-codes", tag = "accounts",
    responses((status = 200, description = "The codes, shown this once", body = RecoveryCodes),
        (status = 409, description = "`no_second_factor`")))]
pub(in crate::identity) async fn make_recovery_codes(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<RecoveryCodes>> {
    require_proof(&app, &caller).await?;
    let tx = app.db.begin().await?;
    accounts::lock_account(&tx, caller.user).await?.ok_or_else(Problem::not_found)?;
    if !store::has_factor(&tx, caller.user).await? {
        return Err(Problem::new(Category::Conflict, "no_second_factor").actions(&["add_second_factor"]));
    }
    let recovery_codes = replace(&app, &tx, caller.user, app.now()).await?;
    tell(&app, &tx, caller.user, Template::RecoveryCodesMade).await?;
    tx.commit().await?;
    tracing::info!(user.id = %caller.user, "recovery codes made");
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// New codes in the place of all before.
pub(super) async fn replace(
    app: &App,
    sql: &Sql,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<String>, DbError> {
    let codes: Vec<String> = (0..CODES).map(|_| written(app.random.bytes())).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().filter_map(|code| hash(app, user, code)).collect();
    store::replace_recovery_codes(sql, user, &hashes, now).await?;
    Ok(codes)
}

fn written(bytes: [u8; BYTES]) -> String {
    let number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let letters = (0..BYTES * 8 / 5).rev().map(|place| ALPHABET[(number >> (place * 5)) as usize & 31]);
    let letters: Vec<u8> = letters.collect();
    let groups = letters.chunks(GROUP).map(|group| group.iter().copied().map(char::from).collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}

/// What the database knows a code by, however its owner typed it: keyed, and of this account only. Nothing if it can be none.
pub(super) fn hash(app: &App, user: UserId, typed: &str) -> Option<Vec<u8>> {
    let letters = read(typed)?;
    let content = [user.uuid().as_bytes(), letters.as_bytes()].concat();
    Some(app.sealer.fingerprint("recovery code", &content))
}

fn read(typed: &str) -> Option<String> {
    let meant = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let letters: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(meant).collect();
    let known = letters.len() == BYTES * 8 / 5 && letters.bytes().all(|letter| ALPHABET.contains(&letter));
    known.then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(written([0; BYTES]), "0000-0000-0000-0000");
        let code = written([0x08, 0x42, 0xff, 0x00, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc]);
        assert_eq!(code, "111F-Y00J-6HB7-H6NW");
        let plain: String = code.chars().filter(|c| *c != '-').collect();
        for typed in
            [code.clone(), plain.clone(), code.to_lowercase(), format!(" {} ", code.replace('-', " - "))]
        {
            assert_eq!(read(&typed), Some(plain.clone()), "{typed}");
        }
        assert_eq!(read("O0oI-lL1i-0000-0000").as_deref(), Some("0001111100000000"));
        for wrong in ["", "0000", "0000-0000-0000-000U", "0000-0000-0000-00000", "0000-0000-0000-00é"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
