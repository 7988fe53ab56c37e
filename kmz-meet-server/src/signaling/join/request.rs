//! What a client said when it came, and what the server knows of it.

use std::time::Instant;

use kmz_meet_core::signal::{ConferenceId, ParticipantId, RefusalReason};

use crate::auth::OwnSession;
use crate::credentials::Ticket;
use crate::integrations::jitsi::JitsiPass;
use crate::limits::join_rate::Reservation;
use crate::limits::limit_key::LimitKey;
use crate::signaling::frame::PagesAround;
use crate::store::User;

/// A token that came with the request, as far as it could be verified.
#[derive(Clone, Debug)]
pub(in crate::signaling) enum Token {
    /// None came.
    Absent,
    Valid(Ticket),
    /// An app's token. Its room may not be there yet, so it becomes a ticket when somebody may come.
    Jitsi(Box<JitsiPass>),
    /// It says nothing about anybody, for this reason.
    Refused(RefusalReason),
}

/// A seat that came with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::signaling) enum SeatClaim {
    /// None came.
    Absent,
    /// Not signed by us, or too old.
    Invalid,
    Of {
        conference: ConferenceId,
        participant: ParticipantId,
    },
}

/// The first message of a client, with everything that is known about its sender. It does not change while they wait.
#[derive(Clone)]
pub(in crate::signaling) struct JoinRequest {
    /// The room as the address bar names it.
    pub(in crate::signaling) room: String,
    /// The name that the person typed.
    pub(in crate::signaling) name: String,
    pub(in crate::signaling) password: Option<String>,
    pub(in crate::signaling) seat: SeatClaim,
    pub(in crate::signaling) token: Token,
    /// The session of the browser; [`JoinRequest::user`] says whether it counts.
    pub(in crate::signaling) session: Option<OwnSession>,
    /// In a frame: the pages around it.
    pub(in crate::signaling) around: Option<PagesAround>,
    pub(in crate::signaling) device: Option<String>,
    /// Whom limits count.
    pub(in crate::signaling) visitor: LimitKey,
    /// When this was said.
    pub(in crate::signaling) said_at: Instant,
}

/// The pages around a frame, once the room is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::signaling) enum Frame {
    /// A window of its own, or all pages around are those of the room's own school.
    Own,
    /// Any other page, and every frame as long as no room is known: what is answered then tells nothing about the room.
    Foreign,
}

impl JoinRequest {
    pub(super) fn ticket(&self) -> Option<&Ticket> {
        match &self.token {
            Token::Valid(ticket) => Some(ticket),
            Token::Absent | Token::Jitsi(_) | Token::Refused(_) => None,
        }
    }

    pub(super) fn has_seat(&self) -> bool {
        self.seat != SeatClaim::Absent
    }

    /// Who is signed in, where that counts: not in the frame of a foreign page.
    pub(super) fn user(&self, frame: Frame) -> Option<&User> {
        let counts = frame == Frame::Own;
        let session = self.session.as_ref().filter(|_| counts);
        session.map(|session| &session.user)
    }

    /// The frame as long as no room is known.
    pub(super) fn unknown_frame(&self) -> Frame {
        match self.around {
            Some(_) => Frame::Foreign,
            None => Frame::Own,
        }
    }

    /// The account by which they come. An expired ticket must not fall back to the session: it is another person's at a
    /// computer that many use.
    pub(super) fn account(&self, frame: Frame) -> Option<&User> {
        match self.token {
            Token::Absent => self.user(frame),
            Token::Valid(_) | Token::Jitsi(_) | Token::Refused(_) => None,
        }
    }

    /// The session by which they come, as an opaque key: their place ends with it.
    pub(super) fn session_id(&self, frame: Frame) -> Option<String> {
        self.account(frame)?;
        self.session.as_ref().map(OwnSession::id)
    }

    /// Whether a signed claim or an account says who they are.
    pub(super) fn is_known(&self, frame: Frame) -> bool {
        self.ticket().is_some() || self.account(frame).is_some()
    }
}

/// What changes while somebody tries again and again by one request.
#[derive(Default)]
pub(in crate::signaling) struct Attempt {
    /// When they may join, if that is not now.
    pub(super) reservation: Option<Reservation>,
    /// Their wrong password was counted: once is enough, however often the request is tried.
    pub(super) guess_counted: bool,
    /// They came when too many passwords had been wrong. Stays so, however long they wait.
    pub(super) rate_limited: bool,
}
