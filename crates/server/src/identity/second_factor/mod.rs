//! Second factors: authenticator apps, passkeys, recovery codes.
//!
//! An account that has one is signed in to with it, in two halves ([`login`]), and proves itself with it (`proof.rs`). Staff who need one
//! and have none get a session that can add one and nothing else ([`ENROL`]; `access/` refuses all other operations). What stays true:
//! every session of an account with a factor was opened with one, or is the one the factor was added in. Adding and removing lock
//! the account's row and end the others; signing in shares that lock while it opens a session.

pub(super) mod enrol;
pub(super) mod evidence;
pub(super) mod list;
pub(super) mod login;
pub(super) mod passkey;
pub(super) mod recovery;
pub(super) mod reset;
mod totp;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

/// The scope of a session of staff that may add a second factor and do nothing else.
pub(super) const ENROL: &str = "second_factor:enrol";

pub(super) fn routes() -> Routes {
    let (enrol, own) = (Access::Enrolment, Access::Owner);
    let manage = Access::Staff(Permission::AccountsManage);
    Routes::new()
        // Guesses are limited by login token and account, more tightly than by address.
        .add(Access::Public, LimitClass::Other, routes!(login::finish_login))
        .add(Access::Public, LimitClass::Other, routes!(login::finish_browser_login))
        // Each makes a row; what comes after it is a signature, which nobody guesses.
        .add(Access::Public, LimitClass::Login, routes!(passkey::begin_passkey_login))
        .add(Access::Public, LimitClass::Other, routes!(passkey::login_with_passkey))
        .add(Access::Public, LimitClass::Other, routes!(passkey::open_session_with_passkey))
        .add(enrol, LimitClass::Other, routes!(passkey::begin_passkey))
        .add(enrol, LimitClass::Other, routes!(passkey::add_passkey))
        .add(enrol, LimitClass::Other, routes!(passkey::begin_proof))
        .add(enrol, LimitClass::Other, routes!(list::list_second_factors))
        .add(enrol, LimitClass::Other, routes!(enrol::add_totp))
        .add(enrol, LimitClass::Login, routes!(enrol::confirm_totp))
        .add(own, LimitClass::Other, routes!(list::rename_second_factor, list::remove_second_factor))
        .add(own, LimitClass::Other, routes!(recovery::make_recovery_codes))
        .add(manage, LimitClass::Other, routes!(reset::reset_second_factors))
}
