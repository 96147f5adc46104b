//! What programs cannot do, however they come by their tokens, and what ends them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use super::oauth::{Meeting, assert_refused, form};
use crate::support::{Airline, request, send};

/// A program that acts for an account of this role, and what it shows at the token endpoint.
async fn acting_for(meeting: &Meeting, email: &str, role: Role, scopes: Value) -> (String, String) {
    let account = meeting.airline.account(email, role).await;
    let own = meeting.airline.call("GET", "/profile", Some(&account), None).await.expect(200).text("/id");
    let body = json!({"name": "Back office", "kind": "confidential", "scopes": scopes, "acts_for": own});
    let made =
        meeting.airline.call("POST", "/admin/clients", Some(&meeting.admin), Some(body)).await.expect(201);
    (account, STANDARD.encode(format!("{}:{}", made.text("/id"), made.text("/secret"))))
}

async fn token_of_its_own(airline: &Airline, basic: &str) -> crate::support::Reply {
    form(airline, "/oauth/token", &[("grant_type", "client_credentials")], Some(basic)).await
}

/// A program that asks for a token an hour has one session, and its account's list of them stays readable.
#[tokio::test]
async fn a_program_that_acts_for_itself_has_one_session() {
    let meeting = Meeting::new("confidential").await;
    let scopes = json!(["account:read"]);
    let (account, basic) = acting_for(&meeting, "agency@example.com", Role::Traveller, scopes).await;
    let airline = &meeting.airline;
    let mut last = String::new();
    for _ in 0..5 {
        last = token_of_its_own(airline, &basic).await.expect(200).text("/access_token");
        airline.later(SignedDuration::from_mins(14));
    }
    assert_eq!(airline.count("SELECT count(*) FROM sessions WHERE client_id IS NOT NULL").await, 1);
    assert_eq!(
        meeting.status("GET", "/profile", &last).await.0,
        200,
        "its session lives as long as its last token"
    );
    let body = json!({"email": "agency@example.com", "password": "a password of some length"});
    let account = match meeting.status("GET", "/profile", &account).await.0 {
        200 => account,
        _ => airline.call("POST", "/login", None, Some(body)).await.expect(200).text("/access_token"),
    };
    airline.call("DELETE", "/me/sessions", Some(&account), None).await.expect(204);
    assert_eq!(meeting.status("GET", "/profile", &last).await.0, 401);
    let again = token_of_its_own(airline, &basic).await.expect(200).text("/access_token");
    assert_eq!(meeting.status("GET", "/profile", &again).await.0, 200, "its secret is good still");
}

#[tokio::test]
async fn no_program_acts_for_an_administrator() {
    let meeting = Meeting::new("confidential").await;
    let airline = &meeting.airline;
    let admin = airline.call("GET", "/profile", Some(&meeting.admin), None).await.expect(200).text("/id");
    let body = json!({"name": "x", "kind": "confidential", "scopes": ["staff:write"], "acts_for": admin});
    let refused = airline.call("POST", "/admin/clients", Some(&meeting.admin), Some(body)).await.expect(422);
    assert_eq!(refused.text("/field"), "acts_for");
    // Nor for somebody who becomes one.
    let (account, basic) =
        acting_for(&meeting, "clerk@example.com", Role::Agent, json!(["staff:read"])).await;
    let id = airline.call("GET", "/profile", Some(&account), None).await.expect(200).text("/id");
    token_of_its_own(airline, &basic).await.expect(200);
    let path = format!("/admin/accounts/{id}");
    airline.call("PATCH", &path, Some(&meeting.admin), Some(json!({"role": "admin"}))).await.expect(200);
    assert_refused(&token_of_its_own(airline, &basic).await, 400, "unauthorized_client");
}

/// An administrator may let a program read what staff read. What is sensitive it cannot do, however lately its user proved who they
/// are.
#[tokio::test]
async fn no_program_does_what_is_sensitive() {
    let mut meeting = Meeting::new("confidential").await;
    let path = format!("/admin/clients/{}", meeting.client);
    let scopes = json!({"scopes": ["staff:read", "staff:write"]});
    meeting.airline.call("PATCH", &path, Some(&meeting.admin), Some(scopes)).await.expect(200);
    meeting.user = meeting.admin.clone();
    let mut asked = meeting.asked();
    asked["scope"] = json!("staff:read staff:write");
    let sent = meeting.decide(asked, true).await.expect(200).text("/redirect_to");
    let code = super::oauth::parameter(&sent, "code").expect("a code");
    let token = meeting.exchange(&code).await.expect(200).text("/access_token");
    assert_eq!(meeting.status("GET", "/admin/promotions", &token).await.0, 200);
    for (method, path) in
        [("GET", "/admin/clients"), ("PATCH", "/admin/accounts/usr_1"), ("GET", "/admin/webhooks")]
    {
        assert_eq!(meeting.status(method, path, &token).await, (403, "owner_only".into()), "{method} {path}");
        assert_ne!(meeting.status(method, path, &meeting.admin).await.0, 403, "control: {method} {path}");
    }
}

/// Whoever signs out before the program has come with the code has thought better of it.
#[tokio::test]
async fn a_code_is_worth_no_more_than_the_session_it_was_approved_in() {
    let meeting = Meeting::new("public").await;
    let code = meeting.code().await;
    meeting.airline.call("POST", "/logout", Some(&meeting.user), None).await.expect(204);
    assert_refused(&meeting.exchange(&code).await, 400, "invalid_grant");
    assert_eq!(meeting.airline.count("SELECT count(*) FROM sessions WHERE client_id IS NOT NULL").await, 0);
}

/// However many sessions a program has, it is refused at once, also by a process that has only heard of it; the rows are ended
/// afterwards, and no old token is good again when it is enabled.
#[tokio::test]
async fn a_disabled_program_is_refused_at_once_and_its_sessions_do_not_come_back() {
    let meeting = Meeting::new("public").await;
    let airline = &meeting.airline;
    let given = meeting.exchange(&meeting.code().await).await.expect(200);
    let access = given.text("/access_token");
    let (other, router) = airline.second_server().await;
    let follow = server::identity::api::follow_job(&other);
    let ask = || send(router.clone(), request("GET", "/bookings", Some(&access), None, None));
    follow.turn().await.expect("read");
    assert_eq!(ask().await.status, 200);
    let path = format!("/admin/clients/{}", meeting.client);
    let disable = async |disabled: bool| {
        let body = Some(json!({"disabled": disabled}));
        airline.call("PATCH", &path, Some(&meeting.admin), body).await.expect(200)
    };
    airline.later(SignedDuration::from_secs(1));
    disable(true).await;
    let open = "SELECT count(*) FROM sessions WHERE client_id IS NOT NULL AND ended_at IS NULL";
    assert_eq!(airline.count(open).await, 1, "its row is ended by a job");
    assert_eq!(meeting.status("GET", "/bookings", &access).await.0, 401);
    follow.turn().await.expect("read");
    assert_eq!(ask().await.status, 401);

    airline.later(SignedDuration::from_secs(1));
    disable(false).await;
    assert_refused(&meeting.refresh(&given.text("/refresh_token")).await, 400, "invalid_grant");
    let anew = meeting.exchange(&meeting.code().await).await.expect(200).text("/access_token");
    assert_eq!(airline.run_job("end_sessions_of_disabled_programs").await, 1);
    assert_eq!(airline.count(open).await, 1);
    assert_eq!(meeting.status("GET", "/bookings", &access).await.0, 401);
    assert_eq!(meeting.status("GET", "/bookings", &anew).await.0, 200);
}

/// A refusal changes nothing: the token is as good as before, and no successor was made that nobody has.
#[tokio::test]
async fn what_is_refused_does_not_use_up_a_refresh_token() {
    let meeting = Meeting::new("public").await;
    let token = meeting.exchange(&meeting.code().await).await.expect(200).text("/refresh_token");
    let count = "SELECT count(*) FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE s.client_id IS NOT NULL";
    let wider =
        [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), ("scope", "bookings:write")];
    assert_refused(&meeting.form("/oauth/token", &wider).await, 400, "invalid_scope");
    let ours = json!({"refresh_token": token});
    meeting.airline.call("POST", "/refresh", None, Some(ours)).await.expect(401);
    assert_eq!(meeting.airline.count(count).await, 1);
    assert_eq!(
        meeting.airline.count("SELECT count(*) FROM refresh_tokens WHERE used_at IS NOT NULL").await,
        0
    );
    meeting.refresh(&token).await.expect(200);
}

/// A client without a secret may say who it is in the header, with nothing behind the colon.
#[tokio::test]
async fn an_empty_secret_is_none() {
    let meeting = Meeting::new("public").await;
    let token = meeting.exchange(&meeting.code().await).await.expect(200).text("/refresh_token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let basic = STANDARD.encode(format!("{}:", meeting.client));
    form(&meeting.airline, "/oauth/token", &pairs, Some(&basic)).await.expect(200);
    let confidential = Meeting::new("confidential").await;
    let basic = STANDARD.encode(format!("{}:", confidential.client));
    let refused = form(&confidential.airline, "/oauth/token", &pairs, Some(&basic)).await;
    assert_refused(&refused, 401, "invalid_client");
}

/// From wherever a program asks, it is one; whoever does not have its secret uses up nothing of what it may ask for.
#[tokio::test]
async fn a_program_asks_for_tokens_as_often_as_a_program_may() {
    let airline = Airline::with(|config| {
        (config.limits.other_per_second, config.limits.client_factor) = (5, 1);
        config.http.trusted_proxies = vec![std::net::IpAddr::from([127, 0, 0, 1])];
    })
    .await;
    let meeting = Meeting::at(airline, "confidential").await;
    let ask = async |address: u32, secret: &str| {
        let basic = STANDARD.encode(format!("{}:{secret}", meeting.client));
        let mut asked = request("POST", "/oauth/token", None, None, None);
        let headers = asked.headers_mut();
        headers.insert("content-type", "application/x-www-form-urlencoded".parse().expect("a header"));
        headers.insert("authorization", format!("Basic {basic}").parse().expect("a header"));
        let address = std::net::Ipv4Addr::from(0x0a00_0000 + address).to_string();
        headers.insert("x-forwarded-for", address.parse().expect("an address"));
        *asked.body_mut() = "grant_type=refresh_token&refresh_token=none".into();
        send(meeting.airline.router(), asked).await.status.as_u16()
    };
    for address in 0..60 {
        assert_eq!(ask(address, "ucs_wrong").await, 401);
    }
    let secret = meeting.secret.clone().expect("a secret");
    let mut told = std::collections::BTreeMap::new();
    for address in 100..160 {
        *told.entry(ask(address, &secret).await).or_insert(0) += 1;
    }
    assert!(told[&400] >= 5 && told[&429] >= 5, "{told:?}");
}
