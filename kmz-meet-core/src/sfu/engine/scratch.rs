//! Room for decisions, kept so that deciding does not allocate each time.

use crate::sfu::allocation::allocator::StreamRequest;
use crate::sfu::ids::{Encoding, MemberKey, SlotId, Track};

/// A picture for one slot of a viewer.
#[derive(Clone, Copy)]
pub struct Picture {
    pub slot: SlotId,
    pub member: MemberKey,
    pub track: Track,
}

/// See the module. All lists are of one viewer, and in step with each other.
#[derive(Default)]
pub struct Scratch {
    pub pictures: Vec<Picture>,
    pub requests: Vec<StreamRequest>,
    pub chosen: Vec<Option<Encoding>>,
    pub before: Vec<Option<Encoding>>,
    /// Cameras that are shown or would be, and the largest encoding worth sending.
    pub watched: Vec<(MemberKey, Encoding)>,
}

impl Scratch {
    pub fn clear(&mut self) {
        self.pictures.clear();
        self.requests.clear();
        self.chosen.clear();
        self.before.clear();
        self.watched.clear();
    }
}
