//! Who somebody is to one room. A ticket carries an [`Identity`], an account gives one, and the join decision takes it.
//!
//! There are two more types about this, because they answer other questions. `kmz_meet_core::room::Identity` is what a running
//! conference is told, after the contract and the meeting were looked at: it has seats and devices too. One `From` in
//! `signaling::join` makes it from this one. `kmz_meet_core::signal::Role` is what a participant may do now; moderators
//! change it during a conference, and nobody signs it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::user_id::UserId;

/// As what a person comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketRole {
    /// Moderates this room.
    Moderator,
    /// Belongs to the room: neither password nor lobby stands in the way.
    Member,
    /// Neither password nor lobby stands in the way, but the person is on no list, and nobody vouches for the name.
    Invited,
    /// Like a stranger whose name is known.
    Guest,
}

/// Who somebody is to one room, as a ticket or an account says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub user: UserId,
    pub role: TicketRole,
    /// The platform did not say who this is: `user` differs with each ticket.
    pub unidentified: bool,
}

impl Identity {
    /// A person whom the platform identified.
    pub fn of(user: UserId, role: TicketRole) -> Self {
        Self {
            user,
            role,
            unidentified: false,
        }
    }

    /// The holder of an account: a moderator, of the rooms that the account owns.
    pub fn of_account(id: &str) -> Self {
        Self::of(UserId::of_account(id.to_owned()), TicketRole::Moderator)
    }

    /// Whether they come as a moderator.
    pub fn moderates(&self) -> bool {
        self.role == TicketRole::Moderator
    }

    /// The person, if the claim always names the same one. Guests and invited people may be anybody.
    pub fn person(&self) -> Option<&UserId> {
        let is_person = matches!(self.role, TicketRole::Moderator | TicketRole::Member);
        (is_person && !self.unidentified).then_some(&self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn person_of_an_identity_is_known_only_where_a_platform_vouches_for_it() {
        let user = UserId::of_api("s", "4");
        for (role, is_person) in [
            (TicketRole::Moderator, true),
            (TicketRole::Member, true),
            (TicketRole::Invited, false),
            (TicketRole::Guest, false),
        ] {
            let identity = Identity::of(user.clone(), role);
            assert_eq!(identity.person(), is_person.then_some(&user), "{role:?}");
            let unidentified = Identity {
                unidentified: true,
                ..identity
            };
            assert_eq!(unidentified.person(), None, "{role:?}");
        }
    }
}
