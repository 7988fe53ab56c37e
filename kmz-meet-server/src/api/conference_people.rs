//! What a moderator would do with a person in a running conference, beside removing them (`conferences`).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kmz_meet_core::room::Refusal;
use kmz_meet_core::signal::{ClientMessage, Participant, ParticipantId, Target};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::conferences::{Conferences, Person, person, refused, running};
use crate::auth::Caller;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::Body;
use crate::http::path::Path;

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PersonChange {
    /// Their new name, for everybody and on what they wrote. It is told apart from others by a number where it has to be.
    name: Option<given::PersonName>,
    /// Whether a moderator says that they belong to the class. `false` takes that word back, and nothing from whoever is on the
    /// room's list.
    marked: Option<bool>,
}

/// Give somebody another name, or say that they belong to the class
///
/// A name that an account or a platform gave stays: `name_given`.
#[utoipa::path(
    patch, path = "/api/v1/rooms/{id}/conference/participants/{participant}", operation_id = "change_participant", tag = "conferences",
    params(("id" = String, Path), ("participant" = String, Path)),
    request_body = PersonChange, responses((status = 200, body = Person))
)]
pub async fn change(
    State(app): State<Conferences>,
    caller: Caller,
    Path((id, participant)): Path<(String, String)>,
    Body(change): Body<PersonChange>,
) -> Result<Json<Person>, Problem> {
    caller.may(Scope::ConferencesWrite)?;
    let (_, handle) = running(&app, &caller, &id).await?;
    let participant = ParticipantId(participant);
    let inside = async || -> Result<Participant, Problem> {
        let people = handle.participants().await;
        let found = people.into_iter().find(|one| one.id == participant);
        found.ok_or_else(Problem::not_found)
    };
    // Who is in the lobby is nobody that this interface tells of.
    inside().await?;
    if let Some(name) = read(change.name, "name")? {
        let action = ClientMessage::Rename {
            participant: participant.clone(),
            name: name.into(),
        };
        let renamed = handle.act(action).await;
        renamed.map_err(|refusal| match refusal {
            Refusal::NotPermitted => Problem::name_given(),
            refusal => refused(refusal),
        })?;
    }
    if let Some(marked) = change.marked {
        let action = ClientMessage::Mark {
            participant: participant.clone(),
            marked,
        };
        handle.act(action).await.map_err(refused)?;
    }
    Ok(Json(person(inside().await?)))
}

/// Send a person back to the lobby, where they wait until a moderator lets them in
#[utoipa::path(
    post, path = "/api/v1/rooms/{id}/conference/participants/{participant}/lobby", tag = "conferences",
    params(("id" = String, Path), ("participant" = String, Path)), responses((status = 204))
)]
pub async fn send_to_lobby(
    State(app): State<Conferences>,
    caller: Caller,
    Path((id, participant)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::ConferencesWrite)?;
    let (_, handle) = running(&app, &caller, &id).await?;
    let target = Target::These(vec![ParticipantId(participant)]);
    let action = ClientMessage::SendToLobby { target };
    handle.act(action).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}
