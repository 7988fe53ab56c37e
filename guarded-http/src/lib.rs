//! An HTTP client for addresses that others name: webhooks, key sets, callbacks, pictures to fetch.
//!
//! A stranger who names an address must not reach what only this machine can reach: its loopback, its private network, the
//! metadata service of its cloud (server-side request forgery, CWE-918). So [`GuardedClient`]
//!
//! * asks by https only, and takes no user name or password in a URL;
//! * checks *every* address that a host resolves to, and connects only to those that it checked, so a name server that changes
//!   its answer between check and connection (DNS rebinding) gains nothing;
//! * knows the special-purpose registries (RFC 6890) and every way to write IPv4 within IPv6: see [`is_public`];
//! * follows no redirect, uses no proxy, keeps no connection;
//! * reads a bounded body in bounded time.
//!
//! A [`Policy`] permits more where a deployment needs it: hosts of its own network, loopback for trials, other limits.
//!
//! ```no_run
//! # async fn run() -> Result<(), guarded_http::Error> {
//! use guarded_http::{GuardedClient, Policy};
//! use http::{HeaderMap, Method};
//!
//! let client = GuardedClient::new(Policy::default());
//! let url = url::Url::parse("https://example.com/hook").expect("a URL");
//! let response = client
//!     .send(Method::POST, &url, HeaderMap::new(), b"{}".to_vec())
//!     .await?;
//! println!("{}", response.status);
//! # Ok(())
//! # }
//! ```
//!
//! The crate has no features. TLS is rustls with the platform's root certificates; [`http`] and [`url`] are part of the
//! interface and therefore re-exported.

#![warn(missing_docs)]

mod address;
mod client;
mod error;
mod guard;
mod policy;

pub use address::is_public;
pub use client::{GuardedClient, Response};
pub use error::Error;
pub use guard::Resolver;
pub use http;
pub use policy::Policy;
pub use url;
