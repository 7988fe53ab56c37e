//! Tickets: the right of one person to come into one room, for integrators to hand out.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rooms::contract_signed;
use crate::auth::Caller;
use crate::clock::{Clock, millis};
use crate::config::Entry;
use crate::config::PublicUrl;
use crate::credentials::Tickets;
use crate::credentials::{
    Identity, MAX_TICKET_LIFETIME, Scope, TICKET_LIFETIME, Ticket, TicketRole,
};
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::Body;
use crate::http::path::Path;
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::user_id::UserId;

sub_state! {
    /// What handlers of tickets reach.
    pub struct TicketOffice {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        tickets: Arc<Tickets>,
    }
}

/// Who is to come in, and as what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    /// The person as the integrator knows them: the same text is the same person, who has three places at once; the oldest
    /// gives way to a fourth. So never one id for a class.
    user: given::ForeignUser,
    /// As others see them; cut after 60 characters. When absent, the person types a name.
    name: Option<given::PersonName>,
    role: TicketRole,
    /// An hour when absent.
    #[schema(minimum = 60, maximum = 86400)]
    valid_seconds: Option<i64>,
    /// Language of the pages.
    lang: Option<Lang>,
    /// Where 'leave' leads; http or https.
    leave_url: Option<given::WebAddress>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Lang {
    De,
    En,
}

#[derive(Serialize, ToSchema)]
pub struct IssuedTicket {
    /// For `token` of the `join` message of the signalling.
    ticket: String,
    /// What the person opens. The ticket is in its fragment, which browsers do not send.
    url: String,
    /// Milliseconds since the Unix epoch.
    expires_at: i64,
}

/// Let a person into a room
#[utoipa::path(
    post, path = "/api/v1/rooms/{id}/tickets", extensions(("x-repetition" = json!("new_answer"))), tag = "tickets", params(("id" = String, Path)), request_body = NewTicket,
    responses((status = 201, body = IssuedTicket))
)]
pub async fn create(
    State(app): State<TicketOffice>,
    caller: Caller,
    Path(id): Path<String>,
    Body(new): Body<NewTicket>,
) -> Result<(StatusCode, Json<IssuedTicket>), Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, &id).await?;
    let school = contract_signed(&app.store, app.clock.now(), &caller.school).await?;
    let user = new.user.read("user")?;
    let name = read(new.name, "name")?;
    let lifetime = match new.valid_seconds.map(u64::try_from) {
        None => TICKET_LIFETIME,
        Some(Ok(valid)) if (60..=MAX_TICKET_LIFETIME.as_secs()).contains(&valid) => {
            Duration::from_secs(valid)
        }
        Some(_) => {
            return Err(Problem::invalid(format!(
                "valid_seconds: it must be from 60 to {}.",
                MAX_TICKET_LIFETIME.as_secs()
            )));
        }
    };
    let return_url = read(new.leave_url, "leave_url")?;
    let now = app.clock.now();
    let identity = Identity::of(UserId::of_api(&caller.school, user.as_str()), new.role);
    let ticket = Ticket {
        room: room.id,
        may_start: identity.moderates(),
        identity,
        name: name.map(String::from),
        meeting: None,
        return_url: return_url.map(String::from),
    };
    let text = app.tickets.sign(&school, &ticket, now, lifetime)?;
    let url = app.public_url.entry(
        &room.name,
        &Entry {
            ticket: &text,
            name: ticket.name.as_deref(),
            title: room.title.as_deref(),
            lang: new.lang.map(|lang| match lang {
                Lang::De => "de",
                Lang::En => "en",
            }),
        },
    );
    let issued = IssuedTicket {
        ticket: text,
        url,
        expires_at: now + millis(lifetime),
    };
    Ok((StatusCode::CREATED, Json(issued)))
}
