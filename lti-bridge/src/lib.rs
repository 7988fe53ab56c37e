//! An LTI 1.3 Advantage tool as an axum router.
//!
//! A platform (Moodle and its like) launches a person into a room: [`Bridge`] verifies the launch and asks the
//! [`RoomOpener`] where to send the browser. What has to be kept is kept by a [`Store`]. The bridge knows nothing of rooms
//! or of how they are held; `examples/lti-in-another-app` mounts it in a program of a few lines.
//!
//! The walk of a launch: `login` (third-party initiated login) → the platform → `launch` (verify everything, once) →
//! [`RoomOpener::open`] → the browser goes there. Beside it: Deep Linking (`deep_linking`), Dynamic Registration
//! (`registration`), class lists and results (`services`), and the guarded HTTP client for all of it ([`outgoing`]).

pub mod claims;
mod deep_linking;
mod form;
mod handler;
mod ids;
pub mod json;
mod keys;
mod keyset;
mod launch;
mod login;
mod model;
mod numeric_date;
mod origin;
pub mod outgoing;
mod pages;
mod random;
mod refusal;
mod registration;
mod router;
pub mod scopes;
mod services;
mod setup_page;
mod signed;
mod spent;
mod store;
mod tokens;
mod tool;

pub use handler::{Refused, RoomChoice, RoomOpener};
pub use ids::{is_hashed, kept_id};
pub use keys::KeyError;
pub use keyset::{KeySetError, count_keys};
pub use model::{
    Context, GradeService, Launch, Member, NamesService, Platform, PlatformState, ResourceLink,
    Role, Score, role_of,
};
pub use numeric_date::NumericDate;
pub use origin::{NoOrigin, WebOrigin};
pub use random::NoRandomness;
pub use services::ServiceError;
pub use signed::SigningKey;
pub use store::{Invitation, MemoryStore, NotAdded, Store, StoreError, ToolKey};
pub use tool::{Bridge, Clock, Settings, Words};
