//! Second factors, over HTTP: added, used to sign in and to prove who one is, limited, and required of staff.

mod authenticator;
mod codes;
mod login;
mod passkeys;
mod staff;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use serde_json::{Value, json};
use server::identity::api::Role;
use sha1::Sha1;

use crate::support::{Airline, Reply};

const PASSWORD: &str = "a password of some length";
const STEP: SignedDuration = SignedDuration::from_secs(30);

/// An authenticator app: what a person would point at the picture. Written apart from the product's code.
pub(crate) struct App {
    secret: Vec<u8>,
    pub(crate) id: String,
}

impl App {
    pub(crate) fn of(begun: &Reply) -> Self {
        let secret = begun.text("/secret");
        assert!(begun.text("/uri").contains(&format!("secret={secret}&")), "{}", begun.json);
        let bits: String = secret
            .bytes()
            .map(|letter| if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 })
            .map(|five| format!("{five:05b}"))
            .collect();
        let bytes =
            (0..bits.len() / 8).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits"));
        Self { secret: bytes.collect(), id: begun.text("/id") }
    }

    pub(crate) fn shows(&self, at: Timestamp) -> String {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&self.secret).expect("a key");
        mac.update(&(at.as_second() / 30).to_be_bytes());
        let sum = mac.finalize().into_bytes();
        let at = usize::from(sum[19] & 15);
        let number =
            sum[at..at + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// A code that is none of those around now.
    fn wrong(&self, at: Timestamp) -> String {
        let right: Vec<String> = (-3..=3).map(|steps| self.shows(at + STEP * steps)).collect();
        let mut candidates = (0..).map(|number| format!("{number:06}"));
        candidates.find(|code| !right.contains(code)).expect("a code")
    }
}

pub(crate) async fn begin(airline: &Airline, token: &str, name: &str) -> App {
    let begun =
        airline.call("POST", "/me/second-factors/totp", Some(token), Some(json!({"name": name}))).await;
    App::of(&begun.expect(201))
}

pub(crate) async fn confirm(airline: &Airline, token: &str, app: &App, code: &str) -> Reply {
    let path = format!("/me/second-factors/{}/confirm", app.id);
    airline.call("POST", &path, Some(token), Some(json!({"code": code}))).await
}

/// An account with an authenticator app whose present code is used up: its token, the app, the recovery codes.
async fn enrolled(airline: &Airline, email: &str, role: Role) -> (String, App, Vec<String>) {
    let token = airline.account(email, role).await;
    let app = begin(airline, &token, "My telephone").await;
    let added = confirm(airline, &token, &app, &app.shows(airline.clock.now())).await.expect(200).json;
    let codes = added["recovery_codes"].as_array().expect("codes").iter();
    let codes: Vec<String> = codes.map(|code| code.as_str().expect("text").to_owned()).collect();
    assert_eq!((codes.len(), &added["second_factor"]["name"]), (10, &json!("My telephone")));
    airline.later(STEP);
    (token, app, codes)
}

async fn password(airline: &Airline, email: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD});
    airline.call("POST", "/login", None, Some(body)).await.expect(200)
}

/// The first half of a sign-in.
pub(crate) async fn half(airline: &Airline, email: &str) -> String {
    let half = password(airline, email).await;
    assert_eq!(half.json["second_factor_required"], true, "{}", half.json);
    assert!(half.json["access_token"].is_null() && half.json["refresh_token"].is_null(), "{}", half.json);
    half.text("/login_token")
}

/// The second.
pub(crate) async fn second(airline: &Airline, login_token: &str, evidence: Value) -> Reply {
    let mut body = evidence;
    body["login_token"] = login_token.into();
    airline.call("POST", "/login/second-factor", None, Some(body)).await
}

async fn profile(airline: &Airline, token: &str) -> u16 {
    airline.call("GET", "/profile", Some(token), None).await.status.as_u16()
}
