//! The name of somebody who comes in, and who vouches for it.

use kmz_meet_core::room::DisplayName;

use super::request::{Frame, JoinRequest};

/// A name, and whether the person typed it. Nobody vouches for a typed name, even if somebody vouches for the person.
pub(super) struct Naming {
    pub(super) name: DisplayName,
    pub(super) typed: bool,
}

/// The name in the ticket or the account, or else the one that the person typed. `None`: the client must ask for one.
pub(super) fn naming(request: &JoinRequest, frame: Frame) -> Option<Naming> {
    let given = match (request.ticket(), request.user(frame)) {
        (Some(ticket), _) => ticket.name.as_deref(),
        (None, user) => user.map(|user| user.name.as_str()),
    };
    let known = given.and_then(DisplayName::of);
    let typed = known.is_none();
    let name = known.or_else(|| DisplayName::typed(&request.name))?;
    Some(Naming { name, typed })
}
