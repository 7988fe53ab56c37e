//! Providers of sign-ins by OpenID Connect: what a school has of them, where they are, and what their tokens say of a person.
//! No pages and no accounts.

mod authority;
mod discovery;
mod id_token;
mod person;
mod provider;
mod shown;

pub use authority::{Login, NotGiven, Relying};
pub use discovery::{Discoveries, Metadata, Unreachable};
pub use id_token::Distrust;
pub use person::{NoPerson, Person, PersonRole};
pub use provider::{
    Claims, MAX_PROVIDERS_OF_SCHOOL, SignInProvider, SigningAlgorithm, TooManyProviders, add,
    change, client_secret, delete, sealed_secret, unlink,
};
pub use shown::{Shown, ShownProvider};
