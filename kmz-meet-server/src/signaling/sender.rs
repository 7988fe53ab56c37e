//! Who sends join requests by a connection, and what the server knows of them before it looks at any room.

use std::time::Instant;

use kmz_meet_core::signal::{ClientMessage, RefusalReason};

use super::frame::PagesAround;
use super::join::{JoinRequest, SeatClaim, Token};
use super::state::Signaling;
use crate::auth::OwnSession;
use crate::integrations::jitsi::{self, JitsiToken};
use crate::limits::ClientAddress;
use crate::limits::limit_key::{LimitKey, Person};
use crate::user_id::UserId;

/// The sender at the other end of a connection. It stays the same however often they ask.
pub(super) struct Sender {
    pub(super) app: Signaling,
    /// The session of the browser.
    pub(super) session: Option<OwnSession>,
    /// The device cookie.
    pub(super) device: Option<String>,
    pub(super) address: ClientAddress,
    pub(super) connected_at: Instant,
    /// In a frame: the pages around it.
    pub(super) around: Option<PagesAround>,
}

impl Sender {
    /// The join request in a message, with everything that is known of its sender; `None` for another message.
    pub(super) async fn request(&self, message: ClientMessage) -> Option<JoinRequest> {
        let ClientMessage::Join {
            room,
            name,
            password,
            seat,
            token,
        } = message
        else {
            return None;
        };
        let said_at = Instant::now();
        let token = match &token {
            Some(token) => self.token(token, &room).await,
            None => Token::Absent,
        };
        let seat = self.seat(seat.as_deref());
        Some(JoinRequest {
            visitor: self.visitor(&token, &seat),
            said_at,
            room,
            name,
            password: password.filter(|password| !password.is_empty()),
            seat,
            token,
            session: self.session.clone(),
            around: self.around.clone(),
            device: self.device.clone(),
        })
    }

    /// Whom the limits count: the account, the ticket's person or the seat if one is proved, else the browser.
    fn visitor(&self, token: &Token, seat: &SeatClaim) -> LimitKey {
        let user = match token {
            Token::Valid(ticket) => ticket.identity.person().map(UserId::to_string),
            Token::Jitsi(pass) => pass.identity.person().map(UserId::to_string),
            Token::Refused(_) => None,
            Token::Absent => self.session.as_ref().map(|own| own.user.id.clone()),
        };
        let of_seat = || match seat {
            SeatClaim::Of { participant, .. } => Some(Person::Seat(participant.0.clone())),
            SeatClaim::Absent | SeatClaim::Invalid => None,
        };
        let device = self.device.as_ref();
        let now = self.app.clock.now();
        let known_for = device.map(|device| self.app.devices.age(device, now));
        let person = user.map(Person::User).or_else(of_seat);
        LimitKey {
            address: self.address.group(),
            person: person.or_else(|| device.cloned().map(Person::Device)),
            known_for: known_for.unwrap_or_default(),
            connected: self.connected_at,
        }
    }

    fn seat(&self, seat: Option<&str>) -> SeatClaim {
        let Some(seat) = seat else {
            return SeatClaim::Absent;
        };
        match self.app.seats.verify(seat, self.app.clock.now()) {
            Some((conference, participant)) => SeatClaim::Of {
                conference,
                participant,
            },
            None => SeatClaim::Invalid,
        }
    }

    /// Verifies a token: one of our own, or one that a registered app made.
    async fn token(&self, token: &str, room: &str) -> Token {
        let now = self.app.clock.now();
        if let Some(ticket) = self.app.tickets.verify(token, now) {
            return Token::Valid(ticket);
        }
        match jitsi::verify(&self.app.store, now, token, room).await {
            Ok(JitsiToken::Valid(pass)) => Token::Jitsi(pass),
            Ok(JitsiToken::NotYet) => Token::Refused(RefusalReason::NotYet),
            Ok(JitsiToken::Disputed) => Token::Refused(RefusalReason::Disputed),
            Ok(JitsiToken::Wrong) => Token::Refused(RefusalReason::BadSeat),
            Err(error) => {
                tracing::warn!(%error, "a token cannot be looked up");
                Token::Refused(RefusalReason::BadSeat)
            }
        }
    }
}
