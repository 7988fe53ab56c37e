//! Who may allocate: the participants of running conferences, each with a password of their own, as long as they are in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::RngExt;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::watch;

use super::address::RelayId;
use crate::sfu::random::token;
use crate::signal::{ParticipantId, Relay};

/// Allocations that one participant holds at the same time: a browser makes one for each of its networks, and a new media
/// session begins before the former one has ended.
pub const MAX_ALLOCATIONS_OF_ONE: usize = 6;
/// Allocations of all.
pub const MAX_ALLOCATIONS: usize = 20_000;
const PASSWORD_LENGTH: usize = 24;

struct User {
    password: String,
    /// Held by each allocation. Those of somebody who left and came again are another's.
    allocations: Arc<()>,
    /// Dropped with the entry: that is how allocations learn of it.
    inside: watch::Sender<()>,
}

#[derive(Default)]
struct Table {
    users: FxHashMap<String, User>,
    relays: FxHashSet<RelayId>,
}

/// See the module.
#[derive(Default)]
pub struct Access {
    table: Mutex<Table>,
}

/// Why there is no allocation (RFC 8656, section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// This person has enough of them: 486.
    Quota,
    /// The server has: 508.
    Capacity,
    /// The person left meanwhile.
    Gone,
}

/// An allocation that is there as long as this value.
pub struct Lease {
    access: Arc<Access>,
    pub id: RelayId,
    /// Closed when the person is not in the conference any more.
    pub inside: watch::Receiver<()>,
    _counted: Arc<()>,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Lease").field(&self.id).finish()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.access.table().relays.remove(&self.id);
    }
}

impl Access {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this participant shows to allocate (long-term credentials, RFC 8489, section 9.2). They stay the same while the
    /// participant is in.
    pub fn credentials(&self, participant: &ParticipantId) -> Relay {
        let mut table = self.table();
        let user = table
            .users
            .entry(participant.0.clone())
            .or_insert_with(|| User {
                password: token(PASSWORD_LENGTH),
                allocations: Arc::default(),
                inside: watch::Sender::new(()),
            });
        Relay {
            username: participant.0.clone(),
            password: user.password.clone(),
        }
    }

    /// The person left: their credentials are dead, their allocations end.
    pub fn remove(&self, participant: &ParticipantId) {
        self.table().users.remove(&participant.0);
    }

    /// The password of this user.
    #[must_use]
    pub fn password(&self, username: &str) -> Option<String> {
        self.table()
            .users
            .get(username)
            .map(|user| user.password.clone())
    }

    /// A free allocation for this user, who has shown the password.
    ///
    /// # Errors
    /// When there are enough.
    pub fn allocate(self: &Arc<Self>, username: &str) -> Result<Lease, Full> {
        let mut table = self.table();
        let Table { users, relays } = &mut *table;
        let user = users.get(username).ok_or(Full::Gone)?;
        // The table holds one more.
        if Arc::strong_count(&user.allocations) > MAX_ALLOCATIONS_OF_ONE {
            return Err(Full::Quota);
        }
        if relays.len() >= MAX_ALLOCATIONS {
            return Err(Full::Capacity);
        }
        // Less than a third of the numbers is in use.
        let id = loop {
            let id = RelayId(rand::rng().random_range(1_024..=u16::MAX));
            if relays.insert(id) {
                break id;
            }
        };
        Ok(Lease {
            access: self.clone(),
            id,
            inside: user.inside.subscribe(),
            _counted: user.allocations.clone(),
        })
    }

    /// Allocations that there are.
    #[must_use]
    pub fn allocations(&self) -> usize {
        self.table().relays.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> ParticipantId {
        ParticipantId("anna".into())
    }

    #[test]
    fn credentials_of_a_participant_who_left_are_dead() {
        let access = Arc::new(Access::default());
        let first = access.credentials(&anna());
        assert_eq!(access.credentials(&anna()), first, "the same while inside");
        assert_eq!(access.password("anna"), Some(first.password.clone()));
        let lease = access.allocate("anna").expect("an allocation");
        access.remove(&anna());
        assert!(lease.inside.has_changed().is_err(), "it is told");
        assert_eq!(access.password("anna"), None);
        assert!(matches!(access.allocate("anna"), Err(Full::Gone)));
        assert_ne!(
            access.credentials(&anna()),
            first,
            "others when they come again"
        );
    }

    #[test]
    fn quota_counts_what_is_held_at_the_same_time() {
        let access = Arc::new(Access::default());
        access.credentials(&anna());
        let mut held: Vec<Lease> = (0..MAX_ALLOCATIONS_OF_ONE)
            .map(|_| access.allocate("anna").expect("an allocation"))
            .collect();
        assert!(matches!(access.allocate("anna"), Err(Full::Quota)));
        held.pop();
        assert!(access.allocate("anna").is_ok());
        drop(held);
        assert_eq!(access.allocations(), 0);
    }

    #[test]
    fn allocations_from_before_a_return_give_no_room_when_they_end() {
        let access = Arc::new(Access::default());
        access.credentials(&anna());
        let allocate = || access.allocate("anna").expect("an allocation");
        let former: Vec<Lease> = (0..MAX_ALLOCATIONS_OF_ONE).map(|_| allocate()).collect();
        access.remove(&anna());
        access.credentials(&anna());
        let _held: Vec<Lease> = (0..MAX_ALLOCATIONS_OF_ONE).map(|_| allocate()).collect();
        drop(former);
        assert!(matches!(access.allocate("anna"), Err(Full::Quota)));
    }
}
