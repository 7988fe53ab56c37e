//! What the bridge leads to.

use async_trait::async_trait;
use url::Url;

use crate::model::Launch;

/// Why a verified launch leads nowhere, in words for the person who sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable, for the administrator.
    pub code: &'static str,
    pub german: String,
    pub english: String,
}

/// A room that a link can lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomChoice {
    pub id: String,
    pub title: String,
}

/// Opens rooms for launches. The bridge has verified the launch; what it leads to is decided here.
#[async_trait]
pub trait RoomOpener: Send + Sync + 'static {
    /// Where to send the browser. A link that was made by Deep Linking has the room's id in `custom["room"]`.
    async fn open(&self, launch: &Launch) -> Result<Url, Refused>;
    /// The rooms that this person may link to from this course.
    async fn rooms(&self, launch: &Launch) -> Result<Vec<RoomChoice>, Refused>;
    /// Makes a room for this course.
    async fn create_room(&self, launch: &Launch, title: &str) -> Result<RoomChoice, Refused>;
}
