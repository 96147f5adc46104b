//! Servers of a test that speak TLS under the name `localhost`, with a certificate of the tests' own authority.

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tower::ServiceExt;

/// The path of one of the files that such servers and their clients have: `ca.pem` is the authority's certificate.
pub(crate) fn fixture(name: &str) -> String {
    format!("{}/tests/it/support/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Serves these routes there, until the test's runtime ends.
pub(crate) fn serve_protected(listener: TcpListener, router: Router) {
    let acceptor = testkit::tls::acceptor(fixture("receiver.pem").as_ref(), fixture("receiver.key").as_ref());
    let acceptor = acceptor.expect("TLS");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, router) = (acceptor.clone(), router.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(move |request| router.clone().oneshot(request));
                let _served = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}
