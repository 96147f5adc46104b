//! Who is calling, by address. `X-Forwarded-For` is believed only as far as trusted proxies wrote it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request};

/// The proxies whose word is taken for where a request came from.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpAddr]>);

impl TrustedProxies {
    /// These and no others.
    pub fn new(addresses: &[IpAddr]) -> Self {
        Self(addresses.iter().map(IpAddr::to_canonical).collect())
    }

    /// Whether this is one of them, however the address is written.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

/// The caller's address, put into the request's extensions by the outermost layer. An IPv4 address is never written as IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address of the peer, or of the client the trusted proxies name.
    pub fn of<B>(request: &Request<B>, trusted: &TrustedProxies) -> Self {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip().to_canonical());
        Self(if trusted.contains(peer) {
            forwarded(request.headers(), trusted).unwrap_or(peer)
        } else {
            peer
        })
    }
}

/// The nearest address in `X-Forwarded-For` that is not itself a trusted proxy: everything left of it was written by the client
/// and may be invented. A hop that cannot be read ends the search: what is left of it is nobody's word.
fn forwarded(headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            let address = address(hop.trim())?;
            if !trusted.contains(address) {
                return Some(address);
            }
        }
    }
    None
}

/// An address as proxies write it: bare, with a port, and IPv6 in brackets when there is one.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.parse::<IpAddr>().ok();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    bare.or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

/// Whom an address is counted for: a household has a whole /64 of IPv6 addresses.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn request(peer: &str, forwarded: &[&[u8]]) -> Request<()> {
        let mut request = Request::new(());
        for value in forwarded {
            let value = HeaderValue::from_bytes(value).expect("a header");
            request.headers_mut().append("x-forwarded-for", value);
        }
        let peer: IpAddr = peer.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 1)));
        request
    }

    fn trusted() -> TrustedProxies {
        TrustedProxies::new(
            &["10.0.0.1", "10.0.0.2", "2001:db8::1"].map(|text| text.parse().expect("an address")),
        )
    }

    #[test]
    fn believes_only_trusted_proxies() {
        for (peer, header, expected) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1,10.0.0.2 , 10.0.0.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, rubbish, 10.0.0.1", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "1.1.1.1,", "10.0.0.1"),
            ("10.0.0.1", "unknown", "10.0.0.1"),
            ("10.0.0.1", "10.0.0.2, 10.0.0.1", "10.0.0.1"),
            // IPv6, with ports and brackets, and IPv4 written as IPv6.
            ("2001:db8::1", "2001:db8:9::7", "2001:db8:9::7"),
            ("10.0.0.1", "[2001:db8:9::7]:443", "2001:db8:9::7"),
            ("10.0.0.1", "[2001:db8:9::7]", "2001:db8:9::7"),
            ("10.0.0.1", "198.51.100.1:51234", "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, ::ffff:10.0.0.2", "1.1.1.1"),
            ("::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ] {
            let found = ClientAddress::of(&request(peer, &[header.as_bytes()]), &trusted());
            assert_eq!(found.0.to_string(), expected, "{peer} {header}");
        }
    }

    #[test]
    fn the_last_header_is_the_nearest_and_an_unreadable_one_ends_the_search() {
        let of =
            |headers: &[&[u8]]| ClientAddress::of(&request("10.0.0.1", headers), &trusted()).0.to_string();
        assert_eq!(of(&[b"1.1.1.1", b"198.51.100.1"]), "198.51.100.1");
        assert_eq!(of(&[b"198.51.100.1", b"10.0.0.2"]), "198.51.100.1");
        // Left of bytes that are no text stands what a client may have written.
        assert_eq!(of(&[b"1.1.1.1", b"\xff\xfe", b"10.0.0.2"]), "10.0.0.1");
    }

    proptest! {
        /// Whatever a client writes in front, the address its nearest proxy added is the one that counts.
        #[test]
        fn a_client_cannot_choose_its_address(invented in "[ -~]{0,60}") {
            let header = format!("{invented}, 198.51.100.1");
            let found = ClientAddress::of(&request("10.0.0.1", &[header.as_bytes()]), &trusted());
            prop_assert_eq!(found.0.to_string(), "198.51.100.1");
            let direct = ClientAddress::of(&request("203.0.113.9", &[header.as_bytes()]), &trusted());
            prop_assert_eq!(direct.0.to_string(), "203.0.113.9");
        }
    }
}
