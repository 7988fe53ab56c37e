//! The client.

use std::sync::Arc;

use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::error::Error;
use crate::guard::{Checked, Guard, Resolver, SystemResolver};
use crate::policy::Policy;

/// A whole answer, whatever its status is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response {
    /// Redirects are not followed: 3xx arrives here as well.
    pub status: StatusCode,
    /// As the server sent them.
    pub headers: HeaderMap,
    /// At most as long as the policy permits.
    pub body: Vec<u8>,
}

/// The client. Clones are cheap and share everything.
#[derive(Clone)]
pub struct GuardedClient {
    /// `None` when TLS cannot be set up: then every request fails, rather than going out without the guard.
    client: Option<reqwest::Client>,
    guard: Arc<Guard>,
}

impl std::fmt::Debug for GuardedClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("GuardedClient")
            .field("policy", &self.guard.policy)
            .finish_non_exhaustive()
    }
}

impl GuardedClient {
    /// A client that resolves as this machine does.
    ///
    /// Where TLS cannot be set up (no root certificates), that is logged, and each request ends with [`Error::Failed`].
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::with_resolver(policy, Arc::new(SystemResolver))
    }

    /// Like [`new`](Self::new), with another resolver.
    #[must_use]
    pub fn with_resolver(policy: Policy, resolver: Arc<dyn Resolver>) -> Self {
        let guard = Arc::new(Guard { policy, resolver });
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .timeout(guard.policy.timeout)
            // A kept connection would outlive the check of its address.
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Checked(guard.clone())))
            .user_agent(guard.policy.user_agent.clone())
            .build()
            .inspect_err(|error| tracing::error!(%error, "outgoing requests cannot be made"))
            .ok();
        Self { client, guard }
    }

    /// Whether the policy permits a URL, as far as can be told without resolving its host. Use it where an address is entered,
    /// so that people hear at once what is wrong with it; [`send`](Self::send) checks again.
    ///
    /// # Errors
    /// [`Error::Forbidden`], with what is wrong.
    pub fn check(&self, url: &Url) -> Result<(), Error> {
        self.guard.check(url)
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// When the address is not permitted, or no whole answer came in time. No status is an error.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Response, Error> {
        let max_bytes = self.guard.policy.max_response_bytes;
        self.send_with_limit(max_bytes, method, url, headers, body)
            .await
    }

    /// The same, for an answer of at most this many bytes, whatever the policy says of its length.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_with_limit(
        &self,
        max_bytes: usize,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Response, Error> {
        self.check(url)?;
        let client = self.client.as_ref().ok_or(Error::Failed)?;
        let timeout = self.guard.policy.timeout;
        let exchange = async {
            let request = client
                .request(method, url.clone())
                .headers(headers)
                .body(body);
            let mut response = request.send().await.map_err(|error| self.failure(&error))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let mut body = Vec::new();
            while let Some(chunk) = response
                .chunk()
                .await
                .map_err(|error| self.failure(&error))?
            {
                if body.len() + chunk.len() > max_bytes {
                    return Err(Error::TooLarge { max_bytes });
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Response {
                status,
                headers,
                body,
            })
        };
        // The timeout of reqwest does not count a slow resolver.
        tokio::time::timeout(timeout, exchange)
            .await
            .unwrap_or(Err(Error::TimedOut { timeout }))
    }

    /// The refusal of our own resolver comes back wrapped in reqwest's errors.
    fn failure(&self, error: &reqwest::Error) -> Error {
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(inner) = source {
            match inner.downcast_ref::<Error>() {
                Some(own @ (Error::Forbidden(_) | Error::Unresolved)) => return own.clone(),
                _ => source = inner.source(),
            }
        }
        if error.is_timeout() {
            let timeout = self.guard.policy.timeout;
            Error::TimedOut { timeout }
        } else {
            Error::Failed
        }
    }
}
