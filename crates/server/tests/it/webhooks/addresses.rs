//! Where webhooks do not go, and that they do go over TLS. The ranges are a table in `webhooks/address.rs`.

use std::sync::Arc;

use ::platform::config::Config;
use ::platform::keys::KeyFile;
use ::platform::random::Random;
use kernel::Clock;
use serde_json::json;
use server::App;
use server::webhooks::api as webhooks;
use tokio::net::TcpListener;

use super::Scene;
use super::receiver::Receiver;
use crate::support::Airline;
use crate::support::protected::{fixture, serve_protected};

#[tokio::test]
async fn internal_addresses_are_refused_when_a_webhook_is_added() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    let add = |url: String| {
        let (airline, admin) = (&airline, &admin);
        async move {
            let body = json!({"url": url, "events": ["*"]});
            airline.call("POST", "/admin/webhooks", Some(admin), Some(body)).await
        }
    };
    for (url, reason) in [
        (format!("http://127.0.0.1:{port}/"), "not_https"),
        (format!("https://127.0.0.1:{port}/"), "address_refused"),
        (format!("https://[::1]:{port}/"), "address_refused"),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), "address_refused"),
        ("https://169.254.169.254/latest/meta-data/".to_owned(), "address_refused"),
        ("https://10.1.2.3/".to_owned(), "address_refused"),
        ("https://2130706433/".to_owned(), "address_refused"),
        // A name, which the resolver of this machine takes for itself.
        (format!("https://localhost:{port}/"), "address_refused"),
        ("https://nobody.invalid/".to_owned(), "name_not_found"),
        ("https://someone:secret@hooks.example.com/".to_owned(), "credentials_in_url"),
    ] {
        let refused = add(url.clone()).await.expect(422);
        assert_eq!(
            (refused.code(), refused.text("/reason").as_str()),
            ("webhook_url_refused", reason),
            "{url}"
        );
    }
    assert!(receiver.received().is_empty());
    assert_eq!(airline.count("SELECT count(*) FROM webhook_endpoints").await, 0);
}

/// What was a public address when the webhook was added may be an internal one at any try.
#[tokio::test]
async fn internal_addresses_are_refused_at_each_try() {
    let scene = Scene::new().await;
    let mut ids = Vec::new();
    for url in [
        format!("http://127.0.0.1:{}/ok", scene.receiver.address.port()),
        format!("https://127.0.0.1:{}/ok", scene.receiver.address.port()),
        format!("https://localhost:{}/ok", scene.receiver.address.port()),
    ] {
        let added = scene.call("POST", "", Some(json!({"url": url, "events": ["*"]}))).await.expect(201);
        ids.push(added.text("/webhook/id"));
    }
    scene.confirm(1, 1).await;
    scene.relay().await;
    // Another process of the same airline, with the setting of production.
    let config =
        Config { webhooks: ::platform::config::Webhooks::default(), ..scene.airline.app.config.clone() };
    let clock = Arc::clone(&scene.airline.clock) as Arc<dyn Clock>;
    let strict = scene.airline.app_with(config, clock);
    assert_eq!(webhooks::send_due(&strict).await.expect("tried"), 3);
    assert!(scene.receiver.received().is_empty(), "nothing was connected to");
    for (id, error) in ids.iter().zip(["not_https", "address_refused", "address_refused"]) {
        let delivery = scene.deliveries(id).await.remove(0);
        assert_eq!(delivery["attempts"][0]["error"], error);
        assert_eq!(delivery["status"], "pending", "it may be public again");
    }
}

async fn tls_receiver() -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let (receiver, router) = Receiver::at(listener.local_addr().expect("an address"));
    serve_protected(listener, router);
    receiver
}

#[tokio::test]
async fn webhooks_go_over_tls_to_whom_the_certificate_names() {
    let receiver = tls_receiver().await;
    let port = receiver.address.port();
    for (ca_file, host, error) in [
        (fixture("ca.pem"), "localhost", json!(null)),
        (fixture("ca.pem"), "127.0.0.1", json!("tls")),
        (String::new(), "localhost", json!("tls")),
    ] {
        let scene = Scene::with(|config| config.webhooks.ca_file = ca_file).await;
        let body = json!({"url": format!("https://{host}:{port}/ok"), "events": ["*"]});
        let id = scene.call("POST", "", Some(body)).await.expect(201).text("/webhook/id");
        let pinged = scene.call("POST", &format!("/{id}/ping"), None).await.expect(200);
        assert_eq!(pinged.json["attempts"][0]["error"], error, "{host}");
    }
    assert_eq!(receiver.received().len(), 1, "only the one that could be verified got anything");
    assert_eq!(receiver.received()[0].header("host"), format!("localhost:{port}"));
}

#[tokio::test]
async fn a_file_of_certificates_that_is_none_stops_the_start() {
    let airline = Airline::new().await;
    for (file, says) in
        [("/nonexistent.pem", "webhooks.ca_file /nonexistent.pem"), (&fixture("../mod.rs"), "")]
    {
        let mut config = airline.app.config.clone();
        config.webhooks.ca_file = file.to_owned();
        let clock = Arc::clone(&airline.clock) as Arc<dyn Clock>;
        let started = App::new(config, KeyFile::generate(Random), clock);
        let error = started.err().map(|error| format!("{error:#}"));
        assert!(error.as_ref().is_some_and(|error| error.contains(says)), "{file}: {error:?}");
    }
}
