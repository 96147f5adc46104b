//! Accounts: who somebody is, and proof of it.
//!
//! Owns `users`, `user_keys`, `user_emails` and `saved_travellers`. Invariants: an address has at most one account (primary key of its
//! blind index); names, addresses and phone numbers are at rest only sealed; a password is at rest only as an
//! Argon2id hash.

pub mod api;
mod email;
mod login;
mod password;
mod profile;
mod register;
mod store;
mod token;
mod travellers;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(Access::Public, LimitClass::Register, routes!(register::register))
        .add(Access::Public, LimitClass::Login, routes!(login::login))
        .add(Access::SignedIn, LimitClass::Other, routes!(profile::get_profile, profile::patch_profile))
        .add(
            Access::SignedIn,
            LimitClass::Other,
            routes!(travellers::list_travellers, travellers::save_traveller),
        )
        .add(
            Access::SignedIn,
            LimitClass::Other,
            routes!(travellers::change_traveller, travellers::forget_traveller),
        )
}
