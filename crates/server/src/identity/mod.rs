//! Accounts: who somebody is, and proof of it.
//!
//! Owns `users`, `user_keys`, `user_emails`, `account_tokens`, `saved_travellers`, `sessions`,
//! `refresh_tokens`, `ended_sessions`, `oauth_clients`, `oauth_codes`, `second_factors`, `recovery_codes`, `login_tokens`,
//! `second_factor_guesses`, `passkey_challenges`, `provider_links` and `provider_sign_ins`. Invariants: an address has at most one account (primary key of its
//! blind index); names, addresses and phone numbers are at rest only sealed; a password is at rest only as an
//! Argon2id hash.

mod addressees;
mod admin;
pub mod api;
mod bootstrap;
mod doors;
mod email;
mod fuzzing;
mod guesses;
mod jobs;
mod letters;
mod login;
mod my_data;
mod new_address;
mod new_password;
mod oauth;
mod oidc;
mod one_time;
mod password;
mod password_rules;
mod profile;
mod proof;
mod register;
mod rewrap;
mod second_factor;
mod sessions;
mod store;
mod traveller_documents;
mod travellers;
mod verify;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use self::sessions::list;
use crate::access::{Access, Area, Permission, Routes};

pub(crate) use oauth::root_routes;

pub(crate) fn routes() -> Routes {
    let (mine, own) = (Access::SignedIn(Area::Account), Access::Owner);
    let (see, manage) = (Access::Staff(Permission::AccountsRead), Access::Staff(Permission::AccountsManage));
    oauth::routes()
        .merge(second_factor::routes())
        .merge(oidc::routes())
        .add(Access::Public, LimitClass::Register, routes!(register::register))
        .add(Access::Public, LimitClass::Login, routes!(verify::verify_address))
        .add(Access::Public, LimitClass::Login, routes!(new_password::forgotten_password))
        .add(Access::Public, LimitClass::Login, routes!(new_password::reset_password))
        .add(Access::Public, LimitClass::Login, routes!(new_address::confirm_address))
        .add(Access::Public, LimitClass::Login, routes!(new_address::restore_address))
        .add(own, LimitClass::Login, routes!(verify::resend_verification))
        .add(own, LimitClass::Login, routes!(new_password::change_password))
        .add(own, LimitClass::Login, routes!(new_address::change_address))
        .add(Access::Public, LimitClass::Login, routes!(login::login))
        .add(Access::Public, LimitClass::Login, routes!(login::open_browser_session))
        .add(Access::Public, LimitClass::Other, routes!(login::refresh_tokens))
        .add(Access::Public, LimitClass::Other, routes!(list::logout))
        .add(own, LimitClass::Other, routes!(list::list_sessions, list::end_other_sessions))
        .add(own, LimitClass::Other, routes!(list::end_session))
        .add(own, LimitClass::Export, routes!(my_data::export_my_data))
        .add(own, LimitClass::Login, routes!(my_data::delete_me))
        .add(Access::Enrolment, LimitClass::Login, routes!(proof::prove))
        .add(see, LimitClass::Other, routes!(admin::list_accounts))
        .add(see, LimitClass::Other, routes!(admin::search_accounts))
        .add(see, LimitClass::Other, routes!(admin::get_account))
        .add(manage, LimitClass::Other, routes!(admin::update_account))
        .add(Access::Public, LimitClass::Other, routes!(profile::who_is_signed_in))
        .add(mine, LimitClass::Other, routes!(profile::get_profile, profile::patch_profile))
        .add(mine, LimitClass::Other, routes!(travellers::list_travellers, travellers::save_traveller))
        .add(mine, LimitClass::Other, routes!(travellers::change_traveller, travellers::forget_traveller))
        .add(
            mine,
            LimitClass::Other,
            routes!(traveller_documents::save_passport, traveller_documents::forget_passport),
        )
}
