//! Whose account it is that a provider vouches for somebody of.
//!
//! 1. An identity that is linked opens its account, whatever address it has by now.
//! 2. Otherwise the provider must vouch for an address. An account with that address, confirmed, is linked, and its owner told by mail.
//! 3. An account with that address that was never confirmed may be somebody's who typed an address that is not theirs, to have a door
//!    to what its owner does there one day. Whoever shows that the address is theirs gets it, as with a link in a mail, and whoever
//!    made it loses it: password, sessions and links in mails are gone. Where that is not enough to be rid of them (a second factor), or
//!    where there is more to lose (staff), nothing is linked.
//! 4. Without an account there is a new one, confirmed and without a password.

use axum::http::HeaderMap;
use jiff::Timestamp;
use kernel::{Category, UserId};
use platform::db::Tx;
use platform::http::Problem;
use platform::messages::Locale;
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::id_token::About;
use super::provider::Provider;
use super::refusals;
use crate::access::Role;
use crate::app::App;
use crate::identity::api::user_key;
use crate::identity::email::Email;
use crate::identity::guesses::KnownDevice;
use crate::identity::letters::{Owner, notice};
use crate::identity::login::Known;
use crate::identity::register::{self, New, check_name};
use crate::identity::sessions::{EndCause, end_all};
use crate::identity::store::addresses::{self, Addressee};
use crate::identity::store::oidc::{self as store, LinkRow};
use crate::identity::store::{self as users, accounts, one_time as tokens, second_factors};
use crate::mail::api::Template;

/// Whom a provider vouches for.
pub(super) struct Vouched {
    /// Issuer and subject, as a keyed hash.
    pub(super) identity: Vec<u8>,
    subject: String,
    /// The address, if the provider says that it is theirs.
    email: Option<Email>,
    name: Option<String>,
}

/// What is kept of an identity for the account's owner, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Details {
    pub(super) subject: String,
    pub(super) email: Option<String>,
}

impl Vouched {
    pub(super) fn new(app: &App, provider: &Provider, about: About) -> Self {
        // No issuer has a line break in it.
        let both = format!("{}\n{}", provider.issuer, about.sub);
        let is_theirs = about.email_verified.is_some_and(|verified| verified == true);
        Self {
            identity: app.sealer.blind_index("provider_identity", &both),
            subject: about.sub,
            email: about.email.filter(|_| is_theirs).and_then(|email| Email::parse(&email)),
            name: about.name.and_then(|name| name.as_str().and_then(|name| check_name(name).ok())),
        }
    }

    /// The row that links it.
    fn row(
        &self,
        app: &App,
        provider: &Provider,
        key: &UserKey,
        used_at: Option<Timestamp>,
    ) -> Result<LinkRow, Problem> {
        let details = Details {
            subject: self.subject.clone(),
            email: self.email.as_ref().map(|email| email.typed.clone()),
        };
        let details = serde_json::to_vec(&details).map_err(Problem::internal)?;
        Ok(LinkRow {
            identity: self.identity.clone(),
            provider: provider.id.clone(),
            issuer: provider.issuer.clone(),
            details_sealed: app.sealer.seal(key, place(&self.identity), &details)?,
            linked_at: app.now(),
            used_at,
        })
    }
}

/// Where the details of an identity are sealed: the first half of its hash stands for an id.
fn place(identity: &[u8]) -> Place {
    let half = identity.first_chunk::<16>().copied().unwrap_or_default();
    Place::new("provider_links.details_sealed", Uuid::from_bytes(half))
}

/// What is kept of a linked identity.
pub(super) fn details(app: &App, key: &UserKey, row: &LinkRow) -> Result<Details, Problem> {
    let details = app.sealer.open(key, place(&row.identity), &row.details_sealed)?;
    serde_json::from_slice(&details).map_err(Problem::internal)
}

/// The account that the identity opens, which is linked or made if need be.
pub(super) async fn account_of(
    app: &App,
    provider: &Provider,
    vouched: &Vouched,
    locale: Locale,
) -> Result<UserId, Problem> {
    // Who was quicker with the identity or the address is found the second time.
    for _ in 0..2 {
        if let Some(user) = store::owner(&app.db.read().await?, &vouched.identity).await? {
            return Ok(user);
        }
        let email = vouched.email.as_ref().ok_or_else(|| refusals::no_address(provider))?;
        if let Some(user) = by_address(app, (provider, vouched), email, locale).await? {
            return Ok(user);
        }
    }
    // The address was another account's until lately, and is kept for it.
    Err(Problem::new(Category::Conflict, "email_taken").actions(&["login"]))
}

/// Links the account of the address, or makes one; nothing if somebody was quicker.
async fn by_address(
    app: &App,
    (provider, vouched): (&Provider, &Vouched),
    email: &Email,
    locale: Locale,
) -> Result<Option<UserId>, Problem> {
    let index = app.sealer.blind_index("email", &email.folded);
    let tx = app.db.begin().await?;
    let Some(seen) = addresses::of_email(&tx, &index).await? else {
        return create(app, tx, (provider, vouched), (email, &index), locale).await;
    };
    let account = accounts::lock_account(&tx, seen.user).await?;
    let row = addresses::of_email(&tx, &index).await?.filter(|row| row.user == seen.user);
    let Some((account, row)) = account.zip(row) else { return Ok(None) };
    if row.disabled {
        return Err(refusals::disabled());
    }
    let links = store::links(&tx, row.user).await?;
    // The same identity, in another browser at the same time.
    if links.iter().any(|link| link.identity == vouched.identity) {
        return Ok(Some(row.user));
    }
    if links.iter().any(|link| link.issuer == provider.issuer) {
        // An address that was given to somebody else at the provider does not bring its account along.
        return Err(refusals::linked(provider));
    }
    let ended = if row.verified { Vec::new() } else { take_over(app, &tx, &row, account.role).await? };
    let template = if row.verified { Template::ProviderLinked } else { Template::ProviderConfirmed };
    let owner = Owner::open(app, &row)?;
    let link = vouched.row(app, provider, &owner.key, Some(app.now()))?;
    if !store::insert_link(&tx, row.user, &link).await? {
        return Ok(None);
    }
    tell(app, &tx, &owner, (provider, template)).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    tracing::info!(user.id = %row.user, provider = provider.id, "account linked by its address");
    Ok(Some(row.user))
}

/// An account that was never confirmed becomes its address's owner's. Refusals: `address_unconfirmed`.
async fn take_over(
    app: &App,
    tx: &Tx,
    row: &Addressee,
    role: Role,
) -> Result<Vec<kernel::SessionId>, Problem> {
    if role.is_staff() || second_factors::has_factor(tx, row.user).await? {
        return Err(refusals::address_unconfirmed());
    }
    addresses::set_password(tx, row.user, "", None).await?;
    users::doors::forget_devices(tx, row.user).await?;
    addresses::verified(tx, row.user, app.now()).await?;
    second_factors::forget_begun(tx, row.user).await?;
    tokens::drop_all(tx, row.user, None).await?;
    Ok(end_all(app, tx, row.user, None, EndCause::PasswordChanged).await?)
}

async fn create(
    app: &App,
    tx: Tx,
    (provider, vouched): (&Provider, &Vouched),
    (email, index): (&Email, &[u8]),
    locale: Locale,
) -> Result<Option<UserId>, Problem> {
    let before_the_at = email.typed.split('@').next().unwrap_or_default();
    let new = New {
        id: app.new_id(UserId::new),
        email,
        name: vouched.name.as_deref().unwrap_or(before_the_at),
        locale,
        // The hash of no password: none fits.
        password_hash: "",
        role: Role::Traveller,
    };
    let Some(owner) = register::insert(app, &tx, &new, index).await? else { return Ok(None) };
    addresses::verified(&tx, owner.user, app.now()).await?;
    let link = vouched.row(app, provider, &owner.key, Some(app.now()))?;
    if !store::insert_link(&tx, owner.user, &link).await? {
        return Ok(None);
    }
    tx.commit().await?;
    tracing::info!(user.id = %owner.user, provider = provider.id, "account created by a provider's word");
    Ok(Some(owner.user))
}

/// Links the identity with the account of somebody who is signed in. Refusals: `identity_linked`, `provider_linked`,
/// `address_unconfirmed`.
pub(super) async fn link(
    app: &App,
    provider: &Provider,
    vouched: &Vouched,
    user: UserId,
) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    accounts::lock_account(&tx, user).await?.ok_or_else(refusals::over)?;
    let row = addresses::of_user(&tx, user).await?.ok_or_else(refusals::over)?;
    // Asked when it was begun, too; the address may be another by now.
    if !row.verified {
        return Err(refusals::address_unconfirmed());
    }
    let links = store::links(&tx, user).await?;
    if links.iter().any(|link| link.identity == vouched.identity) {
        return Ok(());
    }
    if links.iter().any(|link| link.issuer == provider.issuer) {
        return Err(refusals::linked(provider));
    }
    let owner = Owner::open(app, &row)?;
    let link = vouched.row(app, provider, &owner.key, None)?;
    if !store::insert_link(&tx, user, &link).await? {
        return Err(refusals::linked_elsewhere(provider));
    }
    tell(app, &tx, &owner, (provider, Template::ProviderLinked)).await?;
    tx.commit().await?;
    refusals::count(provider, "linked");
    tracing::info!(user.id = %user, provider = provider.id, "provider linked");
    Ok(())
}

async fn tell(
    app: &App,
    tx: &Tx,
    owner: &Owner,
    (provider, template): (&Provider, Template),
) -> Result<(), Problem> {
    let mut letter = notice(app, template);
    letter.args.push(("provider", provider.label.clone()));
    owner.write(app, tx, &letter).await
}

/// The account as a sign-in knows it. Refusals: `account_disabled`.
pub(super) async fn known(app: &App, user: UserId, headers: &HeaderMap) -> Result<Known, Problem> {
    let sql = app.db.read().await?;
    users::account_role(&sql, user.uuid()).await?.ok_or_else(refusals::disabled)?;
    let epoch = users::doors::device_epoch(&sql, user).await?;
    Ok(Known {
        user,
        key: user_key(&sql, &app.sealer, user).await?,
        // Whoever sets another password meanwhile, or takes the account over, locks this sign-in out.
        password_hash: users::password_hash(&sql, user.uuid()).await?,
        anew: None,
        device: KnownDevice::of(app, None, headers, (user, epoch)),
        epoch,
        short: false,
    })
}
