//! Where such a call may go: to public addresses by HTTPS, unless a setting (`webhooks.allow_private`) says otherwise.
//!
//! Whoever may enter a URL could otherwise make us call what only we can reach. So the name is resolved by us, each answer
//! is looked at, and the connection goes to the very address that was looked at: a name that resolves otherwise a moment
//! later changes nothing.

use std::net::IpAddr;

use url::{Host, Url};

use super::is_public;

/// Longest URL.
pub(super) const URL_MAX: usize = 2_000;

/// Why nothing is sent to a URL, as a word for programs and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("it must be an absolute URL of at most 2000 characters")]
    Malformed,
    #[error("it must begin with https://")]
    NotHttps,
    #[error("it must have no user name, password or fragment")]
    Credentials,
    #[error("its host is of an internal or special network")]
    Address,
    #[error("its host has no address")]
    NoAddress,
    #[error("it must be at port 443")]
    Port,
}

impl Refused {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "url_malformed",
            Self::NotHttps => "not_https",
            Self::Credentials => "credentials_in_url",
            Self::Address => "address_refused",
            Self::NoAddress => "name_not_found",
            Self::Port => "port_refused",
        }
    }
}

/// A URL that may be asked for, as far as it shows by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: Host,
    pub(super) port: u16,
    pub(super) tls: bool,
    /// Path and query.
    pub(super) path: String,
}

impl Target {
    /// The value of `Host`.
    pub(super) fn authority(&self) -> String {
        let usual = if self.tls { 443 } else { 80 };
        if self.port == usual { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }
}

/// Reads a URL. The parser writes an IPv4 address in any of its disguises (`0x7f.1`, `2130706433`) as an address.
pub(super) fn parse(text: &str, allow_private: bool) -> Result<Target, Refused> {
    let url = Url::parse(text).map_err(|_| Refused::Malformed)?;
    let tls = match url.scheme() {
        "https" => true,
        "http" if allow_private => false,
        _ => return Err(Refused::NotHttps),
    };
    if text.len() > URL_MAX {
        return Err(Refused::Malformed);
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(Refused::Credentials);
    }
    let host = url.host().ok_or(Refused::Malformed)?.to_owned();
    let port = url.port_or_known_default().ok_or(Refused::Malformed)?;
    let path = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    Ok(Target { host, port, tls, path })
}

/// Whether what a name resolved to may be connected to. One internal address among them is enough to refuse: whoever mixes
/// them means to be tried until the internal one is hit.
pub(super) fn check(addresses: &[IpAddr], allow_private: bool) -> Result<(), Refused> {
    if addresses.is_empty() {
        return Err(Refused::NoAddress);
    }
    let may = allow_private || addresses.iter().all(|address| is_public(*address));
    if may { Ok(()) } else { Err(Refused::Address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_addresses_are_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:169.254.169.254]",
            "[::ffff:a00:1]",
            "[::127.0.0.1]",
            "[fe80::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[64:ff9b::7f00:1]",
            "[2001::1]",
            "[2001:db8::1]",
            "[2002:7f00:1::]",
            "[3fff::1]",
            "[100::1]",
        ] {
            let target = parse(&format!("https://{host}/hook"), false).expect(host);
            let address = match target.host {
                Host::Ipv4(address) => IpAddr::V4(address),
                Host::Ipv6(address) => IpAddr::V6(address),
                Host::Domain(name) => panic!("{host} was read as the name {name}"),
            };
            assert_eq!(check(&[address], false), Err(Refused::Address), "{host}");
            assert_eq!(check(&[address], true), Ok(()), "{host}, where private ones are allowed");
        }
    }

    #[test]
    fn public_addresses_are_not() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(check(&[address], false), Ok(()));
        }
    }

    #[test]
    fn one_internal_answer_among_public_ones_refuses_the_name() {
        let (public, internal) = (IpAddr::from([1, 1, 1, 1]), IpAddr::from([10, 0, 0, 1]));
        assert_eq!(check(&[public, internal], false), Err(Refused::Address));
        assert_eq!(check(&[], false), Err(Refused::NoAddress));
        assert_eq!(check(&[], true), Err(Refused::NoAddress));
    }

    #[test]
    fn urls_that_are_none_or_not_https() {
        for (text, refused) in [
            ("https://", Refused::Malformed),
            ("hooks.example.com/x", Refused::Malformed),
            ("http://hooks.example.com/", Refused::NotHttps),
            ("ftp://hooks.example.com/", Refused::NotHttps),
            ("file:///etc/passwd", Refused::NotHttps),
            ("gopher://hooks.example.com/", Refused::NotHttps),
            ("https://user@hooks.example.com/", Refused::Credentials),
            ("https://:secret@hooks.example.com/", Refused::Credentials),
            ("https://hooks.example.com/#x", Refused::Credentials),
        ] {
            assert_eq!(parse(text, false), Err(refused), "{text}");
        }
        let long = format!("https://hooks.example.com/{}", "x".repeat(URL_MAX));
        assert_eq!(parse(&long, false), Err(Refused::Malformed));
        let target = parse("https://hooks.example.com:8443/a/b?c=d", false).expect("a target");
        assert_eq!(
            (target.authority().as_str(), target.path.as_str()),
            ("hooks.example.com:8443", "/a/b?c=d")
        );
        let plain = parse("http://[::1]/", true).expect("a target");
        assert_eq!((plain.authority().as_str(), plain.port, plain.tls), ("[::1]", 80, false));
    }
}
