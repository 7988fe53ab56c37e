//! The lobby: who waits there, and how people leave it. How its places are shared out is `lobby_places`.

use super::applicant::Known;
use super::command::{Effect, LeaveNotice, Refusal};
use super::person::Waiting;
use super::state::Room;
use crate::signal::{Knocker, ParticipantId, RefusalReason, Role, Target};
use crate::timestamp::Timestamp;

/// What has to be done for someone to get a place in the lobby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    /// These give way.
    Of(Vec<ParticipantId>, RefusalReason),
    None,
}

impl Room {
    /// The lobby as moderators see it.
    #[must_use]
    pub fn knockers(&self) -> Vec<Knocker> {
        self.lobby
            .iter()
            .map(|waiting| Knocker {
                id: waiting.id.clone(),
                name: waiting.name.to_string(),
                verified: waiting.user.is_some(),
                listed: waiting.is_listed(),
                typed_name: waiting.typed_name && waiting.given_name.is_none(),
                unproven: waiting.unproven,
                second_use: waiting.second_use.then(|| waiting.asked_name.clone()),
                resembles_pupil: waiting.resembles_pupil,
                sent: waiting.sent,
            })
            .collect()
    }

    /// Someone takes the place that [`Self::place_in_lobby`] found.
    pub(super) fn knock(&mut self, place: Place, waiting: Waiting, effects: &mut Vec<Effect>) {
        if let Place::Of(ids, reason) = place {
            self.lobby.retain(|one| !ids.contains(&one.id));
            effects.extend(ids.into_iter().map(|participant| Effect::Out {
                participant,
                notice: LeaveNotice::Refused(reason),
            }));
        }
        match self.lobby.iter_mut().find(|one| one.id == waiting.id) {
            // Knocks once more by another connection.
            Some(before) => {
                let since = before.since.min(waiting.since);
                *before = Waiting { since, ..waiting };
            }
            None => self.lobby.push(waiting),
        }
        effects.push(Effect::LobbyChanged);
    }

    /// Someone is not in the lobby any more.
    pub(super) fn leave_lobby(&mut self, id: &ParticipantId, effects: &mut Vec<Effect>) -> bool {
        let before = self.lobby.len();
        self.lobby.retain(|one| one.id != *id);
        let was_in = self.lobby.len() != before;
        if was_in {
            effects.push(Effect::LobbyChanged);
        }
        was_in
    }

    /// A moderator lets people in. It is refused if nobody fits in.
    pub(super) fn admit_target(
        &mut self,
        now: Timestamp,
        target: &Target,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let all = match target {
            Target::All => self.admit(now, |_| true, effects),
            Target::These(ids) => self.admit(now, |waiting| ids.contains(&waiting.id), effects),
            Target::Listed => self.admit(now, Waiting::is_listed, effects),
            Target::Unlisted => self.admit(now, |waiting| !waiting.is_listed(), effects),
        };
        let is_in = |effect: &Effect| matches!(effect, Effect::Entered { .. });
        if !all && !effects.iter().any(is_in) {
            return Err(Refusal::Full);
        }
        Ok(())
    }

    /// A moderator turns people away.
    pub(super) fn refuse_target(&mut self, target: &Target, effects: &mut Vec<Effect>) {
        match target {
            Target::All => self.refuse(|_| true, effects),
            Target::These(ids) => self.refuse(|waiting| ids.contains(&waiting.id), effects),
            Target::Listed => self.refuse(Waiting::is_listed, effects),
            Target::Unlisted => self.refuse(|waiting| !waiting.is_listed(), effects),
        }
    }

    /// People go from the lobby into the conference as long as there is room; says whether all did.
    pub(super) fn admit(
        &mut self,
        now: Timestamp,
        which: impl Fn(&Waiting) -> bool,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let mut all = true;
        let wanted: Vec<Waiting> = self
            .lobby
            .iter()
            .filter(|one| which(one))
            .cloned()
            .collect();
        for waiting in wanted {
            // A moderator who comes back is not there, and nobody else is in the way of who waits.
            if self.is_full() {
                all = false;
                continue;
            }
            self.lobby.retain(|one| one.id != waiting.id);
            self.may_enter(&waiting);
            if let Some(person) = self.people.get_mut(&waiting.id) {
                person.address = waiting.address;
                self.come_back(now, &waiting.id, waiting.session, effects);
            } else {
                let known = Known {
                    user: waiting.user,
                    since: waiting.device.as_ref().map(|_| waiting.since),
                    device: waiting.device,
                    session: waiting.session,
                    address: waiting.address,
                    listed: waiting.listed,
                    marked: waiting.marked,
                    typed_name: waiting.typed_name,
                    given_name: waiting.given_name,
                    unidentified: waiting.unidentified,
                    card: waiting.card,
                    resembles_pupil: waiting.resembles_pupil,
                };
                let (id, name) = (waiting.id, waiting.asked_name);
                self.seat(now, id, &name, known, Role::Participant, effects);
            }
        }
        effects.push(Effect::LobbyChanged);
        all
    }

    /// People in the lobby are turned away, and cannot knock again.
    fn refuse(&mut self, which: impl Fn(&Waiting) -> bool, effects: &mut Vec<Effect>) {
        self.turn_away(which, effects);
        self.turn_away_blocked(effects);
        effects.push(Effect::LobbyChanged);
        effects.push(Effect::Save);
    }

    /// Who cannot come does not knock by another tab either.
    pub(super) fn turn_away_blocked(&mut self, effects: &mut Vec<Effect>) {
        let blocked = self.blocked.clone();
        self.turn_away(
            |one| blocked.has(one.user.as_deref(), one.device.as_deref()),
            effects,
        );
    }

    fn turn_away(&mut self, which: impl Fn(&Waiting) -> bool, effects: &mut Vec<Effect>) {
        let (refused, stay): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.lobby).into_iter().partition(which);
        self.lobby = stay;
        for waiting in refused {
            // The seat from before is none any more.
            self.people.remove(&waiting.id);
            // The card is the pupil's who is in by it, and stays theirs.
            let user = waiting.user.filter(|_| !waiting.second_use);
            self.block(&waiting.id, user, waiting.device);
            effects.push(Effect::Out {
                participant: waiting.id,
                notice: LeaveNotice::Refused(RefusalReason::Removed),
            });
        }
    }

    pub(super) fn block(
        &mut self,
        id: &ParticipantId,
        user: Option<String>,
        device: Option<String>,
    ) {
        self.blocked.seats.insert(id.clone());
        self.blocked.users.extend(user);
        self.blocked.devices.extend(device);
    }
}
