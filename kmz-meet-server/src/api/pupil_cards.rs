//! Pupil cards, as pupils use them: exchanged for the way into the room.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Device;
use crate::class_cards::{
    self, CardCode, CardGuesses, CardSecrets, NotOpened, Opened, Shown, TICKET_LIFETIME,
};
use crate::clock::Clock;
use crate::config::{Entry, PublicUrl};
use crate::credentials::Tickets;
use crate::http::Problem;
use crate::http::json_body::Body;
use crate::limits::ClientAddress;
use crate::state::sub_state;
use crate::store::SharedStore;

sub_state! {
    /// What the handler of pupil cards reaches.
    pub struct PupilCards {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        tickets: Arc<Tickets>,
        card_secrets: Arc<CardSecrets>,
        card_guesses: Arc<CardGuesses>,
    }
}

/// What somebody has of a card: one of both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownCard {
    /// What is behind the `#` of its link.
    #[serde(default)]
    #[schema(max_length = 100)]
    link: Option<String>,
    /// The short code, as it was typed.
    #[serde(default)]
    #[schema(max_length = 40)]
    code: Option<String>,
}

/// The way into the room.
#[derive(Serialize, ToSchema)]
pub struct CardEntry {
    /// What the pupil opens. A ticket is in its fragment, which browsers do not send.
    url: String,
}

fn refused(error: NotOpened) -> Problem {
    match error {
        NotOpened::Over => Problem::not_found(),
        NotOpened::NoContract => Problem::no_contract(),
        NotOpened::Store(error) => error.into(),
    }
}

/// Exchange a pupil card for the way into its room
#[utoipa::path(
    post, path = "/api/v1/pupil-cards/entry", tag = "pupil_cards", security(()), request_body = ShownCard,
    responses(
        (status = 200, body = CardEntry),
        (status = 400, body = Problem, description = "`bad_request`: neither of both, or both"),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`: it was withdrawn or renewed, or never was"),
        (status = 429, body = Problem, description = "`too_many_attempts`: too many codes were wrong; `Retry-After` says when to try again"),
    )
)]
pub async fn enter(
    State(app): State<PupilCards>,
    address: ClientAddress,
    Device(device): Device,
    Body(shown): Body<ShownCard>,
) -> Result<Json<CardEntry>, Problem> {
    let now = app.clock.now();
    let (store, secrets) = (&app.store, &app.card_secrets);
    let opened = match (&shown.link, &shown.code) {
        (Some(link), None) => class_cards::open(store, secrets, now, Shown::Link(link)).await,
        (None, Some(code)) => {
            // What is no code tells nobody anything, and counts as nothing: somebody typed the name of a room.
            let code = CardCode::parse(code).ok_or_else(Problem::not_found)?;
            let guesses = &app.card_guesses;
            let guess = guesses.begin(address.network(), device, Instant::now());
            let guess = guess.map_err(|wait| Problem::too_many_attempts(wait.as_secs().max(1)))?;
            let opened = class_cards::open(store, secrets, now, Shown::Code(&code)).await;
            if !matches!(opened, Err(NotOpened::Over)) {
                guesses.right(&guess);
            }
            opened
        }
        _ => return Err(Problem::bad_request("Send `link` or `code`.")),
    };
    let Opened {
        room,
        school,
        ticket,
        name,
    } = opened.map_err(refused)?;
    let ticket = app.tickets.sign(&school, &ticket, now, TICKET_LIFETIME)?;
    let entry = Entry {
        ticket: &ticket,
        name: Some(&name),
        title: room.title.as_deref(),
        lang: None,
    };
    let url = app.public_url.entry(&room.name, &entry);
    Ok(Json(CardEntry { url }))
}
