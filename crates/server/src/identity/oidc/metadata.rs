//! What a provider says of itself (`OpenID` Connect Discovery 1.0), and what of it is taken.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::Value;
use url::{Host, Url};

use crate::egress::is_public;

/// Where a provider may be called. Its document names addresses, and whoever writes it must not be able to make us call what only we
/// can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// Internal networks, by the provider's setting.
    pub(super) private: bool,
    /// Plain HTTP on this very machine: a demo's or a test's provider.
    pub(super) plain_loopback: bool,
}

impl Reach {
    /// Whether connections may go to an address.
    pub(super) fn allows(self, address: IpAddr) -> bool {
        is_public(address) || self.private || (self.plain_loopback && address.is_loopback())
    }

    /// The URL, if it may be asked for as far as it shows by itself; names are looked at when they are resolved.
    pub(super) fn url(self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let plain = !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
        let (address, loopback_name) = match url.host()? {
            Host::Ipv4(address) => (Some(IpAddr::V4(address)), false),
            Host::Ipv6(address) => (Some(IpAddr::V6(address)), false),
            Host::Domain(name) => (None, name == "localhost"),
        };
        let here = loopback_name || address.is_some_and(|address| address.is_loopback());
        let protected = match url.scheme() {
            "https" => true,
            "http" => self.plain_loopback && here,
            _ => false,
        };
        (protected && !plain && address.is_none_or(|address| self.allows(address))).then_some(url)
    }
}

/// How we prove ourselves to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientAuth {
    /// `client_secret_basic`, which is what counts where nothing is said.
    Basic,
    /// `client_secret_post`.
    Post,
}

/// Where everything is.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) keys: Url,
    pub(super) userinfo: Option<Url>,
    pub(super) client_auth: ClientAuth,
    /// Whether its answers say who they are from (RFC 9207).
    pub(super) names_itself: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Reads the document of `issuer`. What is wrong with it, in a word, otherwise.
    pub(super) fn read(document: &Value, issuer: &str, reach: Reach) -> Result<Self, &'static str> {
        let document = Document::deserialize(document).map_err(|_| "discovery_malformed")?;
        // Section 4.3: else one provider could speak in the name of another.
        if document.issuer != issuer {
            return Err("discovery_issuer");
        }
        let url = |text: &str| reach.url(text).ok_or("discovery_address");
        let methods = document.token_endpoint_auth_methods_supported;
        let offers = |name: &str| methods.as_ref().is_none_or(|all| all.iter().any(|method| method == name));
        let client_auth = if offers("client_secret_basic") {
            ClientAuth::Basic
        } else if offers("client_secret_post") {
            ClientAuth::Post
        } else {
            return Err("discovery_client_auth");
        };
        Ok(Self {
            authorization: url(&document.authorization_endpoint)?,
            token: url(&document.token_endpoint)?,
            keys: url(&document.jwks_uri)?,
            userinfo: document.userinfo_endpoint.as_deref().map(url).transpose()?,
            client_auth,
            names_itself: document.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const STRICT: Reach = Reach { private: false, plain_loopback: false };

    #[test]
    fn addresses_that_only_we_can_reach_are_refused() {
        let (inside, demo) = (Reach { private: true, ..STRICT }, Reach { plain_loopback: true, ..STRICT });
        for (text, strict, private, loopback) in [
            ("https://id.example/x", true, true, true),
            ("https://1.1.1.1/", true, true, true),
            ("https://10.0.0.1/", false, true, false),
            ("https://169.254.169.254/", false, true, false),
            ("https://0x7f.1/", false, true, true),
            ("https://[::ffff:10.0.0.1]/", false, true, false),
            ("http://id.example/", false, false, false),
            ("http://10.0.0.1/", false, false, false),
            ("http://127.0.0.1:3000/", false, false, true),
            ("http://localhost:3000/", false, false, true),
            ("https://user@id.example/", false, false, false),
            ("https://id.example/#x", false, false, false),
            ("file:///etc/passwd", false, false, false),
            ("/token", false, false, false),
        ] {
            let found = [STRICT, inside, demo].map(|reach| reach.url(text).is_some());
            assert_eq!(found, [strict, private, loopback], "{text}");
        }
    }

    #[test]
    fn a_document_is_the_issuers_own_and_names_where_to_go() {
        let good = json!({"issuer": "https://id.example", "authorization_endpoint": "https://id.example/auth",
            "token_endpoint": "https://id.example/token", "jwks_uri": "https://keys.example/"});
        let read = |document: &Value| Metadata::read(document, "https://id.example", STRICT);
        assert_eq!(read(&good).map(|metadata| metadata.client_auth), Ok(ClientAuth::Basic));
        for (member, value, wrong) in [
            ("issuer", json!("https://id.example/"), "discovery_issuer"),
            ("issuer", json!("https://other.example"), "discovery_issuer"),
            ("token_endpoint", json!("http://id.example/token"), "discovery_address"),
            ("jwks_uri", json!("https://127.0.0.1/"), "discovery_address"),
            ("userinfo_endpoint", json!("ftp://id.example/"), "discovery_address"),
            ("authorization_endpoint", json!("javascript:alert(1)"), "discovery_address"),
            ("jwks_uri", json!(null), "discovery_malformed"),
            ("token_endpoint_auth_methods_supported", json!(["private_key_jwt"]), "discovery_client_auth"),
        ] {
            let mut document = good.clone();
            document[member] = value;
            assert_eq!(read(&document).err(), Some(wrong), "{member}");
        }
        let mut post = good;
        post["token_endpoint_auth_methods_supported"] = json!(["client_secret_post", "none"]);
        assert_eq!(read(&post).map(|metadata| metadata.client_auth), Ok(ClientAuth::Post));
    }
}
