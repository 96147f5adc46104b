//! How the gateway is reached: over TLS to whom the certificate names, and through the proxy that a setting names.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

const INTENT: &str = r#"{"id": "pi_1", "status": "succeeded"}"#;

fn fixture(name: &str) -> String {
    format!("{}/tests/it/support/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Reads the head of a request and answers that `pi_1` has succeeded.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.is_ok_and(|read| read > 0) {
        head.push(byte[0]);
    }
    let told =
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{INTENT}", INTENT.len());
    // Whoever does not trust us has hung up.
    let _heard = stream.write_all(told.as_bytes()).await;
    let _ended = stream.shutdown().await;
    String::from_utf8_lossy(&head).into_owned()
}

/// A gateway, or a proxy, on a port of its own, with TLS or without; and the heads of the requests it had.
async fn listening(tls: Option<TlsAcceptor>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let head = match &tls {
                None => answer(stream).await,
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => answer(stream).await,
                    Err(_) => continue,
                },
            };
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(head);
        }
    });
    (port, heads)
}

fn acceptor() -> TlsAcceptor {
    testkit::tls::acceptor(fixture("receiver.pem").as_ref(), fixture("receiver.key").as_ref()).expect("TLS")
}

/// The version of the API is ours to choose: an account that was made today has one that refuses what we send.
#[tokio::test]
async fn each_call_says_which_version_of_the_api_it_is_of() {
    let (port, heads) = listening(None).await;
    let found = find(format!("http://127.0.0.1:{port}"), String::new(), String::new()).await;
    assert_eq!(found, Outcome::Succeeded { intent: "pi_1".into() });
    let heads = heads.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(heads.iter().all(|head| head.contains("stripe-version: 2026-07-29.dahlia")), "{heads:?}");
    assert_eq!(heads.len(), 1);
}

async fn find(url: String, ca_file: String, proxy: String) -> Outcome {
    let config = config::Gateway { url, ca_file, proxy, ..config::Gateway::default() };
    GatewayClient::new(&config, &config::Breakers::default()).expect("a client").find("pi_1").await.outcome
}

fn succeeded() -> Outcome {
    Outcome::Succeeded { intent: "pi_1".into() }
}

#[tokio::test]
async fn the_gateway_is_asked_over_tls_if_the_certificate_names_it_and_is_trusted() {
    let (port, heads) = listening(Some(acceptor())).await;
    for (host, ca_file, outcome) in [
        ("localhost", fixture("ca.pem"), succeeded()),
        ("127.0.0.1", fixture("ca.pem"), Outcome::Unknown),
        ("localhost", String::new(), Outcome::Unknown),
    ] {
        assert_eq!(find(format!("https://{host}:{port}"), ca_file, String::new()).await, outcome, "{host}");
    }
    let heads = heads.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(heads.len(), 1, "nobody else was told our key: {heads:?}");
    assert!(heads[0].starts_with("GET /v1/payment_intents/pi_1"), "{heads:?}");
}

/// What `udaan doctor` asks.
#[tokio::test]
async fn a_gateway_that_is_not_trusted_or_not_there_is_told() {
    let (port, _) = listening(Some(acceptor())).await;
    let check = async |url: String, ca_file: String| {
        let config = config::Gateway { url, ca_file, ..config::Gateway::default() };
        GatewayClient::new(&config, &config::Breakers::default())
            .expect("a client")
            .check()
            .await
            .map_err(|error| error.to_string())
    };
    assert_eq!(check(format!("https://localhost:{port}"), fixture("ca.pem")).await, Ok(()));
    for url in [format!("https://localhost:{port}"), "http://127.0.0.1:9".to_owned()] {
        let told = check(url, String::new()).await.expect_err("not content");
        assert!(told.contains("gateway.url, ca_file and proxy"), "{told}");
    }
}

#[tokio::test]
async fn a_proxy_is_used_if_the_setting_names_one() {
    let (port, heads) = listening(None).await;
    let url = "http://gateway.invalid".to_owned();
    assert_eq!(find(url.clone(), String::new(), format!("http://127.0.0.1:{port}")).await, succeeded());
    assert_eq!(find(url, String::new(), String::new()).await, Outcome::Unknown);
    let heads = heads.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with("GET http://gateway.invalid/v1/payment_intents/pi_1"), "{heads:?}");
    let config = config::Gateway { proxy: "::".into(), ..config::Gateway::default() };
    let error =
        GatewayClient::new(&config, &config::Breakers::default()).err().map(|error| format!("{error:#}"));
    assert!(error.is_some_and(|error| error.contains("gateway.proxy is not")));
}

/// The environment belongs to the whole process, so this runs itself again in one that has a proxy in it.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "in its second process the test learns from the environment where the gateway is"
)]
async fn a_proxy_of_the_environment_is_not_used() {
    const GATEWAY: &str = "UDAAN_TEST_GATEWAY_PORT";
    if let Ok(port) = std::env::var(GATEWAY) {
        assert_eq!(find(format!("http://127.0.0.1:{port}"), String::new(), String::new()).await, succeeded());
        return;
    }
    let (gateway, asked) = listening(None).await;
    let (proxy, through) = listening(None).await;
    let mut again = std::process::Command::new(std::env::current_exe().expect("this program"));
    again
        .args(["--exact", "payments::gateway::tests::a_proxy_of_the_environment_is_not_used"])
        .env(GATEWAY, gateway.to_string())
        .env("HTTP_PROXY", format!("http://127.0.0.1:{proxy}"))
        .env("http_proxy", format!("http://127.0.0.1:{proxy}"))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    let status = tokio::task::spawn_blocking(move || again.status()).await.expect("no panic");
    assert!(status.expect("a run").success());
    assert_eq!(asked.lock().unwrap_or_else(PoisonError::into_inner).len(), 1);
    assert_eq!(
        through.lock().unwrap_or_else(PoisonError::into_inner).len(),
        0,
        "money goes where the setting says"
    );
}
