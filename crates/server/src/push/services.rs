//! The push services that are called, with a circuit for each.

use kernel::Category;
use platform::breaker::{self, Breaker};
use platform::config;
use platform::http::Problem;
use url::Url;

/// A service of browsers.
struct Service {
    /// A host, or `*.` and what hosts end with.
    pattern: String,
    circuit: Breaker,
}

/// Those that are called. Everybody with an account says where pushes are to go: what is not one of these is refused.
pub(super) struct Services(Vec<Service>);

impl Services {
    pub(super) fn new(config: &config::Push, breakers: &config::Breakers) -> Self {
        let settings = breaker::Settings::from(breakers).for_receivers();
        let service = |pattern: &String| Service {
            pattern: pattern.to_ascii_lowercase(),
            circuit: Breaker::new(format!("push {pattern}"), settings),
        };
        Self(config.services.iter().map(service).collect())
    }

    /// Whether there is any.
    pub(super) fn are_there(&self) -> bool {
        !self.0.is_empty()
    }

    /// The circuit of the service that serves a URL; 422 `push_service_unknown` for one of somebody else.
    pub(super) fn circuit(&self, endpoint: &str) -> Result<&Breaker, Problem> {
        let host = Url::parse(endpoint).ok().and_then(|url| url.host_str().map(str::to_owned));
        let serves = |service: &&Service| host.as_deref().is_some_and(|host| is_of(host, &service.pattern));
        let unknown = || {
            Problem::new(Category::Unprocessable, "push_service_unknown")
                .arg("services", self.0.iter().map(|one| one.pattern.as_str()).collect::<Vec<_>>().join(", "))
                .field("endpoint")
        };
        self.0.iter().find(serves).map(|service| &service.circuit).ok_or_else(unknown)
    }
}

/// Whether a host is what a pattern names. The parser writes hosts in lower case.
fn is_of(host: &str, pattern: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(end) => host.len() > end.len() && host.ends_with(end),
        None => host == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(endpoint: &str) -> bool {
        let services = Services::new(&config::Push::default(), &config::Breakers::default());
        services.circuit(endpoint).is_ok()
    }

    #[test]
    fn the_services_of_browsers_are_known() {
        for endpoint in [
            "https://fcm.googleapis.com/fcm/send/dQ:APA91b",
            "https://FCM.googleapis.com/wp/dQ",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
            "https://web.push.apple.com/QGu",
            "https://wns2-par02p.notify.windows.com/w/?token=BQ",
        ] {
            assert!(knows(endpoint), "{endpoint}");
        }
    }

    #[test]
    fn whoever_looks_like_one_is_not() {
        for endpoint in [
            "https://push.example.com/fcm.googleapis.com",
            "https://fcm.googleapis.com.example.com/",
            "https://evilfcm.googleapis.com/",
            "https://notpush.apple.com/",
            "https://push.apple.com/",
            "https://.push.apple.com/",
            "https://169.254.169.254/latest",
            "fcm.googleapis.com",
            "",
        ] {
            assert!(!knows(endpoint), "{endpoint}");
        }
    }
}
