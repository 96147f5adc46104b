//! Who may call what. A route exists only with an [`Access`] and a [`LimitClass`] beside it: the builder has no other
//! way to add one, so a route without a policy does not compile.

use axum::extract::{FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use kernel::{Category, UserId};
use platform::http::Problem;
use platform::http::client_address::ClientAddress;
use platform::limits::LimitClass;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::app::App;
use crate::identity;

/// The name of the bearer token scheme in the OpenAPI document.
pub const BEARER: &str = "bearer";

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in, on what is theirs.
    SignedIn,
    /// Staff with the admin role, read from the database at each call.
    Admin,
}

impl Access {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignedIn => "signed_in",
            Self::Admin => "admin",
        }
    }
}

/// Who is calling; present where the operation's access is not public.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The account.
    pub user: UserId,
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
        for operation in paths.paths.values_mut().flat_map(operations) {
            declare(operation, access);
        }
        let guarded =
            methods.layer(middleware::from_fn(move |request, next| guard(access, limit, request, next)));
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

/// The operations of a path.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
    methods.into_iter().filter_map(Option::as_mut)
}

/// Writes the policy into the document: as a security requirement for tools, as `x-access` for people and tests.
fn declare(operation: &mut Operation, access: Access) {
    let extension = ExtensionsBuilder::new().add("x-access", access.as_str()).build();
    match operation.extensions.as_mut() {
        Some(extensions) => extensions.merge(extension),
        None => operation.extensions = Some(extension),
    }
    if access != Access::Public {
        operation.security = Some(vec![SecurityRequirement::new::<_, _, &str>(BEARER, [])]);
    }
}

/// Stands before every operation: first the rate limit, then the access it declared.
async fn guard(access: Access, limit: LimitClass, mut request: Request, next: Next) -> Response {
    match admit(access, limit, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admit(access: Access, limit: LimitClass, request: &mut Request) -> Result<(), Problem> {
    // A missing extension is a defect of the assembly, and a guard that cannot decide refuses.
    let missing = || Problem::internal(anyhow::anyhow!("the application is not in the request's extensions"));
    let app = request.extensions().get::<App>().cloned().ok_or_else(missing)?;
    let address = request.extensions().get::<ClientAddress>().copied().ok_or_else(missing)?;
    app.limits.check(limit, address.0)?;
    if access == Access::Public {
        return Ok(());
    }
    let user = identity::api::authenticate(&app, bearer(request)?)?;
    if access == Access::Admin && !identity::api::is_admin(&app.db.read().await?, user).await? {
        return Err(Problem::new(Category::Forbidden, "forbidden"));
    }
    request.extensions_mut().insert(Caller { user });
    Ok(())
}

/// The token of `Authorization: Bearer …` (RFC 6750 section 2.1).
fn bearer(request: &Request) -> Result<&str, Problem> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))
}
