//! The first administrator: made on the host by whoever has the database and the keys, with a secret that sets the password once.

use std::net::{IpAddr, Ipv4Addr};

use kernel::{Category, UserId};
use platform::http::Problem;
use platform::messages::Locale;
use serde_json::json;

use super::api::email_index;
use super::doors::{self, Factors};
use super::one_time::{self, Purpose};
use super::register::{New, check_email, insert};
use super::sessions::EndCause;
use super::store::{accounts, addresses};
use crate::access::Role;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};

/// What the new administrator needs.
pub struct Bootstrap {
    /// The account.
    pub user: UserId,
    /// Whether it was made now.
    pub is_new: bool,
    /// For `POST /password/reset`; good once, for 30 minutes.
    pub token: String,
    /// The page that does it.
    pub link: String,
}

/// Makes the account of this address an administrator's, or a new account if it has none. Its password is one that nobody knows until the
/// token sets another, and nothing else opens it: whoever registered the address before need not be whom the host means, and an
/// administrator who lost their second factor gets in. Refusals: `invalid_field`; `administrator_exists` when somebody else is administrator, who then gives roles.
pub async fn bootstrap_admin(app: &App, email: &str) -> Result<Bootstrap, Problem> {
    let email = check_email(email)?;
    let index = email_index(app, &email.typed);
    let nobodys = app.random.bytes::<32>().map(|byte| format!("{byte:02x}")).concat();
    let password_hash = app.hasher.hash(nobodys).await?;
    let tx = app.db.begin().await?;
    let known = addresses::of_email(&tx, &index).await?.map(|row| row.user);
    if accounts::lock_administrators(&tx).await?.iter().any(|other| Some(*other) != known) {
        return Err(Problem::new(Category::Conflict, "administrator_exists"));
    }
    let user = if let Some(user) = known {
        accounts::update_account(&tx, user, Role::Admin, false, app.now()).await?;
        addresses::set_password(&tx, user, &password_hash, None).await?;
        user
    } else {
        let id = app.new_id(UserId::new);
        let (name, locale, role) = ("Administrator", Locale::En, Role::Admin);
        let new = New { id, email: &email, name, locale, password_hash: &password_hash, role };
        let inserted = insert(app, &tx, &new, &index).await?;
        inserted.ok_or_else(|| Problem::new(Category::Conflict, "email_taken"))?.user
    };
    let (closed, ended) = doors::close(app, &tx, user, Factors::All, EndCause::AccountChanged).await?;
    let act = Act::new("account.bootstrap", &user).after(&json!({
        "role": Role::Admin.as_str(), "is_new": known.is_none(), "second_factors_removed": closed.factors,
        "provider_links_removed": closed.links, "sessions_ended": ended.len(),
    }));
    audit::record(app, &tx, &host(user), act).await?;
    let token = one_time::issue(app, &tx, user, Purpose::ResetPassword, None).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    tracing::warn!(user.id = %user, "made an administrator on the host");
    let link = token.link(app, Purpose::ResetPassword);
    Ok(Bootstrap { user, is_new: known.is_none(), token: token.text(), link })
}

/// Whoever works on the host, of whom nothing is known: they act as the account, and the record says from where.
fn host(user: UserId) -> Actor {
    Actor {
        user,
        role: "host",
        client: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        request_id: "udaan bootstrap-admin".to_owned(),
    }
}
