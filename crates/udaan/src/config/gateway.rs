//! What cannot be about the payment gateway and the fields that cards are typed into.

use platform::config::{CardFields, Config, Mode};

/// What Stripe calls the environments of its keys: `sk_live_…`, `pk_test_…`.
const LIVE: &str = "_live_";
const TEST: &str = "_test_";

/// # Errors
/// Says which setting to change, and to what.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    let (gateway, is_demo) = (&config.gateway, config.mode == Mode::Demo);
    anyhow::ensure!(
        gateway.publishable_key.starts_with("pk_"),
        "gateway.publishable_key begins with pk_: everybody is shown it, and what begins otherwise may be a secret"
    );
    match config.card_fields() {
        CardFields::Own => anyhow::ensure!(
            is_demo && !gateway.is_stripe(),
            "gateway.fields = \"own\" has card numbers typed into our page, which is for test numbers in a demo with the test gateway; \
             for cards that can be charged set gateway.url = \"https://api.stripe.com\" and gateway.fields = \"stripe\""
        ),
        CardFields::Stripe => anyhow::ensure!(
            is_demo || gateway.is_stripe(),
            "gateway.fields = \"stripe\" makes tokens at Stripe, of which another gateway knows nothing; set gateway.url = \
             \"https://api.stripe.com\", or gateway.fields = \"none\""
        ),
        CardFields::None => {}
    }
    if gateway.is_stripe() { check_stripe(config, is_demo) } else { Ok(()) }
}

fn check_stripe(config: &Config, is_demo: bool) -> anyhow::Result<()> {
    let (secret, shown) = (&config.gateway.secret_key, &config.gateway.publishable_key);
    let is_ours = secret == "sk_test_udaan" || shown == "pk_test_udaan";
    let is_secret = secret.starts_with("sk_") || secret.starts_with("rk_");
    anyhow::ensure!(
        is_secret && !is_ours,
        "gateway.secret_key and gateway.publishable_key are Stripe's own (sk_ or rk_, and pk_) where gateway.url is Stripe; its dashboard \
         shows them"
    );
    let is_live = secret.contains(LIVE);
    anyhow::ensure!(
        (is_live && shown.contains(LIVE)) || (secret.contains(TEST) && shown.contains(TEST)),
        "gateway.secret_key and gateway.publishable_key are of one environment, both live or both test"
    );
    anyhow::ensure!(
        !is_live || !is_demo,
        "a demo moves no money: Stripe's live keys are for mode = \"production\""
    );
    // Stripe.js takes real cards on no other page.
    anyhow::ensure!(
        !is_live
            || config.card_fields() != CardFields::Stripe
            || config.http.public_url.starts_with("https://"),
        "http.public_url is https:// where Stripe's fields take real cards"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use platform::config::{Gateway, Http};

    use super::*;

    fn refused(mode: Mode, gateway: Gateway, public_url: &str) -> Option<String> {
        let http = Http { public_url: public_url.into(), ..Http::default() };
        check(&Config { mode, gateway, http, ..Config::default() }).err().map(|error| error.to_string())
    }

    fn stripe(secret: &str, shown: &str) -> Gateway {
        Gateway {
            url: "https://api.stripe.com".into(),
            secret_key: secret.into(),
            publishable_key: shown.into(),
            ..Gateway::default()
        }
    }

    #[test]
    fn numbers_of_cards_are_typed_into_our_page_in_a_demo_alone() {
        let own = || Gateway { fields: Some(CardFields::Own), ..Gateway::default() };
        assert_eq!(refused(Mode::Demo, own(), ""), None);
        let said = refused(Mode::Production, own(), "").expect("refused");
        assert!(said.contains("gateway.fields = \"stripe\""), "{said}");
        let at_stripe = Gateway { fields: Some(CardFields::Own), ..stripe("sk_test_a", "pk_test_a") };
        assert!(refused(Mode::Demo, at_stripe, "").is_some());
    }

    #[test]
    fn tokens_of_stripe_are_for_stripe_and_for_a_rehearsal() {
        let fields = |fields| Gateway { fields: Some(fields), ..Gateway::default() };
        assert_eq!(refused(Mode::Demo, fields(CardFields::Stripe), ""), None);
        let said = refused(Mode::Production, fields(CardFields::Stripe), "").expect("refused");
        assert!(said.contains("gateway.url"), "{said}");
        assert_eq!(refused(Mode::Production, fields(CardFields::None), ""), None);
        assert_eq!(refused(Mode::Production, Gateway::default(), ""), None);
    }

    #[test]
    fn keys_of_stripe_fit_each_other_the_mode_and_the_page() {
        let (https, http) = ("https://fly.example", "http://fly.example");
        for (mode, secret, shown, page, word) in [
            (Mode::Production, "sk_live_a", "pk_live_a", https, None),
            (Mode::Production, "rk_live_a", "pk_live_a", https, None),
            (Mode::Production, "sk_test_a", "pk_test_a", http, None),
            (Mode::Demo, "sk_test_a", "pk_test_a", http, None),
            (Mode::Production, "sk_live_a", "pk_live_a", http, Some("http.public_url")),
            (Mode::Demo, "sk_live_a", "pk_live_a", https, Some("production")),
            (Mode::Production, "sk_live_a", "pk_test_a", https, Some("one environment")),
            (Mode::Production, "sk_live_a", "sk_live_a", https, Some("begins with pk_")),
            (Mode::Production, "pk_live_a", "pk_live_a", https, Some("gateway.secret_key")),
            (Mode::Production, "sk_test_udaan", "pk_test_udaan", https, Some("Stripe's own")),
        ] {
            let said = refused(mode, stripe(secret, shown), page);
            assert_eq!(said.is_some(), word.is_some(), "{secret} {shown} {said:?}");
            assert!(said.zip(word).is_none_or(|(said, word)| said.contains(word)), "{secret} {shown}");
        }
    }
}
