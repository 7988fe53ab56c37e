//! Courses: how LTI launches lead into rooms, and what comes back from them.

pub mod class_list;
mod courses;
pub mod grades;
mod kept;
mod known;
pub mod late_lists;
mod origins;
mod rooms;
mod store;
mod wording;

use std::sync::Arc;

use guarded_http::GuardedClient;
use lti_bridge::{Bridge, Settings, SigningKey, Words};
use url::Url;

pub use courses::Courses;
pub use kept::{KeptInvitation, KeptPlatform};
pub use origins::refresh_framing;
pub use rooms::{Course, CourseRooms};
pub use store::{Keeping, MOST_OF_SCHOOL};

use crate::config::PublicUrl;
use crate::credentials::Tickets;
use crate::page;

/// Where the bridge is.
pub const PATH: &str = "/lti";

/// The tool, over our store and rooms.
pub fn bridge(
    keeping: Keeping,
    key: SigningKey,
    tickets: &Arc<Tickets>,
    public_url: &PublicUrl,
    outgoing: &GuardedClient,
    capacity: u32,
) -> Option<Arc<Bridge>> {
    let mut settings = Settings::new(
        Url::parse(&format!("{public_url}{PATH}")).ok()?,
        "kmz-meet",
        Words::new(
            "Videokonferenzen für den Unterricht",
            "Video conferences for lessons",
        ),
        key,
    );
    settings.icon = Url::parse(&format!("{public_url}{}", page::ICON)).ok();
    wording::speak_of_rooms(&mut settings);
    let rooms = CourseRooms {
        store: keeping.store.clone(),
        tickets: tickets.clone(),
        public_url: public_url.clone(),
        clock: keeping.clock.clone(),
        capacity,
    };
    let seconds = keeping.clock.clone();
    Some(Bridge::with_clock(
        settings,
        Arc::new(keeping),
        Arc::new(rooms),
        outgoing.clone(),
        Arc::new(move || seconds.now() / 1_000),
    ))
}
