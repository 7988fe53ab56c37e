//! What meetings reach of the server.

use std::sync::Arc;

use crate::clock::Clock;
use crate::conferences::Registry;
use crate::config::{Config, PublicUrl};
use crate::credentials::{BbbSecrets, Tickets};
use crate::deliveries::Deliveries;
use crate::limits::InTurn;
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What the calls and the end of meetings reach.
    pub struct Meetings {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        config: Arc<Config>,
        public_url: PublicUrl,
        conferences: Arc<Registry>,
        tickets: Arc<Tickets>,
        bbb_secrets: Arc<BbbSecrets>,
        in_turn: InTurn,
        deliveries: Arc<Deliveries>,
    }
}
