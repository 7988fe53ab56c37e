//! The chat, and how much of it newcomers get.
//!
//! Messages: `send_chat` (the right to chat) → `chat` to all; `delete_message`, `delete_messages_of` (moderators) →
//! `chat_deleted` to all; `rename` → `chat_renamed` to all. The store keeps the messages, one by one, and replaces one that
//! changes; a snapshot has their number alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::room::command::{Effect, Refusal};
use crate::room::text;
use crate::signal::{ChatMessage, MAX_CHAT_CHARS, Participant, ParticipantId, Role, ServerMessage};
use crate::timestamp::Timestamp;

/// Messages that are kept for those who come later.
pub const MAX_CHAT_KEPT: usize = 300;
/// Bytes of names and texts among them: newcomers get all of it at once, beside what else waits for them.
pub const MAX_CHAT_BYTES_KEPT: usize = 256 * 1024;

/// So much of the chat: it counts by messages and by bytes.
#[derive(Clone, Copy, Default)]
struct Size {
    messages: usize,
    bytes: usize,
}

impl Size {
    fn of(message: &ChatMessage) -> Self {
        Self {
            messages: 1,
            bytes: message.name.len() + message.text.len(),
        }
    }

    fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.bytes += other.bytes;
    }

    fn take(&mut self, other: Self) {
        self.messages -= other.messages;
        self.bytes -= other.bytes;
    }

    fn is_within(self, messages: usize, bytes: usize) -> bool {
        self.messages <= messages && self.bytes <= bytes
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct Chat {
    /// The id of the newest message; ids count up from 1.
    last_id: u64,
    /// What newcomers get, oldest first.
    #[serde(skip)]
    kept: Vec<ChatMessage>,
}

impl Chat {
    pub(in crate::room) fn kept(&self) -> &[ChatMessage] {
        &self.kept
    }

    /// After a restart: what the store has. The number in the snapshot may be an older one.
    pub(in crate::room) fn restore(&mut self, kept: Vec<ChatMessage>) {
        if let Some(last) = kept.last() {
            self.last_id = self.last_id.max(last.id);
        }
        self.kept = kept;
        self.trim();
    }

    /// Old messages go: so many, and so much text, is kept. Whose messages take most of it loses the oldest of their own,
    /// so nobody pushes out what others said; and what moderators said has half of it for its own.
    fn trim(&mut self) {
        let mut all = Size::default();
        let mut moderators = Size::default();
        let mut of: BTreeMap<ParticipantId, Size> = BTreeMap::new();
        for message in &self.kept {
            let size = Size::of(message);
            all.add(size);
            of.entry(message.from.clone()).or_default().add(size);
            if message.role == Role::Moderator {
                moderators.add(size);
            }
        }
        while !all.is_within(MAX_CHAT_KEPT, MAX_CHAT_BYTES_KEPT) {
            let by_bytes = all.bytes > MAX_CHAT_BYTES_KEPT;
            let spared = moderators.is_within(MAX_CHAT_KEPT / 2, MAX_CHAT_BYTES_KEPT / 2);
            let newest = self.kept.len() - 1;
            let weight = |message: &ChatMessage| {
                of.get(&message.from)
                    .map_or(0, |size| if by_bytes { size.bytes } else { size.messages })
            };
            // What was said just now is not what goes.
            let heaviest = self.kept[..newest]
                .iter()
                .enumerate()
                .filter(|(_, message)| !(spared && message.role == Role::Moderator))
                // The first of those that are alike: the oldest.
                .min_by_key(|(_, message)| std::cmp::Reverse(weight(message)));
            let Some((place, _)) = heaviest else {
                return;
            };
            let gone = self.kept.remove(place);
            let size = Size::of(&gone);
            all.take(size);
            if let Some(of) = of.get_mut(&gone.from) {
                of.take(size);
            }
            if gone.role == Role::Moderator {
                moderators.take(size);
            }
        }
    }

    /// A moderator deletes messages. Nothing is left of them but that they were: not even the name, which may be why. What is
    /// not there any more needs no deletion.
    pub(in crate::room) fn delete(
        &mut self,
        which: impl Fn(&ChatMessage) -> bool,
        effects: &mut Vec<Effect>,
    ) {
        let mut ids = Vec::new();
        for message in &mut self.kept {
            if message.deleted || !which(message) {
                continue;
            }
            message.deleted = true;
            message.text.clear();
            message.name.clear();
            ids.push(message.id);
            effects.push(Effect::Keep(message.clone()));
        }
        if !ids.is_empty() {
            effects.push(Effect::ToAll(ServerMessage::ChatDeleted { ids }));
        }
    }

    /// A moderator gave someone another name.
    pub(in crate::room) fn rename(
        &mut self,
        from: &ParticipantId,
        name: &str,
        effects: &mut Vec<Effect>,
    ) {
        let before = effects.len();
        for message in &mut self.kept {
            let is_changed = message.name != name || message.typed_name;
            if message.from == *from && !message.deleted && is_changed {
                name.clone_into(&mut message.name);
                message.typed_name = false;
                effects.push(Effect::Keep(message.clone()));
            }
        }
        if effects.len() > before {
            effects.push(Effect::ToAll(ServerMessage::ChatRenamed {
                from: from.clone(),
                name: name.to_owned(),
            }));
            // A longer name takes more room.
            self.trim();
        }
    }

    /// Takes a message of someone in the roster.
    pub(in crate::room) fn say(
        &mut self,
        now: Timestamp,
        author: Participant,
        text: &str,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let text = text::lines(text)
            .filter(|text| text.chars().count() <= MAX_CHAT_CHARS)
            .ok_or(Refusal::BadMessage)?;
        self.last_id += 1;
        let message = ChatMessage {
            id: self.last_id,
            from: author.id,
            name: author.name,
            role: author.role,
            verified: author.verified,
            listed: author.listed,
            typed_name: author.typed_name,
            text,
            deleted: false,
            at: now,
        };
        self.kept.push(message.clone());
        self.trim();
        effects.push(Effect::ToAll(ServerMessage::Chat {
            message: message.clone(),
        }));
        effects.push(Effect::Keep(message));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::tests::fixtures::{at, class, id};
    use crate::room::{By, Command, Room};
    use crate::signal::ClientMessage;

    fn say(room: &mut Room, who: &str, text: &str) {
        let action = ClientMessage::SendChat { text: text.into() }.into();
        let by = By::Person(id(who));
        room.handle(at(5), Command::Act { by, action })
            .expect("said");
    }

    fn said_by(room: &Room, who: &str) -> usize {
        let chat = room.chat().iter();
        chat.filter(|message| message.from == id(who)).count()
    }

    #[test]
    fn chat_of_one_frequent_writer_pushes_out_nobody_elses() {
        let mut room = class();
        say(&mut room, "Frau Maier", "Seite 12, Aufgabe 3");
        say(&mut room, "Ben", "Welche?");
        let long = "\u{1f600}".repeat(MAX_CHAT_CHARS);
        for text in ["x", long.as_str()] {
            for _ in 0..MAX_CHAT_KEPT + 50 {
                say(&mut room, "Anna", text);
            }
            assert_eq!(said_by(&room, "Frau Maier"), 1);
            assert_eq!(said_by(&room, "Ben"), 1);
        }
    }

    #[test]
    fn chat_with_direction_marks_is_cleaned_before_it_is_told() {
        let mut room = class();
        let pile: String = ('\u{300}'..='\u{304}').collect();
        let action = ClientMessage::SendChat {
            text: format!(" \u{202e}gro.live\u{2066} a{pile}\r\nשלום\u{200f}! "),
        }
        .into();
        let by = By::Person(id("Anna"));
        let effects = room
            .handle(at(5), Command::Act { by, action })
            .expect("said");
        let said = "gro.live à\u{301}\nשלום\u{200f}!";
        assert_eq!(room.chat()[0].text, said);
        let told = effects.iter().filter_map(|effect| match effect {
            Effect::ToAll(ServerMessage::Chat { message }) | Effect::Keep(message) => Some(message),
            _ => None,
        });
        assert_eq!(told.filter(|message| message.text == said).count(), 2);
        let action = ClientMessage::SendChat {
            text: "\u{202e}\u{2066}".into(),
        }
        .into();
        let by = By::Person(id("Anna"));
        let refused = room.handle(at(5), Command::Act { by, action });
        assert_eq!(refused, Err(Refusal::BadMessage), "nothing is left of it");
    }

    #[test]
    fn chat_of_moderators_keeps_half_of_the_space() {
        let mut room = class();
        for _ in 0..5 {
            say(&mut room, "Frau Maier", "Seite 12, Aufgabe 3");
        }
        for number in 0..MAX_CHAT_KEPT + 50 {
            let name = format!("g{number}");
            let message = ChatMessage {
                from: id(&name),
                role: Role::Participant,
                ..room.chat()[0].clone()
            };
            room.features.chat.kept.push(message);
            room.features.chat.trim();
        }
        assert_eq!(said_by(&room, "Frau Maier"), 5);
        assert_eq!(room.chat().len(), MAX_CHAT_KEPT);
        // But not all of it is theirs.
        for _ in 0..MAX_CHAT_KEPT {
            say(&mut room, "Frau Maier", "Seite 12, Aufgabe 3");
        }
        assert!(said_by(&room, "Frau Maier") <= MAX_CHAT_KEPT / 2 + 1);
    }

    fn delete(room: &mut Room, message: ClientMessage) -> Vec<Effect> {
        let by = By::Person(id("Frau Maier"));
        let action = message.into();
        room.handle(at(6), Command::Act { by, action })
            .expect("deleted")
    }

    #[test]
    fn deleted_message_is_gone_for_all_and_for_those_who_come_later() {
        let mut room = class();
        say(&mut room, "Anna", "hallo");
        say(&mut room, "Anna", "etwas Gemeines");
        let effects = delete(&mut room, ClientMessage::DeleteMessage { id: 2 });
        let [kept, told] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        assert_eq!(
            *told,
            Effect::ToAll(ServerMessage::ChatDeleted { ids: vec![2] })
        );
        let Effect::Keep(kept) = kept else {
            panic!("{kept:?}")
        };
        assert_eq!(kept, &room.chat()[1], "the store has it as it is now");
        for text in [
            serde_json::to_string(room.chat()).expect("JSON"),
            room.snapshot(),
        ] {
            assert!(!text.contains("Gemeines"), "{text}");
        }
        assert!(room.chat()[1].deleted && room.chat()[1].name.is_empty());
        assert_eq!(room.chat()[0].text, "hallo");
        // Once more, or one that never was: nothing happens.
        for id in [2, 7] {
            let again = delete(&mut room, ClientMessage::DeleteMessage { id });
            assert_eq!(again, []);
        }
    }

    #[test]
    fn messages_of_one_who_is_gone_are_deleted_together() {
        let mut room = class();
        for who in ["Anna", "Ben", "Anna"] {
            say(&mut room, who, "x");
        }
        let by = By::Person(id("Anna"));
        let action = ClientMessage::Leave.into();
        room.handle(at(6), Command::Act { by, action })
            .expect("left");
        let participant = id("Anna");
        let effects = delete(&mut room, ClientMessage::DeleteMessagesOf { participant });
        let ids = vec![1, 3];
        assert!(effects.contains(&Effect::ToAll(ServerMessage::ChatDeleted { ids })));
        let left: Vec<bool> = room.chat().iter().map(|one| one.deleted).collect();
        assert_eq!(left, [true, false, true]);
    }

    #[test]
    fn message_of_a_pupil_is_not_deleted_by_a_pupil() {
        let mut room = class();
        say(&mut room, "Anna", "x");
        let by = By::Person(id("Anna"));
        let action = ClientMessage::DeleteMessage { id: 1 }.into();
        let refused = room.handle(at(6), Command::Act { by, action });
        assert_eq!(refused, Err(Refusal::NotPermitted));
    }
}
