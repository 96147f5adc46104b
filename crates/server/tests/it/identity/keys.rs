//! The master key is rotated: everything stays readable, and after a while nothing is left under the old one.

use ::platform::keys::Secret;
use ::platform::random::Random;
use serde_json::json;
use server::identity::api::Role;

use crate::support::{Airline, request, run_job_of, send};

#[tokio::test]
async fn after_a_rotation_nothing_is_left_under_the_old_key() {
    let airline = Airline::with(|config| config.webhooks.allow_private = true).await;
    let admin = airline.admin().await;
    let asha = airline.account("asha@example.com", Role::Traveller).await;
    let hook = json!({"url": "http://127.0.0.1:9/hook", "events": ["flight.*"]});
    airline.call("POST", "/admin/webhooks", Some(&admin), Some(hook)).await.expect(201);
    let sealed =
        "SELECT get_byte(secret_sealed, 1) * 256 + get_byte(secret_sealed, 2)::bigint FROM webhook_endpoints";
    let older = "SELECT count(*) FROM user_keys WHERE master_key = 1";
    assert_eq!((airline.count(older).await, airline.count(sealed).await), (2, 1));

    let mut keys = airline.keys();
    keys.master.insert(2, Secret::new(Random.bytes()));
    let (app, router) = airline.server_with_keys(keys.clone()).await;
    let ask = async || send(router.clone(), request("GET", "/profile", Some(&asha), None, None)).await;
    assert_eq!(ask().await.text("/email"), "asha@example.com", "the old key is read as before");
    assert_eq!(run_job_of(&app, "rewrap_user_keys").await, 2);
    assert_eq!(run_job_of(&app, "reseal_webhook_secrets").await, 1);
    assert_eq!((airline.count(older).await, airline.count(sealed).await), (0, 2));
    assert_eq!(ask().await.text("/email"), "asha@example.com");
    assert_eq!(
        run_job_of(&app, "rewrap_user_keys").await + run_job_of(&app, "reseal_webhook_secrets").await,
        0
    );

    // The old key is taken out of the file, and nobody needs it.
    keys.master.remove(&1);
    let (app, router) = airline.server_with_keys(keys).await;
    let seen = send(router, request("GET", "/profile", Some(&asha), None, None)).await;
    assert_eq!(seen.text("/email"), "asha@example.com");
    assert_eq!(run_job_of(&app, "rewrap_user_keys").await, 0);
    // A process that has only the old one reads nothing.
    assert_eq!(airline.call("GET", "/profile", Some(&asha), None).await.status, 500);
}
