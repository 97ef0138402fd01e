//! Who is at the other end, also when a proxy stands between.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use ipnet::IpNet;

/// Networks whose hosts may say for whom they forward (`--trusted-proxy`).
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    fn sent(&self, req: &HttpRequest) -> bool {
        peer(req).is_some_and(|address| self.contains(address))
    }

    /// The visitor's address: the peer's, or behind a trusted proxy the last address in
    /// `X-Forwarded-For` that is not a trusted proxy's too.
    pub(super) fn client_address(&self, req: &HttpRequest) -> IpAddr {
        let peer = peer(req).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        if !self.contains(peer) {
            return peer;
        }
        let mut client = peer;
        for hop in forwarded_for(req).rev() {
            let Some(address) = hop else { break };
            client = address;
            if !self.contains(address) {
                break;
            }
        }
        client
    }

    /// Whether the visitor came over TLS, as a trusted proxy says.
    pub(super) fn is_https(&self, req: &HttpRequest) -> bool {
        self.sent(req)
            && header(req, "x-forwarded-proto").is_some_and(|p| p.eq_ignore_ascii_case("https"))
    }

    /// The host and port the visitor asked for.
    pub(super) fn host<'a>(&self, req: &'a HttpRequest) -> Option<&'a str> {
        let forwarded = header(req, "x-forwarded-host").filter(|_| self.sent(req));
        forwarded
            .or_else(|| header(req, "host"))
            .or_else(|| req.uri().authority().map(|a| a.as_str()))
    }
}

fn peer(req: &HttpRequest) -> Option<IpAddr> {
    req.peer_addr().map(|address| address.ip().to_canonical())
}

fn header<'a>(req: &'a HttpRequest, name: &str) -> Option<&'a str> {
    req.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// The hops of all `X-Forwarded-For` headers, in order; `None` for what is not an address.
fn forwarded_for(req: &HttpRequest) -> impl DoubleEndedIterator<Item = Option<IpAddr>> {
    let headers: Vec<_> = req.headers().get_all("x-forwarded-for").collect();
    let texts = headers.into_iter().map(|value| value.to_str().unwrap_or_default());
    texts
        .flat_map(|text| text.split(','))
        .map(|hop| hop.trim().parse().ok().map(|ip: IpAddr| ip.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted =
            TrustedProxies(vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        let mut req = TestRequest::default().peer_addr(peer.parse().unwrap());
        for value in forwarded {
            req = req.append_header(("x-forwarded-for", *value));
        }
        trusted.client_address(&req.to_http_request()).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(client("203.0.113.9:1", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1:1", &["198.51.100.1, 203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn trusted_proxies_are_looked_through() {
        assert_eq!(client("10.0.0.1:1", &["203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(client("[::1]:1", &["203.0.113.9", "10.0.0.2"]), "203.0.113.9");
        assert_eq!(client("[::ffff:10.0.0.1]:1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1:1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1:1", &["nonsense"]), "10.0.0.1");
    }
}
