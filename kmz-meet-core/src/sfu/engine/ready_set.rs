//! Whose batch has packets, and whether it ends with a finished picture.

use crate::sfu::ids::MemberKey;

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Empty,
    Unfinished,
    Finished,
}

/// The viewers to flush.
#[derive(Default)]
pub(super) struct ReadySet {
    viewers: Vec<MemberKey>,
    states: Vec<State>,
}

impl ReadySet {
    /// A packet went into this viewer's batch; `finished`: nothing that belongs to it is to come.
    pub(super) fn note(&mut self, viewer: MemberKey, finished: bool) {
        let index = viewer.index();
        if index >= self.states.len() {
            self.states.resize(index + 1, State::Empty);
        }
        if self.states[index] == State::Empty {
            self.viewers.push(viewer);
        }
        self.states[index] = if finished {
            State::Finished
        } else {
            State::Unfinished
        };
    }

    pub(super) fn is_empty(&self) -> bool {
        self.viewers.is_empty()
    }

    /// Hands out each waiting viewer; who answers false stays.
    pub(super) fn drain(&mut self, mut flush: impl FnMut(MemberKey, bool) -> bool) {
        let states = &mut self.states;
        self.viewers.retain(|viewer| {
            let left = flush(*viewer, states[viewer.index()] == State::Finished);
            if left {
                states[viewer.index()] = State::Empty;
            }
            !left
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(number: usize) -> MemberKey {
        MemberKey::from_index(number)
    }

    #[test]
    fn ready_set_keeps_unfinished_pictures() {
        let mut ready = ReadySet::default();
        ready.note(viewer(3), false);
        ready.note(viewer(1), true);
        let mut left = Vec::new();
        ready.drain(|viewer, finished| {
            if finished {
                left.push(viewer);
            }
            finished
        });
        assert_eq!(left, [viewer(1)]);
        ready.note(viewer(3), true);
        ready.drain(|viewer, finished| {
            left.push(viewer);
            finished
        });
        assert_eq!(left, [viewer(1), viewer(3)]);
        assert!(ready.is_empty());
    }
}
