//! The authorization server for programs (RFC 6749 as RFC 9700 leaves it): authorization code with PKCE, refresh tokens, client
//! credentials; revocation (RFC 7009), introspection (RFC 7662), metadata (RFC 8414).
//!
//! No library covers a server over one's own tables, sessions and keys, so this is ours; docs/oauth.md lists the rules of RFC 9700
//! and where each is kept. Refusals have the shape of RFC 6749 section 5.2, which every client library reads.

pub(super) mod authorize;
mod client_auth;
pub(super) mod clients;
mod form;
mod grants;
pub(super) mod metadata;
mod redirect;
mod refusal;
pub(super) mod standing;
pub(super) mod token;
pub(super) mod tokens_of_others;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

/// What stands at the root, where the standards and their libraries expect it.
pub(crate) fn root_routes() -> Routes {
    Routes::new()
        // Codes and secrets are 256 bits of chance: an address may ask often, for all of its users.
        .add(Access::Public, LimitClass::Other, routes!(token::issue_token))
        .add(Access::Public, LimitClass::Other, routes!(tokens_of_others::revoke_token))
        .add(Access::Public, LimitClass::Other, routes!(tokens_of_others::introspect_token))
        .add(Access::Public, LimitClass::Other, routes!(metadata::get_server_metadata))
        .add(Access::Public, LimitClass::Other, routes!(metadata::get_keys))
}

/// What stands with the rest of the API.
pub(super) fn routes() -> Routes {
    let manage = Access::Staff(Permission::ClientsManage);
    Routes::new()
        .add(Access::Owner, LimitClass::Other, routes!(authorize::look_at_request, authorize::decide))
        .add(manage, LimitClass::Other, routes!(clients::list_clients, clients::create_client))
        .add(manage, LimitClass::Other, routes!(clients::get_client, clients::update_client))
        .add(manage, LimitClass::Other, routes!(clients::rotate_client_secret))
}
