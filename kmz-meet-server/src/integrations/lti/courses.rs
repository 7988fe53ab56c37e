//! What courses reach of the server.

use std::sync::Arc;

use lti_bridge::Bridge;

use crate::clock::Clock;
use crate::frame_ancestors::FrameAncestors;
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What class lists, grades and missing class lists reach.
    pub struct Courses {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        frame_ancestors: Arc<FrameAncestors>,
        lti: Arc<Bridge>,
    }
}
