//! Who is calling, by address. `X-Forwarded-For` is believed only as far as trusted proxies wrote it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request};

/// The caller's address, put into the request's extensions by the outermost layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address of the peer, or of the client the trusted proxies name.
    pub fn of<B>(request: &Request<B>, trusted: &[IpAddr]) -> Self {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip());
        Self(if trusted.contains(&peer) {
            forwarded(request.headers(), trusted).unwrap_or(peer)
        } else {
            peer
        })
    }
}

/// The last address in `X-Forwarded-For` that is not itself a trusted proxy: everything left of it was written by
/// the client and may be invented.
fn forwarded(headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let values: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let hops: Vec<&str> = values.iter().flat_map(|value| value.split(',')).collect();
    let nearest_first = hops.into_iter().rev().map_while(|hop| hop.trim().parse().ok());
    nearest_first.into_iter().find(|address| !trusted.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(peer: &str, forwarded: &str) -> Request<()> {
        let mut request =
            Request::builder().header("x-forwarded-for", forwarded).body(()).expect("a request");
        let peer: SocketAddr = format!("{peer}:1").parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    }

    #[test]
    fn believes_only_trusted_proxies() {
        let proxy: IpAddr = "10.0.0.1".parse().expect("an address");
        for (peer, header, expected) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, rubbish, 10.0.0.1", "10.0.0.1"),
        ] {
            let found = ClientAddress::of(&request(peer, header), &[proxy]);
            assert_eq!(found.0.to_string(), expected, "{peer} {header}");
        }
    }
}
