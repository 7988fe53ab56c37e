//! What a client said that wants to come in, and what the server knows of it.

use std::time::Instant;

use kmz_meet_core::room::{Whose, room_name};
use kmz_meet_core::signal::RefusalReason;

use super::frame::PagesAround;
use crate::auth::OwnSession;
use crate::credentials::{Ticket, TicketRole};
use crate::limits::arrivals::Moment;
use crate::limits::visitor::Visitor;
use crate::state::App;
use crate::store::User;

/// What a client said and what the server knows of it.
pub(super) struct Visit {
    pub(super) room: String,
    pub(super) name: String,
    pub(super) password: Option<String>,
    pub(super) seat: Option<String>,
    pub(super) token: Option<String>,
    /// What the token says, once it was read.
    pub(super) ticket: Option<Ticket>,
    /// Why a token says nothing.
    pub(super) no_ticket: RefusalReason,
    /// The session of the browser; [`Visit::user`] says whether it counts.
    pub(super) signed_in: Option<OwnSession>,
    /// In a frame: the pages around it.
    pub(super) around: Option<PagesAround>,
    /// Whether all of these are the room's own school's; as long as there is no room they are not.
    pub(super) own_frame: bool,
    pub(super) device: Option<String>,
    /// Whom limits count.
    pub(super) visitor: Visitor,
    /// When this was said.
    pub(super) said: Instant,
    /// When they may come, if that is not now.
    pub(super) moment: Option<Moment>,
    /// A wrong password is counted once, however often this visit is tried again.
    pub(super) counted: bool,
    /// Came when too many had been wrong: stays so for this visit, however long it waits.
    pub(super) suspicious: bool,
}

impl Visit {
    /// Who is signed in, where that counts: not in the frame of a page that is not of the room's school.
    pub(super) fn user(&self) -> Option<&User> {
        let own = self.signed_in.as_ref();
        own.filter(|_| self.around.is_none() || self.own_frame)
            .map(|own| &own.user)
    }

    /// The session by which they come, where they come by one: with it their place ends.
    pub(super) fn session(&self) -> Option<String> {
        let by_account = self.ticket.is_none() && self.token.is_none() && self.user().is_some();
        let own = self.signed_in.as_ref().filter(|_| by_account);
        own.map(OwnSession::id)
    }

    /// Not yet: too many come from there. When to try again.
    pub(super) fn too_early(&mut self, app: &App, now: Instant) -> Option<Instant> {
        if self.moment.is_none() {
            let room = match &self.ticket {
                Some(ticket) => Some(ticket.room.clone()),
                None => room_name::canonical(&self.room),
            };
            let room = room.unwrap_or_default();
            match app.throttle.arrivals.moment(&room, &self.visitor, now) {
                Ok(moment) => self.moment = Some(moment),
                Err(again) => return Some(again),
            }
        }
        let at = self.moment.as_ref().map(|moment| moment.at);
        at.filter(|at| *at > now)
    }

    /// Whether more is known of who comes than what they say.
    pub(super) fn is_known(&self) -> bool {
        // Who came by a ticket that is too old by now is not who is signed in at this browser.
        self.ticket.is_some() || (self.user().is_some() && self.token.is_none())
    }

    /// As whom someone with a seat comes besides.
    pub(super) fn whose(&self) -> Whose {
        match (&self.ticket, self.user()) {
            (Some(ticket), _) if ticket.role == TicketRole::Guest => Whose::Guests,
            (Some(ticket), _) => Whose::Users(ticket.user.clone()),
            (None, Some(user)) if self.is_known() => Whose::Users(user.id.clone()),
            (None, _) => Whose::Holders,
        }
    }
}
