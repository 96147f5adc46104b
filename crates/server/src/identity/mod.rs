//! Accounts: who somebody is, and proof of it.
//!
//! Owns `users`, `user_keys`, `user_emails`, `saved_travellers`, `sessions`,
//! `refresh_tokens`, `ended_sessions`, `oauth_clients` and `oauth_codes`. Invariants: an address has at most one account (primary key of its
//! blind index); names, addresses and phone numbers are at rest only sealed; a password is at rest only as an
//! Argon2id hash.

mod admin;
pub mod api;
mod email;
mod jobs;
mod login;
mod oauth;
mod password;
mod profile;
mod proof;
mod register;
mod sessions;
mod store;
mod travellers;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use self::sessions::list;
use crate::access::{Access, Area, Permission, Routes};

pub(crate) use oauth::root_routes;

pub(crate) fn routes() -> Routes {
    let (mine, own) = (Access::SignedIn(Area::Account), Access::Owner);
    let (see, manage) = (Access::Staff(Permission::AccountsRead), Access::Staff(Permission::AccountsManage));
    oauth::routes()
        .add(Access::Public, LimitClass::Register, routes!(register::register))
        .add(Access::Public, LimitClass::Login, routes!(login::login))
        .add(Access::Public, LimitClass::Login, routes!(login::open_browser_session))
        .add(Access::Public, LimitClass::Other, routes!(login::refresh_tokens))
        .add(mine, LimitClass::Other, routes!(list::logout))
        .add(own, LimitClass::Other, routes!(list::list_sessions, list::end_other_sessions))
        .add(own, LimitClass::Other, routes!(list::end_session))
        .add(own, LimitClass::Login, routes!(proof::prove))
        .add(see, LimitClass::Other, routes!(admin::list_accounts))
        .add(see, LimitClass::Other, routes!(admin::get_account))
        .add(manage, LimitClass::Other, routes!(admin::update_account))
        .add(mine, LimitClass::Other, routes!(profile::get_profile, profile::patch_profile))
        .add(mine, LimitClass::Other, routes!(travellers::list_travellers, travellers::save_traveller))
        .add(mine, LimitClass::Other, routes!(travellers::change_traveller, travellers::forget_traveller))
}
