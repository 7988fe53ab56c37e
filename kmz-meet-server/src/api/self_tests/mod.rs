//! Self tests: whether the media of a lesson will come through, tried by anybody, without a room and without signing in.
//!
//! `network` says what is tried, `running` begins a test and connects it, `results` takes what it found, and `counts` says how many found what.

pub(super) mod counts;
pub(super) mod network;
pub(super) mod results;
pub(super) mod running;

use std::sync::Arc;

use kmz_meet_core::sfu::Media;

use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::self_tests::SelfTests;
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What handlers of self tests reach.
    pub struct Testing {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        media: Media,
        self_tests: SelfTests,
    }
}
