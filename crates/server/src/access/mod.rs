//! Who may call what. A route exists only with an [`Access`] and a [`LimitClass`] beside it: the builder has no other
//! way to add one, so a route without a policy does not compile.

mod carried;
mod permissions;
pub mod scopes;

use axum::extract::{FromRequestParts, Request};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use kernel::{ClientId, SessionId, UserId};
use platform::admission::Pass;
use platform::http::Problem;
use platform::http::client_address::ClientAddress;
use platform::limits::{LimitClass, Principal};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::app::App;
use crate::{identity, records};

pub use carried::{COOKIE, Device};
pub(crate) use carried::{Carried, DEVICE_COOKIE, carried, cookie, cookie_named, from_our_page};
pub use permissions::{Permission, Role};
pub use scopes::Area;

/// The names of the ways to say who is calling, in the OpenAPI document.
pub const BEARER: &str = "bearer";
/// The browser's.
pub const SESSION: &str = "session";

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in, on what is theirs. A program needs the scope of the area.
    SignedIn(Area),
    /// A program in its own name (client credentials), on what is the program's, with the scope of the area.
    Program(Area),
    /// The account's owner in person: no program, whatever it was given.
    Owner,
    /// The same, and staff who have yet to add a second factor: all that their session may do.
    Enrolment,
    /// Staff whose role has the permission, read from the database at each call.
    Staff(Permission),
}

impl Access {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignedIn(_) => "signed_in",
            Self::Program(_) => "program",
            Self::Owner | Self::Enrolment => "owner",
            Self::Staff(_) => "staff",
        }
    }

    /// The scope that a program needs; nothing where no program may, or where nobody need say who they are.
    fn scope(self, method: &Method) -> Option<&'static str> {
        match self {
            Self::Public | Self::Owner | Self::Enrolment => None,
            Self::SignedIn(area) | Self::Program(area) => Some(area.scope(method)),
            Self::Staff(_) => Some(Area::Staff.scope(method)),
        }
    }
}

/// Who is calling; present where the operation's access is not public.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The account.
    pub user: UserId,
    /// The session it is signed in by.
    pub session: SessionId,
    /// The program that calls in its name; nothing for our own app.
    pub client: Option<ClientId>,
    /// The role it calls in, where the operation is for staff.
    pub role: Option<Role>,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().copied();
        caller.ok_or_else(|| Problem::internal(anyhow::anyhow!("a handler wants a caller on a public route")))
    }
}

/// The routes of a slice, each with its policy, and their part of the OpenAPI document.
#[derive(Default)]
pub struct Routes(OpenApiRouter<App>);

impl Routes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds operations that share a path and a policy.
    pub fn add(self, access: Access, limit: LimitClass, routes: UtoipaMethodRouter<App>) -> Self {
        let (schemas, mut paths, methods) = routes;
        for (method, operation) in paths.paths.values_mut().flat_map(operations) {
            declare(operation, (access, limit), &method);
        }
        let guarded = methods
            .route_layer(middleware::from_fn(move |request, next| guard(access, limit, request, next)));
        Self(self.0.routes((schemas, paths, guarded)))
    }

    /// All routes of both.
    pub fn merge(self, other: Self) -> Self {
        Self(self.0.merge(other.0))
    }

    /// The router and the document, for the application.
    pub fn into_inner(self) -> OpenApiRouter<App> {
        self.0
    }
}

/// The operations of a path, with their methods.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let methods = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::DELETE, &mut item.delete),
        (Method::PATCH, &mut item.patch),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Writes the policy into the document: as security requirements for tools, as `x-access`, `x-scope`, `x-permission`,
/// `x-enrolment`, `x-limit` and `x-worth` for people and tests.
fn declare(operation: &mut Operation, (access, limit): (Access, LimitClass), method: &Method) {
    let mut extension = ExtensionsBuilder::new()
        .add("x-access", access.as_str())
        .add("x-limit", limit.as_str())
        .add("x-worth", limit.worth().as_str());
    if let Some(scope) = access.scope(method) {
        extension = extension.add("x-scope", scope);
    }
    if access == Access::Enrolment {
        extension = extension.add("x-enrolment", true);
    }
    if access != Access::Public {
        let either = [BEARER, SESSION].map(|scheme| SecurityRequirement::new::<_, _, &str>(scheme, []));
        operation.security = Some(either.into());
    }
    if let Access::Staff(permission) = access {
        extension = extension.add("x-permission", permission.as_str());
    }
    let extension = extension.build();
    match operation.extensions.as_mut() {
        Some(extensions) => extensions.merge(extension),
        None => operation.extensions = Some(extension),
    }
}

/// Stands before every operation: first the rate limit of the address, then whether there is room for what it is worth, the
/// access it declared, and the rate limit of whoever called.
async fn guard(access: Access, limit: LimitClass, mut request: Request, next: Next) -> Response {
    match admit(access, limit, &mut request).await {
        Ok(_inside) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admit(access: Access, limit: LimitClass, request: &mut Request) -> Result<Pass, Problem> {
    // A missing extension is a defect of the assembly, and a guard that cannot decide refuses.
    let missing = || Problem::internal(anyhow::anyhow!("the application is not in the request's extensions"));
    let app = request.extensions().get::<App>().cloned().ok_or_else(missing)?;
    let address = request.extensions().get::<ClientAddress>().copied().ok_or_else(missing)?;
    app.limits.check(limit, &Principal::address(address.0)).await?;
    let mut inside = app.admission.enter(limit.worth())?;
    inside.queue().await?;
    if access == Access::Public {
        return Ok(inside);
    }
    let carried = carried(request.headers(), request.method(), &app.config.http.public_url)?;
    let mut caller = match carried {
        Carried::Token(token) if records::api::is_pass(token) => {
            records::api::caller(&app, token, access, request.uri()).await?
        }
        carried => {
            let needed = (access, access.scope(request.method()));
            identity::api::authenticate(&app, carried, needed).await?
        }
    };
    match access {
        Access::Staff(permission) => {
            caller.role = Some(identity::api::permit(&app, &caller, permission).await?);
        }
        Access::Program(_) => identity::api::in_its_own_name(&app, &caller).await?,
        _ => {}
    }
    app.limits.check(limit, &Principal::Account(caller.user.uuid())).await?;
    if let Some(client) = caller.client {
        app.limits.check(limit, &Principal::Client(client.to_string().into())).await?;
    }
    request.extensions_mut().insert(caller);
    Ok(inside)
}
