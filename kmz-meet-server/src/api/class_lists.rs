//! Class lists: the pupils of a room, and their cards on paper.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kmz_meet_core::room::Action as RoomAction;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::contract_documents::DocumentFile;
use super::rooms::contract_signed;
use super::teacher_imports::AskedLanguage;
use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::class_cards::{
    self, CardSecrets, EndedCards, MAX_PUPILS, NotChanged, Way, names_of, read_names,
};
use crate::clock::Clock;
use crate::conferences::Registry;
use crate::config::PublicUrl;
use crate::http::Problem;
use crate::http::file_body::FileBody;
use crate::http::json_body::Body;
use crate::http::page::QueryParams;
use crate::http::path::Path;
use crate::state::sub_state;
use crate::store::{CardsOf, ClassPupil, Room, Scope, SharedStore};

sub_state! {
    /// What handlers of class lists reach.
    pub struct ClassLists {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        conferences: Arc<Registry>,
        card_secrets: Arc<CardSecrets>,
    }
}

/// The page behind the pictures.
pub(super) const PAGE: &str = "card";

/// How the card of a pupil stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// It opens the room, and can be printed.
    Valid,
    /// It opens nothing.
    Withdrawn,
}

/// Somebody on a class list.
#[derive(Serialize, ToSchema)]
pub struct Pupil {
    id: String,
    name: String,
    card: CardState,
    /// Since when the card is this one. Milliseconds since the Unix epoch.
    issued_at: Option<i64>,
}

/// The class list of a room.
#[derive(Serialize, ToSchema)]
pub struct ClassList {
    /// In the order of the list.
    pupils: Vec<Pupil>,
    /// Most pupils that it can have.
    max_pupils: usize,
}

/// Names, in their order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassNames {
    /// One for each pupil. A first name is enough, as long as no two look the same.
    #[schema(max_items = 100)]
    names: Vec<String>,
}

/// Names that were found in a table. Nothing is kept of it.
#[derive(Serialize, ToSchema)]
pub struct FoundNames {
    names: Vec<String>,
    /// Rows without a name, and those that are too many.
    left_out: usize,
}

/// Which cards are printed, and how.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CardsAsked {
    /// `de` (when absent) or `en`.
    #[serde(default)]
    #[param(inline)]
    language: Option<AskedLanguage>,
    /// The id of one pupil; all, if it is absent.
    #[serde(default)]
    pupil: Option<String>,
}

impl ClassLists {
    /// As the list shows it: a card of a former key of this server opens nothing.
    fn pupil(&self, pupil: ClassPupil) -> Pupil {
        let card = pupil
            .card
            .filter(|card| self.card_secrets.code(card).is_some());
        Pupil {
            id: pupil.id,
            name: pupil.name,
            card: match card {
                Some(_) => CardState::Valid,
                None => CardState::Withdrawn,
            },
            issued_at: card.map(|card| card.issued_at),
        }
    }

    async fn list(&self, room: &Room) -> Result<Json<ClassList>, Problem> {
        let pupils = self.store.class_list(&room.id).await?;
        Ok(Json(ClassList {
            pupils: pupils.into_iter().map(|pupil| self.pupil(pupil)).collect(),
            max_pupils: MAX_PUPILS,
        }))
    }

    /// In the log of the room's school, whoever did it.
    async fn note(&self, caller: &Caller, action: Action, room: &Room) -> Result<(), Problem> {
        let (now, done) = (self.clock.now(), (action, room.id.as_str()));
        audit::note(
            &self.store,
            now,
            &caller.as_actor(),
            Some(&room.school),
            done,
        )
        .await?;
        Ok(())
    }

    /// Who is in by a card that is over leaves. A conference that has just ended needs nothing.
    async fn end_cards(&self, room: &Room, users: EndedCards) {
        if !users.is_empty() {
            self.tell(room, RoomAction::EndCards { users }).await;
        }
    }

    async fn tell(&self, room: &Room, action: RoomAction) {
        if let Some(conference) = self.conferences.handle(&room.id) {
            let _ = conference.act(action).await;
        }
    }
}

fn not_changed(error: NotChanged) -> Problem {
    match error {
        NotChanged::Codes(error) => Problem::internal(&error),
        NotChanged::Store(error) => error.into(),
    }
}

/// The class list of a room
#[utoipa::path(
    get, path = "/api/v1/rooms/{id}/class-list", tag = "class_lists", params(("id" = String, Path)),
    responses((status = 200, body = ClassList), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn show(
    State(app): State<ClassLists>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ClassList>, Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, &id).await?;
    app.list(&room).await
}

/// Make the class list of a room this one
///
/// Who was on it under the same name keeps their card, and everybody else gets one. The cards of those who are not on it any more
/// open nothing, and who is in by one leaves. Without names there is no list.
#[utoipa::path(
    put, path = "/api/v1/rooms/{id}/class-list", tag = "class_lists", params(("id" = String, Path)),
    request_body = ClassNames,
    responses(
        (status = 200, body = ClassList),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 422, body = Problem, description = "`invalid`: more than 100 names, one that is none, or two that look the same"),
    )
)]
pub async fn change(
    State(app): State<ClassLists>,
    caller: Caller,
    Path(id): Path<String>,
    Body(list): Body<ClassNames>,
) -> Result<Json<ClassList>, Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, &id).await?;
    let now = app.clock.now();
    let names = names_of(&list.names);
    let names = names.map_err(|unnamed| Problem::invalid(format!("names: {unnamed}")))?;
    // What is kept may always be deleted.
    if !names.is_empty() {
        contract_signed(&app.store, now, &room.school).await?;
    }
    let ended = class_cards::replace_list(&app.store, &app.card_secrets, now, &room, &names).await;
    app.end_cards(&room, ended.map_err(not_changed)?).await;
    let exists = !names.is_empty();
    app.tell(&room, RoomAction::SetClassList { exists }).await;
    app.note(&caller, Action::ClassListChanged, &room).await?;
    app.list(&room).await
}

/// Read the names out of a table, to look at them before they are a class list
#[utoipa::path(
    post, path = "/api/v1/rooms/{id}/class-list/reading", tag = "class_lists", params(("id" = String, Path)),
    request_body(content = FileBody, content_type = "application/octet-stream", description = "CSV, or cells that were copied out of a spreadsheet; at most 64 KiB."),
    responses(
        (status = 200, body = FoundNames),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 413, body = Problem, description = "`too_large`"),
        (status = 422, body = Problem, description = "`unreadable_list`: `detail` says why in German and English, `reason` by a code such as `no_rows`"),
    )
)]
pub async fn read(
    State(app): State<ClassLists>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<FoundNames>, Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, &id).await?;
    contract_signed(&app.store, app.clock.now(), &room.school).await?;
    let bytes = Bytes::from_request(request, &()).await;
    let bytes = bytes.map_err(|rejection| match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
        _ => Problem::bad_request("The body cannot be read."),
    })?;
    let found = read_names(&bytes).map_err(|refusal| Problem::unreadable_list(&refusal))?;
    Ok(Json(FoundNames {
        names: found.names,
        left_out: found.left_out,
    }))
}

/// The cards of a class as a document for the printer, ten on a page of A4, to be cut apart
#[utoipa::path(
    get, path = "/api/v1/rooms/{id}/class-list/cards", tag = "class_lists",
    params(("id" = String, Path), CardsAsked),
    responses(
        (status = 200, content_type = "application/pdf", body = DocumentFile),
        (status = 404, body = Problem, description = "`not_found`: no such room or pupil"),
        (status = 409, body = Problem, description = "`not_now`: nobody has a card"),
    )
)]
pub async fn print(
    State(app): State<ClassLists>,
    caller: Caller,
    Path(id): Path<String>,
    QueryParams(asked): QueryParams<CardsAsked>,
) -> Result<Response, Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, &id).await?;
    let mut pupils = app.store.class_list(&room.id).await?;
    if let Some(pupil) = asked.pupil {
        pupils.retain(|one| one.id == pupil);
        if pupils.is_empty() {
            return Err(Problem::not_found());
        }
    }
    let (secrets, url) = (app.card_secrets.clone(), app.public_url.clone());
    let (language, title) = (asked.language.into(), room.title.clone());
    let name = title.unwrap_or_else(|| room.name.clone());
    let pdf = tokio::task::spawn_blocking(move || {
        let page = format!("{}/{PAGE}", url.as_str());
        let way = Way {
            room: &name,
            page: &page,
            server: url.as_str(),
        };
        class_cards::slips(&secrets, &pupils, way, language)
    });
    let pdf = pdf.await.map_err(|error| Problem::internal(&error))?;
    let pdf = pdf.map_err(|error| Problem::internal(&error))?;
    let pdf = pdf.ok_or_else(|| Problem::not_now("Nobody on the list has a card."))?;
    // Whoever has the document has the cards.
    app.note(&caller, Action::PupilCardsPrinted, &room).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"cards.pdf\"",
        ),
    ];
    Ok((headers, pdf).into_response())
}

async fn renewed(
    app: &ClassLists,
    caller: &Caller,
    id: &str,
    whose: CardsOf<'_>,
) -> Result<Json<ClassList>, Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, id).await?;
    let now = app.clock.now();
    contract_signed(&app.store, now, &room.school).await?;
    let ended = class_cards::renew(&app.store, &app.card_secrets, now, &room, whose).await;
    let ended = ended.map_err(not_changed)?.ok_or_else(Problem::not_found)?;
    app.end_cards(&room, ended).await;
    app.note(caller, Action::PupilCardsRenewed, &room).await?;
    app.list(&room).await
}

async fn withdrawn(
    app: &ClassLists,
    caller: &Caller,
    id: &str,
    whose: CardsOf<'_>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, id).await?;
    let ended = class_cards::withdraw(&app.store, &room, whose).await?;
    app.end_cards(&room, ended.ok_or_else(Problem::not_found)?)
        .await;
    app.note(caller, Action::PupilCardsWithdrawn, &room).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give all pupils new cards: the former ones open nothing, and who is in by one leaves
#[utoipa::path(
    post, path = "/api/v1/rooms/{id}/class-list/cards/renew", tag = "class_lists", params(("id" = String, Path)),
    responses(
        (status = 200, body = ClassList),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn renew_all(
    State(app): State<ClassLists>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ClassList>, Problem> {
    renewed(&app, &caller, &id, CardsOf::All).await
}

/// Give one pupil a new card: the former one opens nothing, and who is in by it leaves
#[utoipa::path(
    post, path = "/api/v1/rooms/{id}/class-list/cards/{pupil_id}/renew", tag = "class_lists",
    params(("id" = String, Path), ("pupil_id" = String, Path)),
    responses(
        (status = 200, body = ClassList),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn renew(
    State(app): State<ClassLists>,
    caller: Caller,
    Path((id, pupil_id)): Path<(String, String)>,
) -> Result<Json<ClassList>, Problem> {
    renewed(&app, &caller, &id, CardsOf::One(&pupil_id)).await
}

/// Take all cards back; the names stay on the list. Who is in by one leaves
#[utoipa::path(
    delete, path = "/api/v1/rooms/{id}/class-list/cards", tag = "class_lists", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn withdraw_all(
    State(app): State<ClassLists>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    withdrawn(&app, &caller, &id, CardsOf::All).await
}

/// Take the card of one pupil back, who stays on the list. Who is in by it leaves
#[utoipa::path(
    delete, path = "/api/v1/rooms/{id}/class-list/cards/{pupil_id}", tag = "class_lists",
    params(("id" = String, Path), ("pupil_id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn withdraw(
    State(app): State<ClassLists>,
    caller: Caller,
    Path((id, pupil_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    withdrawn(&app, &caller, &id, CardsOf::One(&pupil_id)).await
}
