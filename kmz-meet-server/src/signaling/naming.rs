//! What someone is called who comes in, and who says so.

use kmz_meet_core::room::DisplayName;

use super::join_request::Visit;

/// A name, and whether the person typed it: then nobody vouches for it, whoever vouches for the person.
pub(super) struct Naming {
    pub(super) name: DisplayName,
    pub(super) typed: bool,
}

/// The name that the ticket or the account has, or else what the person typed. `None`: they are to be asked.
pub(super) fn naming(visit: &Visit) -> Option<Naming> {
    let given = match (&visit.ticket, visit.user()) {
        (Some(ticket), _) => ticket.name.as_deref(),
        (None, user) => user.map(|user| user.name.as_str()),
    };
    let known = given.and_then(DisplayName::of);
    let typed = known.is_none();
    let name = known.or_else(|| DisplayName::typed(&visit.name))?;
    Some(Naming { name, typed })
}
