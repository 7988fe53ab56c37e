//! The words of the LTI tool's pages about rooms, and the names that platforms store.

use lti_bridge::{Settings, Words};

/// The custom parameter of a link that carries the room's id. Platforms store it in their links, so it never changes.
const ROOM_PARAMETER: &str = "room";
/// The tag of the columns for attendance. Platforms store it with each column, so it never changes.
const COLUMN_TAG: &str = "attendance";

/// Makes the tool speak of rooms, instead of content.
pub fn speak_of_rooms(settings: &mut Settings) {
    ROOM_PARAMETER.clone_into(&mut settings.item_parameter);
    settings.line_item_tag = Some(COLUMN_TAG.to_owned());
    let wording = &mut settings.wording;
    wording.opening = Words::new("Der Raum wird geöffnet", "The room is being opened");
    wording.framed = Words::new(
        "Dein Browser lässt diesen Raum nicht im Kurs anzeigen. In einem eigenen Fenster geht es.",
        "Your browser does not let this room be shown inside the course. It works in its own window.",
    );
    wording.selection = Words::new(
        "Welcher Raum soll in den Kurs?",
        "Which room for the course?",
    );
    wording.items = Words::new("Raum", "Room");
    wording.new_item = Words::new("Ein neuer Raum", "A new room");
    wording.new_item_title = Words::new("Name des neuen Raums", "Name of the new room");
    wording.registered = Words::new(
        "Danach können Kurse Räume öffnen.",
        "Afterwards courses can open rooms.",
    );
    wording.registration_hint = Some(Words::new(
        "Damit Lehrkräfte ihren Bildschirm teilen können, stelle den Startcontainer auf „Neues Fenster“.",
        "So that teachers can share their screen, set the launch container to 'New window'.",
    ));
    wording.manual_setup = Words::new(
        "Die Administration dieses Dienstes trägt sie über die REST-Schnittstelle ein: POST /api/v1/lti/platforms.",
        "The administrator of this service enters them by the REST API: POST /api/v1/lti/platforms.",
    );
}
