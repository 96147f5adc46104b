//! `constant-body ADDRESS BYTES`: answers every GET with the same JSON-sized body.

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(bytes)) = (arguments.next(), arguments.next()) else {
        return Err("usage: constant-body ADDRESS BYTES".into());
    };
    let body = Bytes::from(vec![b'x'; bytes.parse()?]);
    let answer = move || std::future::ready(([(CONTENT_TYPE, "application/json")], body.clone()));
    let router = Router::new().route("/api/v1/search", get(answer));
    axum::serve(tokio::net::TcpListener::bind(address).await?, router).await?;
    Ok(())
}
