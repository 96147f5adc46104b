//! What must not be guessed: each secret that is given out, made twice for the same caller, has nothing of chance in common.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::Airline;

/// The end of a secret that is looked at, in bytes: what stands before may say whose it is.
const END: usize = 24;
/// How many of them differ between two, at least. Of bytes that are chance, seven of twenty-four are the same once in a million pairs.
const DIFFERENT: usize = 18;

/// The end of the secret that an operation gives out.
async fn given(airline: &Airline, path: &str, token: Option<&str>, (body, at): (&Value, &str)) -> Vec<u8> {
    let body = (!body.is_null()).then(|| body.clone());
    let reply = airline.call("POST", path, token, body).await;
    assert!(reply.status.is_success(), "{path}: {}", reply.json);
    let text = reply.text(at);
    let secret = ["ucs_", "whsec_"].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(&text);
    let read = URL_SAFE_NO_PAD.decode(secret).unwrap_or_else(|error| panic!("{path}: {error}"));
    read[read.len() - END..].to_vec()
}

#[tokio::test]
async fn what_must_not_be_guessed_is_chance() {
    let airline = Airline::with(|config| config.webhooks.allow_private = true).await;
    let (admin, asha) = (airline.admin().await, airline.traveller().await);
    let login = json!({"email": "traveller@example.com", "password": "a password of some length"});
    let program = json!({"name": "Back office", "kind": "confidential", "redirect_uris": ["https://agency.example/back"],
        "scopes": ["bookings:read"]});
    let hook = json!({"url": "http://127.0.0.1:9/hook", "events": ["flight.*"]});
    for (path, token, body, at) in [
        ("/login", None, &login, "/refresh_token"),
        ("/live/tickets", Some(&*asha), &Value::Null, "/ticket"),
        ("/admin/clients", Some(&*admin), &program, "/secret"),
        ("/admin/webhooks", Some(&*admin), &hook, "/secret"),
    ] {
        let one = given(&airline, path, token, (body, at)).await;
        let other = given(&airline, path, token, (body, at)).await;
        let different = one.iter().zip(&other).filter(|(one, other)| one != other).count();
        assert!(different >= DIFFERENT, "{path}: {different} bytes of {END} differ");
    }
}
