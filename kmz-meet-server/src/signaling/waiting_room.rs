//! What a connection does until its person is in, as a state machine without a socket: it is told what happened and says what
//! comes next. Nothing here knows whether there is such a room.

use std::time::{Duration, Instant};

/// Who waits is tried again at the latest after this time; a start is noticed at once.
const TRY_AGAIN: Duration = Duration::from_secs(10);
/// Longest that someone waits for a conference to start by one connection.
const MAX_WAIT: Duration = Duration::from_hours(1);

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Try to come in.
    Try,
    /// Tell the client that it waits.
    Tell,
    /// Wait until something happens, or until then.
    Wait(Instant),
    /// The wait took too long: whoever is still there comes again by themselves, and waits on.
    ComeAgain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is nothing to enter yet.
    Looking,
    /// In the lobby without being told so.
    Knocking,
    /// Turned away by a moderator without being told so: not tried again.
    TurnedAway,
}

/// What the client was told of the present request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    NotYet,
    /// It is told at this moment, so that the answer does not say how long the room was looked for.
    At(Instant),
    Waiting,
}

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

    /// What comes next. Each step is said once: who asks again is told what comes after it.
    pub(super) fn next(&mut self, now: Instant) -> Step {
        // An answer is owed before anything is tried by the clock; what was heard is tried at once.
        if self.told == Told::Waiting && self.try_again <= now {
            self.due = true;
        }
        if self.due {
            self.due = false;
            self.try_again = now + TRY_AGAIN;
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

    /// Too many come: the attempt was too early, and is worth another one then.
    pub(super) fn too_early(&mut self, again: Instant) {
        self.try_again = self.try_again.min(again);
    }

    /// Whether it was settled when this request is answered.
    pub(super) fn has_answer(&self) -> bool {
        self.told != Told::NotYet
    }

    /// The request is answered at this moment.
    pub(super) fn answer_at(&mut self, at: Instant) {
        self.told = Told::At(at);
    }

    /// When the answer to the present request is due, if it was not given yet. Another request before it would get round the
    /// holding back.
    pub(super) fn owed_at(&self) -> Option<Instant> {
        match self.told {
            Told::At(at) => Some(at),
            Told::NotYet | Told::Waiting => None,
        }
    }

    /// The client asks anew, perhaps with another name or password.
    pub(super) fn asked_anew(&mut self) {
        self.phase = Phase::Looking;
        self.told = Told::NotYet;
        self.due = true;
    }

    /// A conference started somewhere.
    pub(super) fn conference_started(&mut self) {
        self.due = true;
    }

    /// It is in a lobby.
    pub(super) fn knocks(&mut self) {
        self.phase = Phase::Knocking;
    }

    /// A moderator refused it.
    pub(super) fn turned_away(&mut self) {
        self.phase = Phase::TurnedAway;
    }

    /// The conference in whose lobby it was is over.
    pub(super) fn lobby_closed(&mut self) {
        self.phase = Phase::Looking;
        self.due = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Someone for whom there is nothing, up to their first answer.
    fn waiting(now: Instant) -> WaitingRoom {
        let mut room = WaitingRoom::new(now);
        assert_eq!(room.next(now), Step::Try);
        room.answer_at(now);
        assert_eq!(room.next(now), Step::Tell);
        room
    }

    #[test]
    fn a_request_without_a_room_is_answered_once_at_its_time_and_tried_again() {
        let now = Instant::now();
        let mut room = WaitingRoom::new(now);
        assert_eq!(room.next(now), Step::Try);
        assert!(!room.has_answer());
        room.answer_at(now + SECOND);
        assert!(room.has_answer());
        assert_eq!(room.next(now), Step::Wait(now + SECOND));
        assert_eq!(room.next(now + SECOND), Step::Tell);
        assert_eq!(room.next(now + SECOND), Step::Wait(now + TRY_AGAIN));
        assert_eq!(room.next(now + TRY_AGAIN), Step::Try);
        let later = now + 2 * TRY_AGAIN;
        assert_eq!(room.next(now + TRY_AGAIN), Step::Wait(later));
    }

    #[test]
    fn an_answer_that_is_owed_comes_before_the_next_attempt_by_the_clock() {
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
    fn a_start_is_tried_at_once_also_before_the_answer() {
        let now = Instant::now();
        let mut room = WaitingRoom::new(now);
        room.next(now);
        room.answer_at(now + SECOND);
        room.conference_started();
        assert_eq!(room.next(now), Step::Try);
        assert_eq!(room.next(now), Step::Wait(now + SECOND));
    }

    #[test]
    fn a_hidden_knock_is_answered_as_before_and_not_tried_again() {
        let now = Instant::now();
        let mut room = WaitingRoom::new(now);
        room.next(now);
        room.knocks();
        room.answer_at(now);
        assert_eq!(room.next(now), Step::Tell);
        room.conference_started();
        assert_eq!(room.next(now), Step::Wait(now + TRY_AGAIN));
        room.turned_away();
        room.conference_started();
        assert_eq!(room.next(now), Step::Wait(now + TRY_AGAIN));
        let later = now + TRY_AGAIN;
        assert_eq!(room.next(later), Step::Wait(later + TRY_AGAIN));
    }

    #[test]
    fn a_lobby_that_closes_and_a_new_request_are_tried_at_once() {
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
    fn nobody_waits_by_one_connection_for_more_than_an_hour() {
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
