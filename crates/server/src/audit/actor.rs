//! Who acts.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kernel::UserId;
use platform::http::Problem;
use platform::http::client_address::ClientAddress;
use platform::http::layers::RequestId;

use crate::access::Caller;

/// Somebody of the staff, as a handler is told of them.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account.
    pub user: UserId,
    /// The role it acts in.
    pub role: &'static str,
    /// The program it came through, by its client id.
    pub client: Option<String>,
    /// From where.
    pub address: IpAddr,
    /// The request, as in the logs.
    pub request_id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = || Problem::internal(anyhow::anyhow!("a request without an address or an id"));
        let caller = Caller::from_request_parts(parts, state).await?;
        let no_staff =
            || Problem::internal(anyhow::anyhow!("an operation that is not for staff is recorded"));
        let role = caller.role.ok_or_else(no_staff)?.as_str();
        let address = parts.extensions.get::<ClientAddress>().ok_or_else(missing)?.0;
        let request_id = parts.extensions.get::<RequestId>().ok_or_else(missing)?.0.to_string();
        let client = caller.client.map(|client| client.to_string());
        Ok(Self { user: caller.user, role, client, address, request_id })
    }
}
