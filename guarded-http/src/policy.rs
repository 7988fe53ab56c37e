//! The policy of a client.

use std::time::Duration;

use http::HeaderValue;

/// What a client may reach, and its limits. The default permits the public internet by https and nothing else.
///
/// ```
/// use guarded_http::Policy;
///
/// let policy = Policy::default()
///     .allow_hosts(["moodle.school.lan"])
///     .timeout(std::time::Duration::from_secs(10));
/// # let _ = policy;
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) allow_loopback: bool,
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) max_response_bytes: usize,
    pub(crate) max_url_bytes: usize,
    pub(crate) timeout: Duration,
    pub(crate) user_agent: HeaderValue,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow_loopback: false,
            allowed_hosts: Vec::new(),
            max_response_bytes: Self::DEFAULT_MAX_RESPONSE_BYTES,
            max_url_bytes: Self::DEFAULT_MAX_URL_BYTES,
            timeout: Self::DEFAULT_TIMEOUT,
            user_agent: HeaderValue::from_static(concat!(
                "guarded-http/",
                env!("CARGO_PKG_VERSION")
            )),
        }
    }
}

impl Policy {
    /// 256 KiB: enough for key sets, tokens and a page of a class list.
    pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 256 * 1024;
    /// 8 KiB, which is what most servers take.
    pub const DEFAULT_MAX_URL_BYTES: usize = 8 * 1024;
    /// Five seconds, resolving included.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

    /// Permits loopback addresses, by http too: for trials and tests on one machine.
    #[must_use]
    pub fn allow_loopback(mut self, allow: bool) -> Self {
        self.allow_loopback = allow;
        self
    }

    /// Permits hosts whose addresses are private, such as a server in the same network. The scheme is still https. A host is
    /// a name or an address as it stands in URLs (`[fd00::1]` with its brackets), compared without regard to case.
    #[must_use]
    pub fn allow_hosts<T: Into<String>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.allowed_hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Longest body of an answer, in bytes.
    #[must_use]
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// Longest URL, in bytes.
    #[must_use]
    pub fn max_url_bytes(mut self, bytes: usize) -> Self {
        self.max_url_bytes = bytes;
        self
    }

    /// Time for all of a request: resolving, connecting, and the answer to its last byte.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The `User-Agent` of every request (RFC 9110, 10.1.5); the name of this crate where it is not set.
    #[must_use]
    pub fn user_agent(mut self, value: HeaderValue) -> Self {
        self.user_agent = value;
        self
    }
}
