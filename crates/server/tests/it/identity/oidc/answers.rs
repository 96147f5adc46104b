//! What a provider may answer that is not believed. After each try nothing is left, and the honest way works again.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::fake::{Fake, Manner, Script, Signing, ed_jwk};
use super::{Browser, left, scene};
use crate::support::Airline;
use crate::support::protected::fixture;

type Try = (&'static str, Box<dyn Fn(&mut Script)>);

fn claims(name: &'static str, claims: Value) -> Try {
    (
        name,
        Box::new(move |script| {
            script
                .claims
                .as_object_mut()
                .expect("claims")
                .extend(claims.as_object().expect("claims").clone());
        }),
    )
}

fn script(name: &'static str, change: impl Fn(&mut Script) + 'static) -> Try {
    (name, Box::new(change))
}

/// Tries one after the other; each is refused with the code, and leaves nothing.
async fn refused(airline: &Airline, fake: &Fake, (status, code): (u16, &str), tries: Vec<Try>) {
    let before = left(airline).await;
    for (name, change) in tries {
        fake.behaves();
        fake.does(change);
        // What was read of the provider before is believed for an hour.
        airline.later(SignedDuration::from_mins(61));
        let reply = Browser::default().sign_in(airline, fake).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{name}: {}", reply.json);
        assert!(!reply.headers.contains_key("set-cookie"), "{name}");
        assert_eq!(left(airline).await, before, "{name} left something");
    }
    fake.behaves();
    airline.later(SignedDuration::from_mins(61));
    Browser::default().sign_in(airline, fake).await.expect(200);
}

#[tokio::test]
async fn a_token_that_is_not_the_providers_for_us_now_is_not_believed() {
    let (airline, fake) = scene().await;
    let now = airline.app.now().as_second();
    // Each try is an hour and a minute after the one before.
    let next_week = now + 7 * 86_400;
    let tries = vec![
        script("alg none", |script| script.signing = Signing::Nothing),
        script("HS256 with the public key", |script| script.signing = Signing::HmacPublicKey),
        script("HS256 with our secret", |script| script.signing = Signing::HmacSecret),
        script("another key under a known name", |script| script.signing = Signing::Other),
        script("another key that the token brings", |script| {
            (script.signing, script.header) =
                (Signing::Other, json!({"jwk": ed_jwk(8, "ed"), "jku": "http://127.0.0.1/keys"}));
        }),
        script("a name nobody knows", |script| script.header = json!({"kid": "other"})),
        script("the name of a key of another kind", |script| script.header = json!({"kid": "es"})),
        script("an algorithm of another key", |script| script.header = json!({"alg": "ES256"})),
        script("an extension we do not know", |script| script.header = json!({"crit": ["exp"], "exp": 1})),
        script("an algorithm with a signature of another", |script| script.header = json!({"alg": "RS256"})),
        claims("another issuer", json!({"iss": "https://id.example"})),
        claims("the issuer with a slash", json!({"iss": format!("{}/", fake.url)})),
        claims("another audience", json!({"aud": "somebody"})),
        claims("two audiences", json!({"aud": [super::fake::CLIENT, "somebody"]})),
        claims("no audience", json!({"aud": []})),
        claims("another party", json!({"azp": "somebody"})),
        claims("another nonce", json!({"nonce": "bm9uY2U"})),
        claims("no nonce", json!({"nonce": null})),
        claims("expired", json!({"exp": now - 61})),
        claims("no end", json!({"exp": null})),
        claims("an end in words", json!({"exp": "tomorrow"})),
        claims("of next week", json!({"iat": next_week})),
        claims("good from next week", json!({"nbf": next_week})),
        claims("no time", json!({"iat": null})),
        claims("of another access token", json!({"at_hash": "LDktKdoQak3Pk0cnXxCltA"})),
        claims("nobody", json!({"sub": ""})),
        claims("no subject", json!({"sub": null})),
        claims("a subject that is a number", json!({"sub": 7})),
        claims("a subject of two lines", json!({"sub": "248289761001\n"})),
        claims("a subject that is a novel", json!({"sub": "x".repeat(256)})),
        script("a token that is none", |script| script.tokens = json!({"id_token": "x.y.z"})),
        script("no token", |script| script.tokens = json!({"id_token": null})),
        script("a token of another type", |script| script.tokens = json!({"token_type": "mac"})),
    ];
    refused(&airline, &fake, (401, "provider_not_believed"), tries).await;
}

#[tokio::test]
async fn who_has_no_confirmed_address_there_gets_no_account_here() {
    let (airline, fake) = scene().await;
    let userinfo = |told: Value| {
        move |script: &mut Script| {
            script.claims = json!({});
            script.userinfo = Some(told.clone());
        }
    };
    let sub = "248289761001";
    let tries = vec![
        claims("not confirmed", json!({"email_verified": false})),
        claims("not said", json!({"email_verified": null})),
        claims("in words", json!({"email_verified": "true"})),
        claims("a number", json!({"email_verified": 1})),
        claims("no address that is one", json!({"email": "asha"})),
        claims("an address with a header in it", json!({"email": "asha@example.com\r\nBcc: x@y.zz"})),
        script(
            "not confirmed in userinfo",
            userinfo(json!({"sub": sub, "email": "asha@example.com", "email_verified": false})),
        ),
        script("none anywhere", userinfo(json!({"sub": sub}))),
        script("no userinfo", |script| {
            (script.claims, script.discovery) = (json!({}), json!({"userinfo_endpoint": null}));
        }),
    ];
    refused(&airline, &fake, (422, "provider_without_address"), tries).await;
}

#[tokio::test]
async fn userinfo_is_believed_about_the_same_person_alone() {
    let (airline, fake) = scene().await;
    let told = |told: Value| {
        move |script: &mut Script| {
            script.claims = json!({});
            script.userinfo = Some(told.clone());
        }
    };
    let address = json!({"email": "asha@example.com", "email_verified": true});
    let mut other = address.clone();
    other["sub"] = json!("2482897610010");
    let tries = vec![
        script("another subject", told(other)),
        script("no subject", told(address.clone())),
        script("refused", |script| script.claims = json!({})),
        script("no object", told(json!([]))),
    ];
    refused(&airline, &fake, (401, "provider_not_believed"), tries).await;
    let mut same = address;
    same["sub"] = json!("248289761001");
    fake.does(told(same));
    Browser::default().sign_in(&airline, &fake).await.expect(200);
}

#[tokio::test]
async fn answers_that_are_too_long_or_lead_elsewhere_are_not_believed() {
    let (airline, fake) = scene().await;
    let mut tries = Vec::new();
    for endpoint in [".well-known/openid-configuration", "token", "keys", "userinfo"] {
        for manner in [Manner::Huge, Manner::Redirects, Manner::Junk, Manner::Fails(400)] {
            tries.push(script(endpoint, move |script| {
                script.manners.insert(endpoint, manner.clone());
                if endpoint == "userinfo" {
                    script.claims = json!({});
                }
            }));
        }
    }
    let moved = |member: &'static str, value: Value| {
        script(member, move |script| script.discovery = json!({member: value}))
    };
    tries.extend([
        moved("issuer", json!("https://id.example")),
        moved("token_endpoint", json!("http://169.254.169.254/token")),
        moved("jwks_uri", json!("https://10.0.0.1/keys")),
        moved("userinfo_endpoint", json!("file:///etc/passwd")),
        moved("authorization_endpoint", json!("javascript:alert(1)")),
        moved("token_endpoint_auth_methods_supported", json!(["none"])),
        script("no keys", |script| script.keys = Some(json!({"keys": []}))),
        script("keys that are none", |script| {
            script.keys = Some(json!({"keys": [7, {}, {"kty": "oct", "k": "AA", "kid": "ed"}]}));
        }),
        script("a set that is none", |script| script.keys = Some(json!([]))),
    ]);
    refused(&airline, &fake, (401, "provider_not_believed"), tries).await;
    assert!(!fake.script().asked.iter().any(|path| path == "elsewhere"));
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let (airline, fake) = scene().await;
    let tries = [".well-known/openid-configuration", "token", "keys"].map(|endpoint| {
        [Manner::Hangs, Manner::Fails(500), Manner::Fails(429)].map(|manner| {
            script(endpoint, move |script| {
                script.manners.insert(endpoint, manner.clone());
            })
        })
    });
    refused(&airline, &fake, (503, "provider_unavailable"), tries.into_iter().flatten().collect()).await;
}

#[tokio::test]
async fn keys_are_read_again_for_a_new_one_but_not_at_will() {
    let (airline, fake) = scene().await;
    let keys_read = || fake.script().asked.iter().filter(|path| *path == "keys").count();
    Browser::default().sign_in(&airline, &fake).await.expect(200);
    assert_eq!(keys_read(), 1);
    // Tokens with invented names bring no reading each.
    fake.does(|script| script.header = json!({"kid": "invented"}));
    for _ in 0..3 {
        Browser::default().sign_in(&airline, &fake).await.expect(401);
    }
    assert_eq!(keys_read(), 1);
    // The provider has another key; a minute later it is found, among junk.
    fake.does(|script| {
        (script.signing, script.header) = (Signing::Other, json!({"kid": "new"}));
        script.keys = Some(json!({"keys": [null, {"kty": "RSA"}, ed_jwk(8, "new")]}));
    });
    airline.later(SignedDuration::from_secs(61));
    Browser::default().sign_in(&airline, &fake).await.expect(200);
    assert_eq!(keys_read(), 2);
}

#[tokio::test]
async fn each_way_to_sign_and_to_prove_oneself_is_understood() {
    let (airline, fake) = scene().await;
    let tries: Vec<Try> = vec![
        script("ES256", |script| script.signing = Signing::Es256),
        script("no at_hash", |script| script.claims["at_hash"] = Value::Null),
        script("one audience in a list", |script| script.claims["aud"] = json!([super::fake::CLIENT])),
        script("a party that is us", |script| script.claims["azp"] = json!(super::fake::CLIENT)),
        script("no name for the only key", |script| script.header = json!({"kid": null})),
        script("our secret in the form", |script| {
            script.discovery = json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]});
        }),
        script("a name that is none", |script| script.claims["name"] = json!(["x"])),
    ];
    for (name, change) in tries {
        fake.behaves();
        fake.does(change);
        airline.later(SignedDuration::from_mins(61));
        let reply = Browser::default().sign_in(&airline, &fake).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.json);
    }
    assert_eq!(airline.count("SELECT count(*) FROM users").await, 1);
}

#[tokio::test]
async fn clocks_may_be_a_minute_apart_and_no_more() {
    let (airline, fake) = scene().await;
    let now = airline.app.now().as_second();
    for (said, status) in [
        (json!({"exp": now - 59}), 200),
        (json!({"exp": now - 60}), 401),
        (json!({"iat": now + 60}), 200),
        (json!({"iat": now + 61}), 401),
        (json!({"nbf": now + 60}), 200),
        (json!({"nbf": now + 61}), 401),
    ] {
        fake.behaves();
        fake.does(claims("", said.clone()).1);
        let reply = Browser::default().sign_in(&airline, &fake).await;
        assert_eq!(reply.status, status, "{said}: {}", reply.json);
    }
}

/// A provider in the airline's own house has a certificate of its own authority: that one is trusted for it, and for nobody else.
#[tokio::test]
async fn a_provider_is_who_its_certificate_says() {
    let fake = Fake::start_protected().await;
    for (ca_file, status) in [(fixture("ca.pem"), 200), (String::new(), 503)] {
        let airline = Airline::with(|config| {
            fake.add_to(config, "example");
            config.auth.providers[0].ca_file = ca_file;
        })
        .await;
        let reply = Browser::default().sign_in(&airline, &fake).await.expect(status);
        assert!(status == 200 || reply.code() == "provider_unavailable", "{}", reply.json);
    }
}
