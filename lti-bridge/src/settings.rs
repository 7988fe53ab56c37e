//! What the host decides: names, addresses, and the words for what its links lead to.

use url::Url;

use crate::signed::SigningKey;
use crate::words::Words;

/// The settings of a tool. [`Settings::new`] takes what every tool needs; the other fields have defaults and may be assigned.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Where the router is reached from outside, such as `https://meet.example/lti`; without a slash at the end.
    pub base_url: Url,
    /// What the platform calls the tool.
    pub name: String,
    /// What the tool is for. The platform gets it in the language of the administrator who registers it.
    pub description: Words,
    /// A picture that platforms show beside the name. Their pages load it, so it must be readable from other origins.
    pub icon: Option<Url>,
    /// Signs logins and selections that are under way. Keep it if they shall outlive a restart.
    pub key: SigningKey,
    /// The custom parameter of a link that carries the id of its content item, and the field of the selection form.
    /// Platforms store it in every link, so it must not change later. `item` by default.
    pub item_parameter: String,
    /// The `tag` of the line items that the tool makes (AGS 2.0, 3.2.7): platforms keep it with the column. None by default.
    pub line_item_tag: Option<String>,
    /// What people read on the tool's pages about the host's content.
    pub wording: Wording,
}

impl Settings {
    /// The settings that have no default.
    #[must_use]
    pub fn new(
        base_url: Url,
        name: impl Into<String>,
        description: Words,
        key: SigningKey,
    ) -> Self {
        Self {
            base_url,
            name: name.into(),
            description,
            icon: None,
            key,
            item_parameter: "item".to_owned(),
            line_item_tag: None,
            wording: Wording::default(),
        }
    }
}

/// How the tool's pages speak of the host's content. The default speaks of content and items.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wording {
    /// While a launch is under way.
    pub opening: Words,
    /// Why the browser must open the content in a window of its own.
    pub framed: Words,
    /// Heading of the page on which a teacher selects an item.
    pub selection: Words,
    /// Caption of the list of items.
    pub items: Words,
    /// The choice that makes a new item.
    pub new_item: Words,
    /// Caption of the new item's title.
    pub new_item_title: Words,
    /// What follows once the administrator has activated the registered tool.
    pub registered: Words,
    /// A hint for the administrator who has just registered the tool.
    pub registration_hint: Option<Words>,
    /// Where the host's administrator enters the values of a platform that was registered by hand.
    pub manual_setup: Words,
}

impl Default for Wording {
    fn default() -> Self {
        Self {
            opening: Words::new("Der Inhalt wird geöffnet", "The content is being opened"),
            framed: Words::new(
                "Dein Browser lässt diesen Inhalt nicht im Kurs anzeigen. In einem eigenen Fenster geht es.",
                "Your browser does not let this content be shown inside the course. It works in its own window.",
            ),
            selection: Words::new("Was soll in den Kurs?", "What do you want in the course?"),
            items: Words::new("Inhalt", "Content"),
            new_item: Words::new("Ein neuer Inhalt", "New content"),
            new_item_title: Words::new("Name des neuen Inhalts", "Name of the new content"),
            registered: Words::new(
                "Danach können Kurse den Dienst nutzen.",
                "Afterwards courses can use the service.",
            ),
            registration_hint: None,
            manual_setup: Words::new(
                "Die Administration dieses Dienstes trägt sie hier ein.",
                "The administrator of this service enters them here.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wording_by_default_fits_any_host() {
        let text = format!("{:?}", Wording::default()).to_lowercase();
        for word in ["raum", "räume", "room", "/api/"] {
            assert!(!text.contains(word), "{word}");
        }
    }
}
