//! The guard: checks a URL before anything is resolved, and every address before it is connected to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::address::is_public;
use crate::error::Error;
use crate::policy::Policy;

/// From the name of a host to its addresses. Tests play a resolver that changes its mind.
#[async_trait]
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of a host.
    ///
    /// # Errors
    /// When they cannot be found out.
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The resolver of this machine.
pub(crate) struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let addresses = tokio::net::lookup_host((host, 0)).await?;
        Ok(addresses.map(|address| address.ip()).collect())
    }
}

pub(crate) struct Guard {
    pub(crate) policy: Policy,
    pub(crate) resolver: Arc<dyn Resolver>,
}

impl Guard {
    pub(crate) fn check(&self, url: &Url) -> Result<(), Error> {
        let forbidden = |what| Err(Error::Forbidden(what));
        if url.as_str().len() > self.policy.max_url_bytes {
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

    fn check_name(&self, name: &str) -> Result<(), Error> {
        if is_localhost(name) && !self.policy.allow_loopback && !self.is_allowed(name) {
            return Err(Error::Forbidden("is of this machine"));
        }
        // URLs permit more signs in hosts than any name on the internet has; they mean things where addresses are listed.
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if !name.bytes().all(fits) {
            return Err(Error::Forbidden("has signs in its host that no host has"));
        }
        Ok(())
    }

    fn check_address(&self, host: &str, address: IpAddr) -> Result<(), Error> {
        let fine = is_public(address)
            || (self.policy.allow_loopback && address.is_loopback())
            || self.is_allowed(host);
        if fine {
            Ok(())
        } else {
            Err(Error::Forbidden(
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

    /// One forbidden address refuses the host: a name that leads to both kinds is an attack.
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Error> {
        let addresses = self.resolver.resolve(host).await;
        let addresses = addresses.map_err(|_| Error::Unresolved)?;
        if addresses.is_empty() {
            return Err(Error::Unresolved);
        }
        for address in &addresses {
            self.check_address(host, *address)?;
        }
        Ok(addresses)
    }
}

/// Gives the client only addresses that were checked; it connects to these and no others.
pub(crate) struct Checked(pub(crate) Arc<Guard>);

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
