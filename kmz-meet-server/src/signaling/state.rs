//! What the WebSocket reaches of the server.

use std::sync::Arc;

use crate::clock::Clock;
use crate::conferences::Registry;
use crate::config::{Config, PublicUrl};
use crate::credentials::{Devices, Seats, Tickets};
use crate::frame_ancestors::FrameAncestors;
use crate::limits::WaitingLimits;
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What a connection and its join requests reach.
    pub struct Signaling {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        config: Arc<Config>,
        public_url: PublicUrl,
        frame_ancestors: Arc<FrameAncestors>,
        conferences: Arc<Registry>,
        seats: Arc<Seats>,
        tickets: Arc<Tickets>,
        devices: Arc<Devices>,
        waiting_limits: Arc<WaitingLimits>,
    }
}
