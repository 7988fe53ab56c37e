//! Requests to addresses that others name: key sets, tokens, class lists, webhooks.
//!
//! Whoever names such an address must not reach what only this machine can reach. So: https only, no names or passwords
//! in the URL, every address that a host resolves to is checked and only checked addresses are connected to, no redirects,
//! no proxy, a small body and little time.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Method, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Largest answer, in bytes.
pub const MAX_BODY: usize = 256 * 1024;
/// Time for all of a request.
pub const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest URL, in bytes.
const MAX_URL: usize = 8 * 1024;

/// What is permitted beyond public https.
#[derive(Clone, Debug, Default)]
pub struct OutgoingPolicy {
    /// Loopback addresses, by http too: for trying things out on one machine.
    pub allow_loopback: bool,
    /// Hosts whose private addresses are meant, such as a Moodle in the same network. Still https.
    pub allowed_hosts: Vec<String>,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// It must be an address of the public internet, by https.
    #[error("the address {0}")]
    Forbidden(&'static str),
    #[error("the host name cannot be resolved")]
    Unresolved,
    #[error("the answer is larger than 256 KiB")]
    TooLarge,
    #[error("there was no whole answer within 5 seconds")]
    TimedOut,
    #[error("the connection failed")]
    Failed,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// From names to addresses; tests play a resolver that changes its mind.
#[async_trait]
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of a host.
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The resolver of this machine.
struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let addresses = tokio::net::lookup_host((host, 0)).await?;
        Ok(addresses.map(|address| address.ip()).collect())
    }
}

/// Makes the requests. Cheap to clone.
#[derive(Clone)]
pub struct Outgoing {
    /// `None` when TLS cannot be set up: then nothing is asked, rather than without the guard.
    client: Option<reqwest::Client>,
    guard: Arc<Guard>,
}

struct Guard {
    policy: OutgoingPolicy,
    resolver: Arc<dyn Resolver>,
}

impl Outgoing {
    /// With the resolver of this machine.
    #[must_use]
    pub fn new(policy: OutgoingPolicy) -> Self {
        Self::with_resolver(policy, Arc::new(SystemResolver))
    }

    /// With a resolver of one's own.
    #[must_use]
    pub fn with_resolver(policy: OutgoingPolicy, resolver: Arc<dyn Resolver>) -> Self {
        let guard = Arc::new(Guard { policy, resolver });
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .timeout(TIMEOUT)
            // A kept connection would outlive the check of its address.
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Checked(guard.clone())))
            .user_agent(concat!("kmz-meet/", env!("CARGO_PKG_VERSION")))
            .build()
            .inspect_err(|error| tracing::error!(%error, "outgoing requests cannot be made"))
            .ok();
        Self { client, guard }
    }

    /// Whether a URL may be asked at all, as far as can be told without resolving its host.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, url: &Url) -> Result<(), OutgoingError> {
        self.guard.check(url)
    }

    /// Asks.
    ///
    /// # Errors
    /// When the address is not permitted, or no whole answer came in time. Any status is an answer.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, OutgoingError> {
        self.check(url)?;
        let client = self.client.as_ref().ok_or(OutgoingError::Failed)?;
        let asking = async {
            let request = client
                .request(method, url.clone())
                .headers(headers)
                .body(body);
            let mut response = request.send().await.map_err(|error| failure(&error))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
                if body.len() + chunk.len() > MAX_BODY {
                    return Err(OutgoingError::TooLarge);
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer {
                status,
                headers,
                body,
            })
        };
        // Slow resolving counts as well.
        tokio::time::timeout(TIMEOUT, asking)
            .await
            .unwrap_or(Err(OutgoingError::TimedOut))
    }
}

/// The refusal of our own resolver comes back wrapped in the client's errors.
fn failure(error: &reqwest::Error) -> OutgoingError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = source {
        match inner.downcast_ref::<OutgoingError>() {
            Some(OutgoingError::Forbidden(what)) => return OutgoingError::Forbidden(what),
            Some(OutgoingError::Unresolved) => return OutgoingError::Unresolved,
            _ => source = inner.source(),
        }
    }
    if error.is_timeout() {
        OutgoingError::TimedOut
    } else {
        OutgoingError::Failed
    }
}

impl Guard {
    fn check(&self, url: &Url) -> Result<(), OutgoingError> {
        let forbidden = |what| Err(OutgoingError::Forbidden(what));
        if url.as_str().len() > MAX_URL {
            return forbidden("is too long");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return forbidden("has a user name or a password in it");
        }
        let Some(host) = url.host() else {
            return forbidden("has no host");
        };
        let local = match &host {
            Host::Domain(name) => is_localhost(name),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if local && self.policy.allow_loopback => {}
            _ => return forbidden("must begin with https://"),
        }
        match host {
            Host::Domain(name) => self.check_name(name),
            Host::Ipv4(address) => self.check_address(&address.to_string(), address.into()),
            Host::Ipv6(address) => self.check_address(&format!("[{address}]"), address.into()),
        }
    }

    fn check_name(&self, name: &str) -> Result<(), OutgoingError> {
        if is_localhost(name) && !self.policy.allow_loopback && !self.is_allowed(name) {
            return Err(OutgoingError::Forbidden("is of this machine"));
        }
        // URLs permit more signs in hosts than any name on the internet has; they mean things where addresses are listed.
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if !name.bytes().all(fits) {
            return Err(OutgoingError::Forbidden(
                "has signs in its host that no host has",
            ));
        }
        Ok(())
    }

    fn check_address(&self, host: &str, address: IpAddr) -> Result<(), OutgoingError> {
        let fine = is_public(address)
            || (self.policy.allow_loopback && address.is_loopback())
            || self.is_allowed(host);
        if fine {
            Ok(())
        } else {
            Err(OutgoingError::Forbidden(
                "is private or special; the operator can permit its host",
            ))
        }
    }

    fn is_allowed(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.policy
            .allowed_hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host))
    }

    /// One bad address refuses all: a host that has some is up to something.
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, OutgoingError> {
        let addresses = self.resolver.resolve(host).await;
        let addresses = addresses.map_err(|_| OutgoingError::Unresolved)?;
        if addresses.is_empty() {
            return Err(OutgoingError::Unresolved);
        }
        for address in &addresses {
            self.check_address(host, *address)?;
        }
        Ok(addresses)
    }
}

/// Gives the client only addresses that were checked; it connects to these and no others.
struct Checked(Arc<Guard>);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let addresses = guard.resolve(name.as_str()).await?;
            let addresses: Addrs = Box::new(
                addresses
                    .into_iter()
                    .map(|address| SocketAddr::new(address, 0)),
            );
            Ok(addresses)
        })
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

/// Whether an address is one of the public internet, by the special-purpose registries (RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let (first, second) = (parts[0], parts[1]);
    // IPv4 in IPv6, in whichever way, is a way round the list above: none of it is needed.
    let carries_v4 = parts[..4] == [0; 4]
        || (first == 0x64 && second == 0xff9b)
        || first == 0x2002
        || (first == 0x2001 && second == 0)
        || (parts[4] == 0 && parts[5] == 0x5efe);
    // 2000::/3 is what is given out; the protocol, documentation and benchmark ranges in it are not.
    let given_out = first & 0xe000 == 0x2000;
    let special =
        (first == 0x2001 && (second < 0x200 || second == 0xdb8)) || first & 0xfff0 == 0x3ff0;
    given_out && !carries_v4 && !special
}
