//! What a panic costs: one participant's transport, and nothing of anybody else.
//!
//! A step runs under [`Worker::guarded`], which catches. Inside it [`Worker::charged`] opens a scope for the participant on
//! whose behalf the code works; scopes nest, and a panic is charged to the innermost one: when a sender's packet is copied
//! to a viewer, the copy is the viewer's. There is nothing to set back by hand: a scope that ends, ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::worker::Worker;
#[cfg(test)]
use crate::sfu::api::Fault;
use crate::sfu::ids::MemberKey;

impl Worker {
    /// A step whose panic costs the participant charged for it; nobody, where it worked for nobody yet.
    pub(super) fn guarded(&mut self, step: impl FnOnce(&mut Self)) {
        debug_assert!(self.charged.is_none(), "steps do not nest");
        if catch_unwind(AssertUnwindSafe(|| step(self))).is_err() {
            self.counters.panics += 1;
            let culprit = self.charged.take();
            tracing::error!(
                member = culprit.map(MemberKey::index),
                "a media step panicked; its participant's transport is dropped"
            );
            if let Some(culprit) = culprit {
                self.fail(culprit);
            }
        }
    }

    /// The same for a step that is this participant's from the beginning.
    pub(super) fn guarded_for(&mut self, member: MemberKey, step: impl FnOnce(&mut Self)) {
        self.guarded(|worker| worker.charged(member, step));
    }

    /// What `step` does is done for this participant.
    #[inline]
    pub(super) fn charged<R>(&mut self, member: MemberKey, step: impl FnOnce(&mut Self) -> R) -> R {
        let outer = self.charged.replace(member);
        let result = step(self);
        // A panic does not come by here: `guarded` finds the innermost scope.
        self.charged = outer;
        result
    }

    /// After a panic: the culprit's transport goes, and what the interrupted step may have left half done is made anew.
    fn fail(&mut self, culprit: MemberKey) {
        let now = Instant::now();
        let Some(conference) = self.members.get(culprit).map(|member| member.conference) else {
            return;
        };
        self.for_members(conference, |worker, key| {
            let Some(member) = worker.members.get_mut(key) else {
                return;
            };
            for stream in member.streams_mut() {
                stream.subscribers.clear();
            }
            for slot in member.slots.iter_mut() {
                slot.want(None);
            }
            member.slots_changed = true;
        });
        self.drop_transport(culprit, now);
        self.allocate(now, conference);
    }

    #[cfg(test)]
    pub(super) fn panic_if_asked(&mut self, member: MemberKey, at: Fault) {
        let is_asked = self.fault.as_ref().is_some_and(|(participant, fault)| {
            *fault == at
                && self
                    .members
                    .get(member)
                    .is_some_and(|member| member.id == *participant)
        });
        if is_asked {
            self.fault = None;
            panic!("the fault that a test asked for");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;
    use crate::sfu::api::{Command, MediaEvent};
    use crate::sfu::counters::Counters;
    use crate::sfu::engine::neighbours::{Commons, Neighbours};
    use crate::sfu::ids::ThreadIndex;
    use crate::sfu::net::socket::Socket;
    use crate::sfu::transport::dtls::Identity;
    use crate::signal::{ConferenceId, ParticipantId};

    /// A worker without a thread.
    fn worker() -> Worker {
        let socket = Socket::bind(&[0]).expect("a socket");
        let identity = Identity::generate().expect("an identity");
        let (_, commands) = std::sync::mpsc::channel();
        let shared = Arc::new(Counters::default());
        let alone = Neighbours::new(ThreadIndex::default(), Commons::new(1));
        let (worker, _) =
            Worker::new(socket, Arc::new(identity), commands, 0, shared, alone).expect("a worker");
        worker
    }

    fn add(
        worker: &mut Worker,
        conference: &str,
        name: &str,
    ) -> (MemberKey, UnboundedReceiver<MediaEvent>) {
        let (events, told) = unbounded_channel();
        let participant = ParticipantId(name.into());
        worker.command(Command::Add {
            conference: ConferenceId(conference.into()),
            participant: participant.clone(),
            events,
        });
        let key = worker.by_id[&participant];
        // Who is charged is told that their media are gone.
        worker.members.get_mut(key).expect("a member").announced = true;
        (key, told)
    }

    #[test]
    fn charged_scopes_nest_and_give_the_charge_back() {
        let mut worker = worker();
        let (anna, _) = add(&mut worker, "c", "anna");
        let (ben, _) = add(&mut worker, "c", "ben");
        let seen = worker.charged(anna, |worker| {
            let inner = worker.charged(ben, |worker| worker.charged);
            (inner, worker.charged)
        });
        assert_eq!(seen, (Some(ben), Some(anna)));
        assert_eq!(worker.charged, None);
    }

    #[test]
    fn panic_after_an_inner_scope_ended_is_charged_to_the_outer_one() {
        let mut worker = worker();
        let (anna, _) = add(&mut worker, "c", "anna");
        let (ben, _) = add(&mut worker, "c", "ben");
        let mut seen = None;
        worker.guarded_for(anna, |worker| {
            worker.charged(ben, |_| ());
            seen = worker.charged;
            panic!("in anna's step");
        });
        assert_eq!((seen, worker.charged), (Some(anna), None));
        assert_eq!(worker.counters.panics, 1);
    }

    #[test]
    fn panic_outside_of_a_charged_scope_costs_nobody() {
        let mut worker = worker();
        let (anna, _) = add(&mut worker, "c", "anna");
        worker.guarded_for(anna, |_| ());
        worker.guarded(|_| panic!("before anybody was found"));
        assert_eq!(worker.counters.panics, 1);
        assert!(worker.members.get(anna).expect("a member").announced);
    }

    #[test]
    fn remove_leaves_the_other_conferences_alone() {
        let mut worker = worker();
        let (anna, _) = add(&mut worker, "one", "anna");
        let (ben, _) = add(&mut worker, "one", "ben");
        let (carla, _) = add(&mut worker, "two", "carla");
        let view = |worker: &mut Worker, of: &str, shown: &[&str]| {
            let tile = |name: &&str| crate::signal::Tile {
                participant: ParticipantId((*name).into()),
                height: 180,
            };
            worker.command(Command::View {
                participant: ParticipantId(of.into()),
                tiles: shown.iter().map(tile).collect(),
                pinned: shown.first().map(|name| ParticipantId((*name).into())),
            });
        };
        view(&mut worker, "ben", &["anna", "carla"]);
        view(&mut worker, "carla", &["anna"]);
        let shown = |worker: &Worker, of| {
            let member = worker.members.get(of).expect("a member");
            let keys: Vec<_> = member.view.iter().map(|tile| tile.member).collect();
            (keys, member.pinned)
        };
        assert_eq!(shown(&worker, ben), (vec![anna], Some(anna)));
        assert_eq!(shown(&worker, carla), (vec![], None), "of another room");
        worker.command(Command::Remove {
            participant: ParticipantId("anna".into()),
        });
        assert_eq!(shown(&worker, ben), (vec![], None));
        let (dora, _) = add(&mut worker, "two", "dora");
        assert_eq!(dora, anna, "the place is given again");
        assert_eq!(shown(&worker, ben), (vec![], None), "and nobody shows it");
        worker.command(Command::Remove {
            participant: ParticipantId("ben".into()),
        });
        assert_eq!(worker.by_conference.len(), 1, "an empty one goes");
        let left = worker.conferences.next(None).expect("carla's");
        assert_eq!(worker.conferences.next(Some(left)), None);
    }
}
