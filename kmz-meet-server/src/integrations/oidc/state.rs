//! What signing in by a provider reaches.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::limits::RequestLimit;
use crate::openid::{Discoveries, Relying, SignInProvider};
use crate::sealing::Sealing;
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What signing in by a provider reaches.
    pub struct SignOn {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        discoveries: Arc<Discoveries>,
        sign_in_sealing: Arc<Sealing>,
        request_limit: Arc<RequestLimit>,
    }
}

impl SignOn {
    /// This server, as a provider knows it.
    pub(super) fn relying<'a>(
        &'a self,
        provider: &'a SignInProvider,
        secret: &'a str,
        redirect: &'a str,
    ) -> Relying<'a> {
        Relying {
            discoveries: &self.discoveries,
            provider,
            secret,
            redirect,
        }
    }
}
