//! What the host does for launches.

use async_trait::async_trait;
use url::Url;

use crate::model::Launch;

/// Why a verified launch leads nowhere, in words for the person who sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable, for the administrator: it stands on the page beside the words.
    pub code: &'static str,
    /// What the person should do, in German. Plain text.
    pub german: String,
    /// The same in English.
    pub english: String,
}

/// Something of the host's that a link in a course can lead to (Deep Linking 2.0: a content item).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentItem {
    /// The host's id. It comes back in the custom parameter
    /// [`item_parameter`](crate::Settings::item_parameter) of each launch of the link.
    pub id: String,
    /// What the link in the course is called.
    pub title: String,
}

/// The host. The tool has verified a launch when it asks; what the launch leads to is decided here.
#[async_trait]
pub trait LaunchHandler: Send + Sync + 'static {
    /// Where to send the browser.
    ///
    /// A link that was made by Deep Linking has the id of its [`ContentItem`] in [`Launch::custom`], under
    /// [`item_parameter`](crate::Settings::item_parameter). Do not trust it further than the course: a copied course has the
    /// links of the original.
    ///
    /// # Errors
    /// When this person may not open it, or it does not exist. The words are shown.
    async fn open(&self, launch: &Launch) -> Result<Url, Refused>;

    /// The items that this teacher may link to from this course. None by default.
    ///
    /// # Errors
    /// When this person may select nothing. The words are shown.
    async fn content_items(&self, launch: &Launch) -> Result<Vec<ContentItem>, Refused> {
        let _ = launch;
        Ok(Vec::new())
    }

    /// Makes an item for this course. `title` is what the teacher entered, without control characters, at most 200
    /// characters, perhaps empty.
    ///
    /// # Errors
    /// When none can be made. The words are shown.
    async fn create_content_item(
        &self,
        launch: &Launch,
        title: &str,
    ) -> Result<ContentItem, Refused>;

    /// Hears that a launch by a login of the platform with this id was refused, with the code that stands on the page. Nothing is
    /// told of the person. Whoever begins logins can cause it, as often as they like, and the platform may be gone meanwhile: what is
    /// done here must be bounded. Nothing is done by default.
    async fn launch_refused(&self, platform_id: &str, code: &'static str) {
        let _ = (platform_id, code);
    }
}
