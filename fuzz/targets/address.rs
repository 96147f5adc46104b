//! `X-Forwarded-For`: whoever calls is never taken for a proxy of ours, and never for what stands left of an address nobody vouches for.

#![no_main]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::LazyLock;

use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use platform::http::client_address::{ClientAddress, TrustedProxies};

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

static TRUSTED: LazyLock<TrustedProxies> = LazyLock::new(|| TrustedProxies::new(&[PROXY]));

fn seen(values: &[&[u8]], peer: IpAddr) -> Option<IpAddr> {
    let mut request = Request::new(());
    for value in values {
        request.headers_mut().append("x-forwarded-for", HeaderValue::from_bytes(value).ok()?);
    }
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 1)));
    Some(ClientAddress::of(&request, &TRUSTED).0)
}

fuzz_target!(|data: &[u8]| {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let Some(by_proxy) = seen(&lines, PROXY) else { return };
    assert_eq!(seen(&lines, CLIENT), Some(CLIENT), "who is no proxy speaks for itself");
    assert!(!TRUSTED.contains(by_proxy) || by_proxy == PROXY, "{by_proxy}");
    // What the proxy adds at the end counts, whatever the client wrote before.
    let mut added = lines.clone();
    added.push(b"203.0.113.9");
    assert_eq!(seen(&added, PROXY), Some(CLIENT));
});
