//! What a program reads to find its way (RFC 8414), and the keys that tokens are checked with (RFC 7517).

use axum::extract::State;
use platform::http::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::scopes;
use crate::app::App;
use crate::identity::sessions::PublicKey;

/// The server's description of itself.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"issuer": "https://udaan.example", "authorization_endpoint": "https://udaan.example/oauth/authorize",
    "token_endpoint": "https://udaan.example/oauth/token", "code_challenge_methods_supported": ["S256"]}))]
pub(in crate::identity) struct ServerMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 3],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
    service_documentation: String,
}

/// Where everything is (RFC 8414).
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "oauth",
    responses((status = 200, description = "The server's description of itself", body = ServerMetadata)))]
pub(in crate::identity) async fn get_server_metadata(State(app): State<App>) -> Json<ServerMetadata> {
    let issuer = app.tokens.issuer();
    let at = |path: &str| format!("{issuer}{path}");
    Json(ServerMetadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: at("/oauth/authorize"),
        token_endpoint: at("/oauth/token"),
        revocation_endpoint: at("/oauth/revoke"),
        introspection_endpoint: at("/oauth/introspect"),
        jwks_uri: at("/.well-known/jwks.json"),
        scopes_supported: scopes::all().collect(),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
        revocation_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
        introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
        service_documentation: at("/api/docs"),
    })
}

/// Public keys.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"keys": [{"kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "kty": "OKP", "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "alg": "EdDSA", "use": "sig"}]}))]
pub(in crate::identity) struct KeySet {
    keys: Vec<PublicKey>,
}

/// The keys that access tokens are signed with (RFC 7517), the newest last.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "oauth",
    responses((status = 200, description = "The keys", body = KeySet)))]
pub(in crate::identity) async fn get_keys(State(app): State<App>) -> Json<KeySet> {
    Json(KeySet { keys: app.tokens.published().to_vec() })
}
