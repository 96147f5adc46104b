//! What keeps one caller from harming the others: limits, room under load, the shape of requests, addresses, headers.

mod breakers;
mod headers;
mod limits;
mod listener;

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;

/// The request as if it came from there.
fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: IpAddr = address.parse().expect("an address");
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 50_000)));
    request
}
