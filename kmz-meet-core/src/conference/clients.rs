//! The clients of a conference: who is connected by what, and how messages get to them.

use std::collections::HashMap;

use super::message::ConnectionId;
use super::outbox::{Outbox, encode};
use crate::signal::{ParticipantId, RefusalReason, ServerMessage};

struct Connection {
    id: ConnectionId,
    outbox: Outbox,
}

/// One connection for each participant at the most, inside or in the lobby.
#[derive(Default)]
pub(super) struct Clients {
    connections: HashMap<ParticipantId, Connection>,
    people: HashMap<ConnectionId, ParticipantId>,
}

impl Clients {
    /// Gives a participant this connection; the one from before gives way.
    pub(super) fn attach(&mut self, participant: ParticipantId, id: ConnectionId, outbox: Outbox) {
        if let Some(former) = self.connections.remove(&participant) {
            self.people.remove(&former.id);
            let _ = former.outbox.send(&ServerMessage::Refused {
                reason: RefusalReason::Replaced,
            });
        }
        self.people.insert(id, participant.clone());
        self.connections
            .insert(participant, Connection { id, outbox });
    }

    /// Whose connection it is; of nobody, if another one has replaced it.
    pub(super) fn participant(&self, connection: ConnectionId) -> Option<ParticipantId> {
        self.people.get(&connection).cloned()
    }

    pub(super) fn outbox(&self, participant: &ParticipantId) -> Option<Outbox> {
        let connection = self.connections.get(participant)?;
        Some(connection.outbox.clone())
    }

    /// A connection was lost. Gives whose it was.
    pub(super) fn lost(&mut self, connection: ConnectionId) -> Option<ParticipantId> {
        let participant = self.people.remove(&connection)?;
        self.connections.remove(&participant);
        Some(participant)
    }

    /// Ends a connection, once the client has read what is in its outbox.
    pub(super) fn end(&mut self, participant: &ParticipantId) {
        if let Some(connection) = self.connections.remove(participant) {
            self.people.remove(&connection.id);
        }
    }

    /// Sends a message to one client. Gives its connection if the client does not read.
    #[must_use]
    pub(super) fn send(
        &self,
        participant: &ParticipantId,
        message: &ServerMessage,
    ) -> Option<ConnectionId> {
        let connection = self.connections.get(participant)?;
        let sent = connection.outbox.send(message);
        sent.is_err().then_some(connection.id)
    }

    /// Sends a message, encoded once, to these clients. Gives the connections of those that do not read.
    #[must_use]
    pub(super) fn send_to(
        &self,
        message: &ServerMessage,
        which: impl Fn(&ParticipantId) -> bool,
    ) -> Vec<ConnectionId> {
        let encoded = encode(message);
        self.connections
            .iter()
            .filter(|(id, _)| which(id))
            .filter(|(_, connection)| connection.outbox.send_encoded(encoded.clone()).is_err())
            .map(|(_, connection)| connection.id)
            .collect()
    }

    /// The connections of clients that read nothing any more, although something waits.
    pub(super) fn stuck(&self) -> Vec<ConnectionId> {
        self.connections
            .values()
            .filter(|connection| connection.outbox.is_stuck())
            .map(|connection| connection.id)
            .collect()
    }
}
