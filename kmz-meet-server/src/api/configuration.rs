//! What clients need to know before they do anything.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use kmz_meet_core::signal::{MAX_CHAT_CHARS, MAX_NAME_CHARS};
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::Config;

/// Limits and version of this server.
#[derive(Serialize, ToSchema)]
pub struct Configuration {
    version: &'static str,
    /// Most people in one conference.
    capacity: u32,
    /// Longest name of a person, in characters.
    max_name_chars: usize,
    /// Longest chat message, in characters.
    max_chat_chars: usize,
    /// Pictures that one participant can receive at once, at most.
    max_video_slots: u32,
    /// Whether this server sends mail: then a forgotten password can be replaced.
    mail: bool,
    /// Where people get help.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    /// A page for teachers, pupils and parents; invitations name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    information_url: Option<String>,
}

/// Limits and version of this server
#[utoipa::path(get, path = "/api/v1/config", security(()), tag = "server", responses((status = 200, body = Configuration)))]
pub async fn show(State(config): State<Arc<Config>>) -> Json<Configuration> {
    Json(Configuration {
        version: env!("CARGO_PKG_VERSION"),
        capacity: config.capacity,
        max_name_chars: MAX_NAME_CHARS,
        max_chat_chars: MAX_CHAT_CHARS,
        max_video_slots: 49,
        mail: config.mail.is_some(),
        contact: config.contact.clone(),
        information_url: config
            .information_url
            .as_ref()
            .map(|page| page.as_str().to_owned()),
    })
}
