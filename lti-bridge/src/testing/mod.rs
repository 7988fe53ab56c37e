//! For fuzzers and tests: a platform's key, a browser that launches, and the readers of what strangers send. Nothing here is for
//! production, and nothing here is promised.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod browser;
mod platform_key;

pub use browser::{Browser, Login};
pub use platform_key::PlatformKey;

pub use crate::claims::{
    Audience, Claims, ContextClaim, DeepLinkingClaim, GradesClaim, NamesClaim, PresentationClaim,
    ResourceLinkClaim, parse as parse_claims,
};
pub use crate::keyset::{KeySetError, count_keys};

/// What the names of LTI's own claims begin with (LTI 1.3 core, 5.3).
pub const CLAIM: &str = "https://purl.imsglobal.org/spec/lti/claim";
/// What the URIs of roles begin with (LTI 1.3 core, A.2).
pub const ROLES: &str = "http://purl.imsglobal.org/vocab/lis/v2";
