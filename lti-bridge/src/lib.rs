//! An LTI 1.3 Advantage tool as an axum router.
//!
//! A platform (Moodle and its like) launches a person from a course: [`Bridge`] verifies the launch and asks the host's
//! [`LaunchHandler`] where to send the browser. What must be kept is kept by the host's [`Store`]. What launches lead to is the
//! host's business: here it is a [`ContentItem`] with an id and a title.
//!
//! ```
//! use std::sync::Arc;
//!
//! use async_trait::async_trait;
//! use lti_bridge::guarded_http::{GuardedClient, Policy};
//! use lti_bridge::{
//!     Bridge, ContentItem, Launch, LaunchHandler, MemoryStore, Refused, Settings, SigningKey, Words,
//! };
//! use url::Url;
//!
//! struct Pages;
//!
//! #[async_trait]
//! impl LaunchHandler for Pages {
//!     async fn open(&self, launch: &Launch) -> Result<Url, Refused> {
//!         let name = launch.name.as_deref().unwrap_or("nobody");
//!         println!("{name} comes in as {:?}", launch.role);
//!         Ok(Url::parse("https://app.example/welcome").expect("an address of ours"))
//!     }
//!
//!     async fn create_content_item(&self, _: &Launch, title: &str) -> Result<ContentItem, Refused> {
//!         Ok(ContentItem { id: "1".to_owned(), title: title.to_owned() })
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::new(
//!     Url::parse("https://app.example/lti")?,
//!     "My app",
//!     Words::new("Was sie tut", "What it does"),
//!     SigningKey::random()?,
//! );
//! let tool = Bridge::new(
//!     settings,
//!     Arc::new(MemoryStore::default()),
//!     Arc::new(Pages),
//!     GuardedClient::new(Policy::default()),
//! );
//! let app: axum::Router = axum::Router::new().nest("/lti", tool.router());
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! # A launch
//!
//! `login` (third-party initiated login; LTI security framework 1.0, 5.1.1) → the platform's sign-in → `launch` (verifies state,
//! browser, signature and claims, each once) → [`LaunchHandler::open`] → the browser goes there. Beside it: Deep Linking 2.0
//! (`deep_linking`), Dynamic Registration 1.0 (`registration`), class lists and gradebooks ([`Bridge::members`],
//! [`Bridge::line_item`], [`Bridge::send_score`]).
//!
//! Points in time are [`NumericDate`]s. Pages speak German and English.
//!
//! # Features
//!
//! * `testing`: for fuzzers and tests: a platform's key, a browser that launches, the readers of tokens and key sets. Off by
//!   default, not for production.

#![warn(missing_docs)]

mod claims;
mod deep_linking;
mod form;
mod handler;
mod html;
mod ids;
pub mod json;
mod keys;
mod keyset;
mod launch;
mod login;
mod model;
mod numeric_date;
mod origin;
mod pages;
mod random;
mod refusal;
mod registered_page;
mod registration;
mod router;
pub mod scopes;
mod services;
mod settings;
mod setup_page;
mod signed;
mod spent;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod tokens;
mod tool;
mod words;

pub use guarded_http;
pub use handler::{ContentItem, LaunchHandler, Refused};
pub use html::{STYLESHEET, escape_html};
pub use ids::{is_hashed, kept_id};
pub use keys::KeyError;
pub use model::{
    AssignmentAndGradeService, Context, Launch, Member, MembershipService, Platform, PlatformState,
    ResourceLink, Role, Score,
};
pub use numeric_date::NumericDate;
pub use origin::{NoOrigin, WebOrigin};
pub use random::NoRandomness;
pub use services::ServiceError;
pub use settings::{Settings, Wording};
pub use signed::SigningKey;
pub use store::{AddPlatformError, Invitation, MemoryStore, Store, StoreError, ToolKey};
pub use tool::{Bridge, Clock};
pub use words::Words;
