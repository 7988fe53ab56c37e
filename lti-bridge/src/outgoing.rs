//! Former names of [`guarded_http`].
#![doc(hidden)]

pub use guarded_http::{
    Error as OutgoingError, GuardedClient as Outgoing, Policy as OutgoingPolicy, Resolver,
    Response as Answer, is_public,
};
