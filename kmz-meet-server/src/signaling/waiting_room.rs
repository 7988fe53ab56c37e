//! What a connection does until its person is in: a state machine without a socket, which takes events and gives the next
//! step. Nothing here knows whether the room exists.

use std::time::{Duration, Instant};

/// A waiting request is tried again after this time at the latest. The start of a conference is noticed at once.
const MAX_RETRY_INTERVAL: Duration = Duration::from_secs(10);
/// One connection waits at most this long for a conference to start.
const MAX_WAIT: Duration = Duration::from_hours(1);

/// The next step of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Try to enter.
    Try,
    /// Tell the client that it is waiting.
    Tell,
    /// Wait for an event, or until this moment.
    Wait(Instant),
    /// The wait took too long: a client that is still there comes again by itself, and waits on.
    ComeAgain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is nothing to enter yet.
    Looking,
    /// In the lobby, of which the client knows nothing.
    Knocking,
    /// Refused by a moderator, of which the client knows nothing. Not tried again.
    TurnedAway,
}

/// What the client was told of the present request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    NotYet,
    /// It is told at this moment, so that the delay does not tell how long the room was looked for.
    At(Instant),
    Waiting,
}

/// The state of one waiting connection.
pub(super) struct WaitingRoom {
    phase: Phase,
    told: Told,
    /// An attempt is due.
    due: bool,
    try_again: Instant,
    until: Instant,
}

impl WaitingRoom {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            phase: Phase::Looking,
            told: Told::NotYet,
            due: true,
            try_again: now,
            until: now + MAX_WAIT,
        }
    }

    /// The next step. Each call gives the step after the one before.
    pub(super) fn next(&mut self, now: Instant) -> Step {
        // The client gets its answer before the clock triggers another attempt; events trigger one at once.
        if self.told == Told::Waiting && self.try_again <= now {
            self.due = true;
        }
        if self.due {
            self.due = false;
            self.try_again = now + MAX_RETRY_INTERVAL;
            if self.phase == Phase::Looking {
                return Step::Try;
            }
        }
        if self.until <= now {
            return Step::ComeAgain;
        }
        match self.told {
            Told::At(at) if at <= now => {
                self.told = Told::Waiting;
                Step::Tell
            }
            Told::At(at) => Step::Wait(at.min(self.until)),
            Told::NotYet | Told::Waiting => Step::Wait(self.try_again.min(self.until)),
        }
    }

    /// The attempt was too early, because too many come. Try again at this moment.
    pub(super) fn too_early(&mut self, again: Instant) {
        self.try_again = self.try_again.min(again);
    }

    /// Whether the moment of the answer to this request is settled.
    pub(super) fn has_answer(&self) -> bool {
        self.told != Told::NotYet
    }

    /// Sets the moment of the answer to this request.
    pub(super) fn answer_at(&mut self, at: Instant) {
        self.told = Told::At(at);
    }

    /// When the answer to the present request is due, if the client has not got it. Another request before that moment would
    /// get round the delay.
    pub(super) fn owed_at(&self) -> Option<Instant> {
        match self.told {
            Told::At(at) => Some(at),
            Told::NotYet | Told::Waiting => None,
        }
    }

    /// The client sent another request, perhaps with another name or password.
    pub(super) fn asked_anew(&mut self) {
        self.phase = Phase::Looking;
        self.told = Told::NotYet;
        self.due = true;
    }

    /// A conference started somewhere.
    pub(super) fn conference_started(&mut self) {
        self.due = true;
    }

    /// The request led to a lobby.
    pub(super) fn knocks(&mut self) {
        self.phase = Phase::Knocking;
    }

    /// A moderator refused the knock.
    pub(super) fn turned_away(&mut self) {
        self.phase = Phase::TurnedAway;
    }

    /// The conference with that lobby is over.
    pub(super) fn lobby_closed(&mut self) {
        self.phase = Phase::Looking;
        self.due = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A connection that found nothing and got its first answer.
    fn waiting(now: Instant) -> WaitingRoom {
        let mut room = WaitingRoom::new(now);
        assert_eq!(room.next(now), Step::Try);
        room.answer_at(now);
        assert_eq!(room.next(now), Step::Tell);
        room
    }

    #[test]
    fn request_without_a_room_is_answered_once_at_its_time_and_tried_again() {
        let now = Instant::now();
        let mut room = WaitingRoom::new(now);
        assert_eq!(room.next(now), Step::Try);
        assert!(!room.has_answer());
        room.answer_at(now + SECOND);
        assert!(room.has_answer());
        assert_eq!(room.next(now), Step::Wait(now + SECOND));
        assert_eq!(room.next(now + SECOND), Step::Tell);
        assert_eq!(
            room.next(now + SECOND),
            Step::Wait(now + MAX_RETRY_INTERVAL)
        );
        assert_eq!(room.next(now + MAX_RETRY_INTERVAL), Step::Try);
        let later = now + 2 * MAX_RETRY_INTERVAL;
        assert_eq!(room.next(now + MAX_RETRY_INTERVAL), Step::Wait(later));
    }

    #[test]
    fn answer_that_is_owed_comes_before_the_next_attempt_by_the_clock() {
        let now = Instant::now();
        let mut room = WaitingRoom::new(now);
        room.next(now);
        room.answer_at(now + 2 * SECOND);
        room.too_early(now + SECOND);
        assert_eq!(room.next(now + SECOND), Step::Wait(now + 2 * SECOND));
        assert_eq!(room.next(now + 2 * SECOND), Step::Tell);
        assert_eq!(room.next(now + 2 * SECOND), Step::Try);
    }

    #[test]
    fn start_before_the_answer_is_tried_at_once() {
        let now = Instant::now();
        let mut room = WaitingRoom::new(now);
        room.next(now);
        room.answer_at(now + SECOND);
        room.conference_started();
        assert_eq!(room.next(now), Step::Try);
        assert_eq!(room.next(now), Step::Wait(now + SECOND));
    }

    #[test]
    fn hidden_knock_is_answered_as_before_and_not_tried_again() {
        let now = Instant::now();
        let mut room = WaitingRoom::new(now);
        room.next(now);
        room.knocks();
        room.answer_at(now);
        assert_eq!(room.next(now), Step::Tell);
        room.conference_started();
        assert_eq!(room.next(now), Step::Wait(now + MAX_RETRY_INTERVAL));
        room.turned_away();
        room.conference_started();
        assert_eq!(room.next(now), Step::Wait(now + MAX_RETRY_INTERVAL));
        let later = now + MAX_RETRY_INTERVAL;
        assert_eq!(room.next(later), Step::Wait(later + MAX_RETRY_INTERVAL));
    }

    #[test]
    fn request_after_a_closed_lobby_or_a_new_one_is_tried_at_once() {
        let now = Instant::now();
        let mut room = waiting(now);
        room.knocks();
        room.lobby_closed();
        assert_eq!(room.next(now), Step::Try);
        room.knocks();
        room.turned_away();
        room.asked_anew();
        assert_eq!(room.owed_at(), None);
        assert_eq!(room.next(now), Step::Try);
        room.answer_at(now + SECOND);
        assert_eq!(room.owed_at(), Some(now + SECOND));
    }

    #[test]
    fn connection_that_waits_for_an_hour_comes_again() {
        let now = Instant::now();
        let mut room = waiting(now);
        room.knocks();
        let mut at = now;
        loop {
            match room.next(at) {
                Step::Wait(until) => {
                    assert!(until > at && until <= now + MAX_WAIT);
                    at = until;
                }
                Step::ComeAgain => break,
                step => panic!("{step:?}"),
            }
        }
        assert_eq!(at, now + MAX_WAIT);
    }
}
