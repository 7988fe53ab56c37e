//! Courses: LTI launches lead into rooms, and attendance goes back to the platforms.

pub mod class_list;
mod courses;
mod failures;
pub mod grades;
mod kept;
mod known;
pub mod missing_class_lists;
mod origins;
mod rooms;
mod store;
mod wording;

use std::sync::Arc;

use guarded_http::GuardedClient;
use lti_bridge::{Bridge, NumericDate, Settings, SigningKey, Words};
use url::Url;

pub use courses::Courses;
pub use kept::{KeptInvitation, KeptPlatform};
pub use origins::refresh_frame_ancestors;
pub use rooms::{Course, CourseRooms};
pub use store::{LtiStore, MAX_PLATFORMS_OF_SCHOOL};

use crate::config::PublicUrl;
use crate::credentials::Tickets;
use crate::page;

/// The path of the LTI tool.
pub const PATH: &str = "/lti";

/// The LTI tool, with our store and our rooms. `None` if the public URL is none.
pub fn bridge(
    lti_store: LtiStore,
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
        store: lti_store.store.clone(),
        tickets: tickets.clone(),
        public_url: public_url.clone(),
        clock: lti_store.clock.clone(),
        capacity,
        failures: failures::LaunchFailures::default(),
    };
    let clock = lti_store.clock.clone();
    Some(Bridge::with_clock(
        settings,
        Arc::new(lti_store),
        Arc::new(rooms),
        outgoing.clone(),
        Arc::new(move || NumericDate(clock.now() / 1_000)),
    ))
}
