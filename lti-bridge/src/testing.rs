//! What fuzzers and tests reach into. Nothing here is for production, and nothing here is promised.

pub use crate::claims::{
    Audience, Claims, ContextClaim, DeepLinkingClaim, GradesClaim, NamesClaim, PresentationClaim,
    ResourceLinkClaim, parse as parse_claims,
};
pub use crate::keyset::{KeySetError, count_keys};
