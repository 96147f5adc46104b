//! The authorization server, by the rules of RFC 9700.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;
use sha2::{Digest, Sha256};

use crate::support::{Airline, Reply, request, send};

const BACK: &str = "https://agency.example/back";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A program, its user, and the airline they meet at.
pub(crate) struct Meeting {
    pub(crate) airline: Airline,
    pub(crate) admin: String,
    pub(crate) user: String,
    pub(crate) client: String,
    pub(super) secret: Option<String>,
}

impl Meeting {
    pub(super) async fn new(kind: &str) -> Self {
        Self::at(Airline::new().await, kind).await
    }

    pub(crate) async fn at(airline: Airline, kind: &str) -> Self {
        let (admin, user) = (airline.admin().await, airline.traveller().await);
        let body = json!({"name": "Agency", "kind": kind, "redirect_uris": [BACK, "http://127.0.0.1/back"],
            "scopes": ["account:read", "bookings:read", "bookings:write"]});
        let made = airline.call("POST", "/admin/clients", Some(&admin), Some(body)).await.expect(201);
        let secret = made.json["secret"].as_str().map(str::to_owned);
        Self { client: made.text("/id"), airline, admin, user, secret }
    }

    pub(crate) fn asked(&self) -> Value {
        json!({"response_type": "code", "client_id": self.client, "redirect_uri": BACK, "scope": "bookings:read account:read",
            "state": "a state", "code_challenge": challenge(), "code_challenge_method": "S256"})
    }

    pub(crate) async fn decide(&self, request: Value, approve: bool) -> Reply {
        let body = json!({"approve": approve, "request": request});
        self.airline.call("POST", "/api/v1/oauth/authorization", Some(&self.user), Some(body)).await
    }

    pub(crate) async fn code(&self) -> String {
        let sent = self.decide(self.asked(), true).await.expect(200).text("/redirect_to");
        parameter(&sent, "code").expect("a code")
    }

    /// A form from the client, which shows its secret if it has one.
    pub(crate) async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        let basic = self.secret.as_ref().map(|secret| STANDARD.encode(format!("{}:{secret}", self.client)));
        let mut pairs = pairs.to_vec();
        if basic.is_none() {
            pairs.push(("client_id", &self.client));
        }
        form(&self.airline, path, &pairs, basic.as_deref()).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Reply {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        self.form("/oauth/token", &pairs).await
    }

    pub(super) async fn refresh(&self, token: &str) -> Reply {
        self.form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub(super) async fn status(&self, method: &str, path: &str, token: &str) -> (u16, String) {
        let reply = self.airline.call(method, path, Some(token), Some(json!({}))).await;
        (reply.status.as_u16(), reply.code().to_owned())
    }
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).expect("an address");
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

pub(crate) async fn form(
    airline: &Airline,
    path: &str,
    pairs: &[(&str, &str)],
    basic: Option<&str>,
) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let mut asked = request("POST", path, None, None, None);
    let headers = asked.headers_mut();
    headers.insert("content-type", "application/x-www-form-urlencoded".parse().expect("a header"));
    if let Some(basic) = basic {
        headers.insert("authorization", format!("Basic {basic}").parse().expect("a header"));
    }
    *asked.body_mut() = body.into();
    send(airline.router(), asked).await
}

#[track_caller]
pub(super) fn assert_refused(reply: &Reply, status: u16, error: &str) {
    assert_eq!(
        (reply.status.as_u16(), reply.json["error"].as_str()),
        (status, Some(error)),
        "{}",
        reply.json
    );
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_program_gets_what_its_user_granted_and_no_more() {
    for kind in ["confidential", "public"] {
        let meeting = Meeting::new(kind).await;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(
                meeting
                    .asked()
                    .as_object()
                    .expect("members")
                    .iter()
                    .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned())),
            )
            .finish();
        let looked = format!("/api/v1/oauth/authorization?{query}");
        let looked = meeting.airline.call("GET", &looked, Some(&meeting.user), None).await.expect(200);
        assert_eq!(looked.json["client"]["name"], "Agency");
        assert_eq!(looked.json["scopes"], json!(["account:read", "bookings:read"]));

        let sent = meeting.decide(meeting.asked(), true).await.expect(200).text("/redirect_to");
        assert!(sent.starts_with(BACK));
        assert_eq!(parameter(&sent, "state").as_deref(), Some("a state"));
        assert_eq!(parameter(&sent, "iss").as_deref(), Some(meeting.airline.app.tokens.issuer()));
        let given = meeting.exchange(&parameter(&sent, "code").expect("a code")).await.expect(200);
        assert_eq!(
            (given.text("/token_type"), given.text("/scope")),
            ("Bearer".into(), "account:read bookings:read".into())
        );
        let token = given.text("/access_token");
        for (method, path, expected) in [
            ("GET", "/bookings", (200, "")),
            ("GET", "/profile", (200, "")),
            ("PATCH", "/profile", (403, "insufficient_scope")),
            ("POST", "/bookings", (403, "insufficient_scope")),
            ("GET", "/me/payment-methods", (403, "insufficient_scope")),
            ("GET", "/admin/clients", (403, "insufficient_scope")),
            ("GET", "/me/sessions", (403, "owner_only")),
            ("POST", "/api/v1/oauth/authorization", (403, "owner_only")),
        ] {
            assert_eq!(
                meeting.status(method, path, &token).await,
                (expected.0, expected.1.to_owned()),
                "{method} {path}"
            );
        }
        // The owner sees it among their sessions.
        let sessions =
            meeting.airline.call("GET", "/me/sessions", Some(&meeting.user), None).await.expect(200);
        let clients: Vec<_> = sessions.json["sessions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| &one["client_id"])
            .collect();
        assert!(clients.contains(&&json!(meeting.client)), "{clients:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_not_right_to_the_character_goes_nowhere() {
    let meeting = Meeting::new("confidential").await;
    for (member, value) in [
        ("redirect_uri", json!("https://agency.example/back/")),
        ("redirect_uri", json!("https://agency.example/back?x=y")),
        ("redirect_uri", json!("https://attacker.example/back")),
        ("redirect_uri", json!("http://127.0.0.1:5000/other")),
        ("response_type", json!("token")),
        ("code_challenge_method", json!("plain")),
        ("code_challenge", json!("")),
        ("code_challenge", json!(VERIFIER.repeat(2))),
        ("scope", json!("bookings:read payments:write")),
        ("scope", json!("")),
        ("client_id", json!("cli_00000000000000000000000000000000")),
    ] {
        let mut asked = meeting.asked();
        asked[member] = value;
        let refused = meeting.decide(asked.clone(), true).await.expect(422);
        assert_eq!(refused.json["field"], member, "{asked}");
        // Only to an address that was filed may the refusal be taken (RFC 6749 section 4.1.2.1).
        let error = refused.json["redirect_to"].as_str().map(|to| {
            assert!(to.starts_with("https://agency.example/back?"), "{to}");
            parameter(to, "error").expect("an error")
        });
        let expected = match member {
            "redirect_uri" | "client_id" => None,
            "response_type" => Some("unsupported_response_type"),
            "scope" => Some("invalid_scope"),
            _ => Some("invalid_request"),
        };
        assert_eq!(error.as_deref(), expected, "{asked}");
    }
    let mut none = meeting.asked();
    none.as_object_mut().expect("members").remove("code_challenge");
    meeting.decide(none, true).await.expect(422);
    // A program on a device listens on whatever port is free.
    let mut device = meeting.asked();
    device["redirect_uri"] = json!("http://127.0.0.1:53211/back");
    let sent = meeting.decide(device, true).await.expect(200).text("/redirect_to");
    assert!(sent.starts_with("http://127.0.0.1:53211/back?"));
    let refused = meeting.decide(meeting.asked(), false).await.expect(200).text("/redirect_to");
    assert_eq!(
        (parameter(&refused, "error").as_deref(), parameter(&refused, "code")),
        (Some("access_denied"), None)
    );
}

#[tokio::test]
async fn a_code_is_good_once_for_a_minute_for_its_client_address_and_verifier() {
    let meeting = Meeting::new("confidential").await;
    let good = [("grant_type", "authorization_code"), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
    for (name, value) in [
        ("redirect_uri", "http://127.0.0.1/back"),
        ("code_verifier", "0BjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ("code_verifier", challenge().as_str()),
    ] {
        let code = meeting.code().await;
        let mut pairs: Vec<_> =
            good.iter().map(|pair| if pair.0 == name { (name, value) } else { *pair }).collect();
        pairs.push(("code", &code));
        assert_refused(&meeting.form("/oauth/token", &pairs).await, 400, "invalid_grant");
    }
    let late = meeting.code().await;
    meeting.airline.later(SignedDuration::from_secs(61));
    assert_refused(&meeting.exchange(&late).await, 400, "invalid_grant");
    assert_refused(&meeting.exchange("nonsense").await, 400, "invalid_grant");

    // Another client that got hold of it.
    let body =
        json!({"name": "Thief", "kind": "public", "redirect_uris": [BACK], "scopes": ["bookings:read"]});
    let thief =
        meeting.airline.call("POST", "/admin/clients", Some(&meeting.admin), Some(body)).await.expect(201);
    let code = meeting.code().await;
    let mut pairs = good.to_vec();
    let thief = thief.text("/id");
    pairs.extend([("code", code.as_str()), ("client_id", thief.as_str())]);
    assert_refused(&form(&meeting.airline, "/oauth/token", &pairs, None).await, 400, "invalid_grant");

    let given = meeting.exchange(&code).await.expect(200);
    let token = given.text("/access_token");
    assert_eq!(meeting.status("GET", "/bookings", &token).await.0, 200);
    assert_refused(&meeting.exchange(&code).await, 400, "invalid_grant");
    assert_eq!(meeting.status("GET", "/bookings", &token).await.0, 401, "a code used twice was stolen");
    assert_refused(&meeting.refresh(&given.text("/refresh_token")).await, 400, "invalid_grant");
}

#[tokio::test]
async fn of_fifty_who_bring_a_code_at_once_one_gets_a_session() {
    let meeting = Meeting::new("public").await;
    meeting.airline.warm_pool().await;
    let code = meeting.code().await;
    let replies = futures_util::future::join_all((0..50).map(|_| meeting.exchange(&code))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    let opened = "SELECT count(*) FROM sessions WHERE client_id IS NOT NULL";
    assert_eq!(meeting.airline.count(opened).await, 1);
}

#[tokio::test]
async fn refresh_tokens_are_their_clients_own_and_scopes_only_narrow() {
    let meeting = Meeting::new("confidential").await;
    let given = meeting.exchange(&meeting.code().await).await.expect(200);
    let first = given.text("/refresh_token");
    // Our own app's way, and another client's.
    meeting.airline.call("POST", "/refresh", None, Some(json!({"refresh_token": first}))).await.expect(401);
    let body =
        json!({"name": "Thief", "kind": "public", "redirect_uris": [BACK], "scopes": ["bookings:read"]});
    let thief = meeting
        .airline
        .call("POST", "/admin/clients", Some(&meeting.admin), Some(body))
        .await
        .expect(201)
        .text("/id");
    let pairs =
        [("grant_type", "refresh_token"), ("refresh_token", first.as_str()), ("client_id", thief.as_str())];
    assert_refused(&form(&meeting.airline, "/oauth/token", &pairs, None).await, 400, "invalid_grant");

    let narrow =
        [("grant_type", "refresh_token"), ("refresh_token", first.as_str()), ("scope", "account:read")];
    let narrowed = meeting.form("/oauth/token", &narrow).await.expect(200);
    assert_eq!(narrowed.text("/scope"), "account:read");
    assert_eq!(
        meeting.status("GET", "/bookings", &narrowed.text("/access_token")).await.1,
        "insufficient_scope"
    );
    let second = narrowed.text("/refresh_token");
    let wide =
        [("grant_type", "refresh_token"), ("refresh_token", second.as_str()), ("scope", "staff:write")];
    assert_refused(&meeting.form("/oauth/token", &wide).await, 400, "invalid_scope");
    // What is taken from the client is taken from what it was given before.
    let path = format!("/admin/clients/{}", meeting.client);
    let patch = json!({"scopes": ["account:read"]});
    meeting.airline.call("PATCH", &path, Some(&meeting.admin), Some(patch)).await.expect(200);
    assert_eq!(meeting.refresh(&second).await.expect(200).text("/scope"), "account:read");
}

#[tokio::test]
async fn a_secret_is_shown_once_needed_always_and_changed_without_a_gap() {
    let mut meeting = Meeting::new("confidential").await;
    let path = format!("/admin/clients/{}", meeting.client);
    let seen = meeting.airline.call("GET", &path, Some(&meeting.admin), None).await.expect(200);
    let secret = meeting.secret.clone().expect("a secret");
    assert!(seen.json["secret"].is_null() && !String::from_utf8_lossy(&seen.bytes).contains(&secret));
    let stored: String = meeting
        .airline
        .sql()
        .await
        .query_one("SELECT oauth_clients::text FROM oauth_clients", &[])
        .await
        .expect("a row")
        .get(0);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!stored.contains(&secret) && !stored.contains(&hex), "{stored}");

    let code = meeting.code().await;
    let pairs = |secret: Option<&'static str>| {
        let mut pairs = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.clone()),
            ("redirect_uri", BACK.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
            ("client_id", meeting.client.clone()),
        ];
        pairs.extend(secret.map(|secret| ("client_secret", secret.to_owned())));
        pairs
    };
    for wrong in [None, Some("ucs_wrong")] {
        let pairs = pairs(wrong);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_refused(&form(&meeting.airline, "/oauth/token", &pairs, None).await, 401, "invalid_client");
    }
    let both = [("grant_type", "client_credentials"), ("client_secret", secret.as_str())];
    assert_refused(&meeting.form("/oauth/token", &both).await, 400, "invalid_request");
    let twice = [("grant_type", "refresh_token"), ("refresh_token", "a"), ("refresh_token", "b")];
    assert_refused(&meeting.form("/oauth/token", &twice).await, 400, "invalid_request");
    assert_refused(
        &meeting.form("/oauth/token", &[("grant_type", "password")]).await,
        400,
        "unsupported_grant_type",
    );

    let rotate = format!("{path}/rotate-secret");
    let newer =
        meeting.airline.call("POST", &rotate, Some(&meeting.admin), None).await.expect(200).text("/secret");
    let older = meeting.exchange(&code).await.expect(200).text("/refresh_token");
    meeting.airline.later(SignedDuration::from_hours(25));
    assert_refused(&meeting.refresh(&older).await, 401, "invalid_client");
    meeting.secret = Some(newer);
    meeting.refresh(&older).await.expect(200);
}

#[tokio::test]
async fn a_client_acts_for_its_own_account_without_refresh_tokens() {
    let meeting = Meeting::new("confidential").await;
    assert_refused(
        &meeting.form("/oauth/token", &[("grant_type", "client_credentials")]).await,
        400,
        "unauthorized_client",
    );
    let agency = meeting.airline.account("agency@example.com", Role::Traveller).await;
    let own = meeting.airline.call("GET", "/profile", Some(&agency), None).await.expect(200).text("/id");
    let body = json!({"name": "Back office", "kind": "confidential", "scopes": ["account:read", "bookings:write"],
        "acts_for": own});
    let made =
        meeting.airline.call("POST", "/admin/clients", Some(&meeting.admin), Some(body)).await.expect(201);
    let basic = STANDARD.encode(format!("{}:{}", made.text("/id"), made.text("/secret")));
    let pairs = [("grant_type", "client_credentials"), ("scope", "account:read")];
    let given = form(&meeting.airline, "/oauth/token", &pairs, Some(&basic)).await.expect(200);
    assert!(given.json["refresh_token"].is_null());
    let token = given.text("/access_token");
    let seen = meeting.airline.call("GET", "/profile", Some(&token), None).await.expect(200);
    assert_eq!(seen.text("/id"), own);
    let public = json!({"name": "App", "kind": "public", "scopes": ["account:read"], "acts_for": own});
    let refused =
        meeting.airline.call("POST", "/admin/clients", Some(&meeting.admin), Some(public)).await.expect(422);
    assert_eq!(refused.json["field"], "acts_for");
}

#[tokio::test]
async fn tokens_are_given_back_looked_at_and_end_with_their_client() {
    let meeting = Meeting::new("confidential").await;
    let given = meeting.exchange(&meeting.code().await).await.expect(200);
    let (access, refresh) = (given.text("/access_token"), given.text("/refresh_token"));
    let look =
        async |token: &str| meeting.form("/oauth/introspect", &[("token", token)]).await.expect(200).json;
    let seen = look(&access).await;
    assert_eq!((&seen["active"], &seen["scope"]), (&json!(true), &json!("account:read bookings:read")));
    // Of tokens that are not its own it learns nothing.
    for other in [meeting.user.as_str(), "nonsense"] {
        assert_eq!(look(other).await, json!({"active": false}));
    }
    let seconds = seen["exp"].as_i64().expect("exp") - seen["iat"].as_i64().expect("iat");
    let life = 60 * meeting.airline.app.config.auth.token_minutes;
    assert_eq!((seconds, &seen["aud"]), (life, &json!("udaan-api")));
    // A refresh token is looked at as well; one that was used is good for nothing.
    assert_eq!(look(&refresh).await["active"], true);
    let next = meeting.refresh(&refresh).await.expect(200).text("/refresh_token");
    assert_eq!(
        (&look(&refresh).await["active"], &look(&next).await["active"]),
        (&json!(false), &json!(true))
    );
    let refresh = next;
    meeting.form("/oauth/revoke", &[("token", &meeting.user)]).await.expect(200);
    assert_eq!(
        meeting.status("GET", "/bookings", &meeting.user).await.0,
        200,
        "it was not the client's to give back"
    );
    meeting.form("/oauth/revoke", &[("token", "nonsense")]).await.expect(200);
    meeting.form("/oauth/revoke", &[("token", &refresh)]).await.expect(200);
    assert_eq!(look(&access).await, json!({"active": false}));
    assert_eq!(meeting.status("GET", "/bookings", &access).await.0, 401);

    let given = meeting.exchange(&meeting.code().await).await.expect(200);
    let path = format!("/admin/clients/{}", meeting.client);
    meeting
        .airline
        .call("PATCH", &path, Some(&meeting.admin), Some(json!({"disabled": true})))
        .await
        .expect(200);
    assert_eq!(meeting.status("GET", "/bookings", &given.text("/access_token")).await.0, 401);
    assert_refused(&meeting.refresh(&given.text("/refresh_token")).await, 401, "invalid_client");
    meeting.decide(meeting.asked(), true).await.expect(422);
}

#[tokio::test]
async fn the_server_describes_itself_and_its_keys_check_its_tokens() {
    let airline = Airline::new().await;
    let token = airline.traveller().await;
    let metadata =
        airline.call("GET", "/.well-known/oauth-authorization-server", None, None).await.expect(200);
    assert_eq!(metadata.text("/issuer"), airline.app.tokens.issuer());
    assert_eq!(metadata.json["code_challenge_methods_supported"], json!(["S256"]));
    let keys = airline.call("GET", "/.well-known/jwks.json", None, None).await.expect(200);
    let header: Value = serde_json::from_slice(
        &URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64url"),
    )
    .expect("JSON");
    let key = keys.json["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .find(|key| key["kid"] == header["kid"])
        .expect("its key");
    let key = jsonwebtoken::DecodingKey::from_ed_components(key["x"].as_str().expect("x")).expect("a key");
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&["udaan-api"]);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(&token, &key, &validation).expect("anybody can check it");
}
