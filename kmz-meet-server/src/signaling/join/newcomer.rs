//! From the [`Identity`] of a ticket or an account to what a running conference is told. This is the only conversion.

use kmz_meet_core::room::{self, SeatOwner};

use crate::credentials::{Identity, TicketRole};

/// Somebody who is not taken in by a seat.
pub(super) struct Newcomer {
    /// `None`: they have a name only.
    pub(super) identity: Option<Identity>,
    /// Whether they moderate this room now. A moderator's ticket alone does not say so: the school must have a contract.
    pub(super) moderates: bool,
    /// The device cookie.
    pub(super) device: Option<String>,
}

impl From<Newcomer> for room::Identity {
    fn from(newcomer: Newcomer) -> Self {
        let Newcomer {
            identity,
            moderates,
            device,
        } = newcomer;
        let Some(identity) = identity else {
            return Self::Guest { device };
        };
        match identity.role {
            _ if moderates => Self::Owner {
                user: identity.user.into(),
            },
            // One of many who may have the paper: the conference gives it one place.
            TicketRole::Member if identity.user.is_card() => Self::Card {
                user: identity.user.into(),
                device,
            },
            TicketRole::Guest => Self::Guest { device },
            TicketRole::Invited => Self::Invited { device },
            role @ (TicketRole::Moderator | TicketRole::Member) => Self::Verified {
                user: identity.user.into(),
                device,
                // A moderator who does not moderate this room is on no list of it either.
                listed: role == TicketRole::Member,
                unidentified: identity.unidentified,
            },
        }
    }
}

/// To whom a seat must belong: at a computer that many use, it may be another person's than the one who comes with it.
impl From<&Identity> for SeatOwner {
    fn from(identity: &Identity) -> Self {
        match identity.role {
            TicketRole::Guest => Self::Guest,
            TicketRole::Moderator | TicketRole::Member | TicketRole::Invited => {
                Self::User(identity.user.clone().into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_id::UserId;

    fn taken(role: TicketRole, moderates: bool) -> room::Identity {
        room::Identity::from(Newcomer {
            identity: Some(Identity {
                user: UserId::of_api("s", "4"),
                role,
                unidentified: true,
            }),
            moderates,
            device: Some("d".to_owned()),
        })
    }

    #[test]
    fn newcomer_of_each_role_is_taken_with_what_the_claim_proves() {
        let (user, device) = ("api:s:4".to_owned(), Some("d".to_owned()));
        let verified = |listed| room::Identity::Verified {
            user: user.clone(),
            device: device.clone(),
            listed,
            unidentified: true,
        };
        let owner = room::Identity::Owner { user: user.clone() };
        assert_eq!(taken(TicketRole::Moderator, true), owner);
        assert_eq!(taken(TicketRole::Moderator, false), verified(false));
        assert_eq!(taken(TicketRole::Member, false), verified(true));
        let (invited, guest) = (device.clone(), device.clone());
        assert_eq!(
            taken(TicketRole::Invited, false),
            room::Identity::Invited { device: invited }
        );
        let guest = room::Identity::Guest { device: guest };
        assert_eq!(taken(TicketRole::Guest, false), guest);
        let card = room::Identity::from(Newcomer {
            identity: Some(Identity::of(UserId::of_card("s", "4"), TicketRole::Member)),
            moderates: false,
            device: device.clone(),
        });
        let (user, by) = ("card:s:4".to_owned(), device.clone());
        assert_eq!(card, room::Identity::Card { user, device: by });
        let nobody = Newcomer {
            identity: None,
            moderates: false,
            device: device.clone(),
        };
        assert_eq!(room::Identity::from(nobody), guest);
    }
}
