//! Accounts' owners, for other slices that write to them.

use std::collections::BTreeMap;

use kernel::UserId;
use platform::db::{DbError, Sql};
use platform::messages::Locale;
use platform::seal::UserKey;
use uuid::Uuid;

use super::letters::Owner;
use super::store::addresses;
use crate::app::App;

/// An account's owner, to be written to.
pub struct Addressee {
    /// The account's key.
    pub key: UserKey,
    /// Its address.
    pub address: String,
    /// Whether they showed that it is theirs.
    pub is_confirmed: bool,
    /// In which language.
    pub locale: Locale,
}

/// The owners of these accounts. Those that were erased are left out, and so is one that cannot be opened, which is logged: the others are
/// written to all the same.
pub async fn addressees(
    app: &App,
    sql: &Sql,
    users: &[UserId],
) -> Result<BTreeMap<UserId, Addressee>, DbError> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let mut found = BTreeMap::new();
    for row in addresses::of_users(sql, &ids).await? {
        let Owner { user, key, address, locale, .. } = match Owner::open(app, &row) {
            Ok(owner) => owner,
            Err(problem) => {
                platform::jobs::row_failed("addressees", &row.user, &format!("{problem:?}"));
                continue;
            }
        };
        found.insert(user, Addressee { key, address, is_confirmed: row.verified, locale });
    }
    Ok(found)
}
