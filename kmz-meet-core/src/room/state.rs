//! What a room knows while it runs. It serialises as it is: that is the snapshot that outlives a restart.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::command::{Action, Forwarding};
use super::features::{Attended, Features};
use super::names::clean;
use super::names_gone::NamesGone;
use super::permission::{Standing, holds, permits};
use super::person::{Person, Waiting};
use super::policy_limits::{PolicyLimits, narrowed};
use super::seen_name::SeenName;
use crate::signal::{
    ChatMessage, ConferenceId, Participant, ParticipantId, Policy, Right, Role, RoomInfo, Safety,
    Source,
};
use crate::timestamp::Timestamp;

/// Who cannot come (back) into this conference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    pub seats: BTreeSet<ParticipantId>,
    pub devices: BTreeSet<String>,
    pub users: BTreeSet<String>,
    /// Accounts that were withdrawn: not even as moderators.
    #[serde(default)]
    pub withdrawn: BTreeSet<String>,
}

impl Blocked {
    /// Whether this user or this device cannot come.
    pub(super) fn has(&self, user: Option<&str>, device: Option<&str>) -> bool {
        user.is_some_and(|user| self.users.contains(user) || self.withdrawn.contains(user))
            || device.is_some_and(|device| self.devices.contains(device))
    }
}

/// An account that several people seem to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SharedAccount {
    pub(super) user: String,
    pub(super) name: String,
}

/// One conference of a room: a pure state machine. See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub(super) conference: ConferenceId,
    pub(super) name: String,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) welcome: Option<String>,
    #[serde(default, rename = "has_list")]
    pub(super) takes_attendance: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) class_list: bool,
    pub(super) started_at: Timestamp,
    pub(super) policy: Policy,
    pub(super) password: Option<String>,
    pub(super) people: BTreeMap<ParticipantId, Person>,
    pub(super) blocked: Blocked,
    /// The name of whom the room belongs to, if the server knows: nobody else is called so.
    #[serde(default)]
    pub(super) owner_name: Option<String>,
    /// How often the password became another one.
    #[serde(default)]
    pub(super) password_changes: u64,
    /// Names of moderators who left.
    #[serde(default)]
    pub(super) moderators_gone: Vec<SeenName>,
    /// Names of others who left for good.
    #[serde(default, skip_serializing_if = "NamesGone::is_empty")]
    pub(super) names_gone: NamesGone,
    /// Accounts that more devices came by than one person has places.
    #[serde(default)]
    pub(super) shared_accounts: Vec<SharedAccount>,
    /// Someone was removed: whoever cannot be told from them knocks.
    #[serde(default, rename = "wary")]
    pub(super) after_removal: bool,
    pub(super) arrivals: u64,
    /// Most that the operator allows a policy to set.
    pub(super) capacity_limit: u32,
    /// What no policy loosens here.
    #[serde(default, skip_serializing_if = "PolicyLimits::are_none")]
    pub(super) limits: PolicyLimits,
    /// People in the lobby are there by their connection; a restart makes them knock again.
    #[serde(skip)]
    pub(super) lobby: Vec<Waiting>,
    /// A snapshot has their fields beside those of the room.
    #[serde(flatten)]
    pub(super) features: Features,
}

/// What a conference starts from.
#[derive(Clone, Debug)]
pub struct Setup {
    pub conference: ConferenceId,
    /// The room's name as in its link.
    pub name: String,
    /// What people call it, where that is not its name.
    pub title: Option<String>,
    /// What newcomers read first.
    pub welcome: Option<String>,
    /// Whether the server knows who belongs to the room, and attendance is recorded.
    pub takes_attendance: bool,
    /// Whether the room has a class list with pupil cards.
    pub class_list: bool,
    /// The name of the person to whom the room belongs, where it is one's.
    pub owner_name: Option<String>,
    pub policy: Policy,
    pub password: Option<String>,
    pub capacity_limit: u32,
    /// What neither this policy nor a change of it loosens.
    pub limits: PolicyLimits,
}

impl Setup {
    /// A room with the default policy, without a password, a list or an owner.
    #[must_use]
    pub fn new(conference: ConferenceId, name: impl Into<String>) -> Self {
        let policy = Policy::default();
        Self {
            conference,
            name: name.into(),
            title: None,
            welcome: None,
            takes_attendance: false,
            class_list: false,
            owner_name: None,
            capacity_limit: policy.capacity,
            limits: PolicyLimits::default(),
            policy,
            password: None,
        }
    }
}

impl Room {
    /// A conference begins, empty.
    #[must_use]
    pub fn new(setup: Setup, now: Timestamp) -> Self {
        let mut policy = narrowed(setup.policy, setup.limits);
        policy.capacity = policy.capacity.clamp(2, setup.capacity_limit.max(2));
        Self {
            conference: setup.conference,
            name: setup.name,
            title: setup.title,
            welcome: setup.welcome,
            takes_attendance: setup.takes_attendance,
            class_list: setup.class_list,
            started_at: now,
            policy,
            password: setup.password,
            people: BTreeMap::new(),
            blocked: Blocked::default(),
            owner_name: setup.owner_name.as_deref().and_then(clean),
            password_changes: 0,
            moderators_gone: Vec::new(),
            names_gone: NamesGone::default(),
            shared_accounts: Vec::new(),
            after_removal: false,
            arrivals: 0,
            capacity_limit: setup.capacity_limit,
            limits: setup.limits,
            lobby: Vec::new(),
            features: Features::default(),
        }
    }

    /// A conference goes on after a restart. Everyone counts as disconnected since now, but was present only until
    /// `saved_at`, when the snapshot was written: nobody attends a lesson while the server is down.
    ///
    /// # Errors
    /// When the snapshot cannot be read.
    pub fn restore(
        snapshot: &str,
        saved_at: Timestamp,
        chat: Vec<ChatMessage>,
        now: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        let mut room: Self = serde_json::from_str(snapshot)?;
        for person in room.people.values_mut().filter(|person| person.present) {
            person.lost_at.get_or_insert(now);
        }
        room.features.attendance.all_lost(saved_at);
        room.features.chat.restore(chat);
        Ok(room)
    }

    /// What [`Self::restore`] reads.
    #[must_use]
    pub fn snapshot(&self) -> String {
        // A tree of strings, numbers and lists always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }

    #[must_use]
    pub fn conference(&self) -> &ConferenceId {
        &self.conference
    }

    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    #[must_use]
    pub fn chat(&self) -> &[ChatMessage] {
        self.features.chat.kept()
    }

    /// Whether it is recorded who was here.
    #[must_use]
    pub fn takes_attendance(&self) -> bool {
        self.takes_attendance
    }

    /// When it began.
    #[must_use]
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Whether nobody has come in yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.arrivals == 0
    }

    /// The person as the server knows them, if it does.
    #[must_use]
    pub fn user(&self, id: &ParticipantId) -> Option<&str> {
        self.people.get(id)?.user.as_deref()
    }

    /// The device that this person came with, if it is known.
    #[must_use]
    pub fn device(&self, id: &ParticipantId) -> Option<&str> {
        self.people.get(id)?.device.as_deref()
    }

    /// Who was here and for how long; empty where the room has no list.
    #[must_use]
    pub fn attended(&self, now: Timestamp) -> Vec<Attended> {
        self.features.attendance.list(now)
    }

    /// What everyone inside knows of the room.
    #[must_use]
    pub fn info(&self) -> RoomInfo {
        RoomInfo {
            name: self.name.clone(),
            title: self.title.clone(),
            welcome: self.welcome.clone(),
            knows_members: self.takes_attendance || self.class_list,
            policy: self.policy.clone(),
            has_password: self.password.is_some(),
            floor: self.features.floor.holder().cloned(),
            speakers_only: self.features.speakers_only.info(),
            safety: self.safety(),
            started_at: self.started_at,
        }
    }

    fn safety(&self) -> Safety {
        let is_here = |id: &ParticipantId| self.role(id).is_some();
        Safety {
            emergency_stop: self.features.emergency_stop.info(is_here),
            lesson_closed: !self.features.closed_lesson.is_off(),
            cameras_locked: self.features.closed_lesson.locks_cameras(),
        }
    }

    /// The messages that this person is given when they come in: none while the emergency stop holds them.
    #[must_use]
    pub fn chat_for(&self, id: &ParticipantId) -> &[ChatMessage] {
        if self.is_held(id) { &[] } else { self.chat() }
    }

    /// The roster, in order of coming.
    #[must_use]
    pub fn roster(&self) -> Vec<Participant> {
        let mut present: Vec<_> = self
            .people
            .iter()
            .filter(|(_, person)| person.present)
            .collect();
        present.sort_by_key(|(_, person)| person.number);
        present
            .into_iter()
            .map(|(id, person)| self.entry(id, person))
            .collect()
    }

    /// One person's roster entry.
    #[must_use]
    pub fn participant(&self, id: &ParticipantId) -> Option<Participant> {
        let person = self.people.get(id).filter(|person| person.present)?;
        Some(self.entry(id, person))
    }

    fn entry(&self, id: &ParticipantId, person: &Person) -> Participant {
        Participant {
            id: id.clone(),
            name: person.name.to_string(),
            role: person.role,
            verified: person.user.is_some(),
            listed: person.is_listed(),
            marked: person.marked,
            typed_name: person.typed_name,
            renamed: person.renamed,
            sources: person.sources.iter().copied().collect(),
            grants: person.grants.iter().copied().collect(),
            hand: self.features.hands.place(id),
            connected: person.lost_at.is_none(),
            came_at: Some(person.came_at),
            number: person.number,
        }
    }

    /// How many people are in the roster.
    #[must_use]
    pub fn present(&self) -> usize {
        self.people.values().filter(|person| person.present).count()
    }

    /// Whether a moderator is among them.
    #[must_use]
    pub fn has_moderator(&self) -> bool {
        let mut people = self.people.values();
        people.any(|person| person.present && person.role == Role::Moderator)
    }

    /// How many of them are connected.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.people
            .values()
            .filter(|person| person.present && person.lost_at.is_none())
            .count()
    }

    /// The role of someone in the roster.
    #[must_use]
    pub fn role(&self, id: &ParticipantId) -> Option<Role> {
        self.people
            .get(id)
            .filter(|person| person.present)
            .map(|person| person.role)
    }

    /// A person's standing, as the table of permissions asks for it.
    fn standing<'a>(&self, id: &'a ParticipantId, person: &'a Person) -> Standing<'a> {
        Standing {
            id,
            role: person.role,
            held: self.features.emergency_stop.holds(id, person.role),
            grants: &person.grants,
        }
    }

    /// Whether someone holds a right now.
    #[must_use]
    pub fn has(&self, id: &ParticipantId, right: Right) -> bool {
        self.people.get(id).is_some_and(|person| {
            let standing = self.standing(id, person);
            holds(standing, right, &self.policy, self.features.floor.holder())
        })
    }

    /// Whether someone may do this now.
    #[must_use]
    pub fn permits(&self, id: &ParticipantId, action: &Action) -> bool {
        self.people.get(id).is_some_and(|person| {
            let standing = self.standing(id, person);
            permits(standing, action, &self.policy, self.features.floor.holder())
        })
    }

    /// What of someone is forwarded now.
    #[must_use]
    pub fn forwarding(&self, id: &ParticipantId) -> Forwarding {
        let Some(person) = self.people.get(id).filter(|person| person.present) else {
            return Forwarding::default();
        };
        let on = |source: Source| {
            person.sources.contains(&source) && self.has(id, super::permission::right_of(source))
        };
        Forwarding {
            microphone: on(Source::Microphone),
            camera: on(Source::Camera) && self.features.speakers_only.shows(id),
            screen: on(Source::Screen),
            first: person.role == Role::Moderator || self.features.floor.is_held_by(id),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.present() >= self.policy.capacity as usize
    }
}
