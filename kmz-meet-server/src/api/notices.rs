//! Notices: what operators tell everybody who opens a page.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::clock::Clock;
use crate::http::Problem;
use crate::http::given;
use crate::http::json_body::Body;
use crate::http::path::Path;
use crate::state::sub_state;
use crate::store::{self, MAX_NOTICES, NoticeKind, SharedStore};

sub_state! {
    /// What handlers of notices reach.
    pub struct Notices {
        store: SharedStore,
        clock: Arc<dyn Clock>,
    }
}

/// A notice. Times are in milliseconds since the Unix epoch.
#[derive(Serialize, ToSchema)]
pub struct Notice {
    id: String,
    kind: NoticeKind,
    german: String,
    english: String,
    /// From then on it is shown.
    from: i64,
    /// Until then; absent: until it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct NoticeList {
    /// The newest first.
    notices: Vec<Notice>,
}

/// A notice as everybody reads it.
#[derive(Serialize, ToSchema)]
pub struct CurrentNotice {
    id: String,
    kind: NoticeKind,
    german: String,
    english: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct CurrentNotices {
    /// The newest first; five at most.
    notices: Vec<CurrentNotice>,
}

/// A notice to be written, also in place of a former one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    kind: NoticeKind,
    /// Plain text.
    german: given::NoticeLine,
    /// Plain text.
    english: given::NoticeLine,
    /// Milliseconds since the Unix epoch; now when absent.
    #[schema(minimum = 0, maximum = 32_503_680_000_000_i64)]
    from: Option<i64>,
    /// Milliseconds since the Unix epoch; until it is deleted when absent.
    #[schema(minimum = 0, maximum = 32_503_680_000_000_i64)]
    until: Option<i64>,
}

/// The year 3000: what is later is a mistake.
const MAX_TIME: i64 = 32_503_680_000_000;

fn to_response(notice: store::Notice) -> Notice {
    Notice {
        id: notice.id,
        kind: notice.kind,
        german: notice.german,
        english: notice.english,
        from: notice.from,
        until: notice.until,
        created_at: notice.created_at,
    }
}

fn read(
    text: NoticeText,
    (id, created_at): (String, i64),
    now: i64,
) -> Result<store::Notice, Problem> {
    let german = text.german.read("german")?;
    let english = text.english.read("english")?;
    let from = text.from.unwrap_or(now);
    if !(0..=MAX_TIME).contains(&from) {
        return Err(Problem::invalid("from: it is no time."));
    }
    if let Some(until) = text.until {
        if !(0..=MAX_TIME).contains(&until) {
            return Err(Problem::invalid("until: it is no time."));
        }
        if until <= from {
            return Err(Problem::invalid("until: it must be later than `from`."));
        }
    }
    Ok(store::Notice {
        id,
        kind: text.kind,
        german: german.into(),
        english: english.into(),
        from,
        until: text.until,
        created_at,
    })
}

async fn note(app: &Notices, caller: &Caller, action: Action, id: &str) -> Result<(), Problem> {
    let now = app.clock.now();
    audit::note(&app.store, now, &caller.as_actor(), None, (action, id)).await?;
    Ok(())
}

/// Notices that hold now: for every page
#[utoipa::path(
    get, path = "/api/v1/current-notices", security(()), tag = "notices", responses((status = 200, body = CurrentNotices))
)]
pub async fn current(State(app): State<Notices>) -> Result<Json<CurrentNotices>, Problem> {
    let notices = app.store.current_notices(app.clock.now()).await?;
    let current = |notice: store::Notice| CurrentNotice {
        id: notice.id,
        kind: notice.kind,
        german: notice.german,
        english: notice.english,
        until: notice.until,
    };
    let notices = notices.into_iter().map(current).collect();
    Ok(Json(CurrentNotices { notices }))
}

/// All notices, also those of other times; for operators
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices", responses((status = 200, body = NoticeList)))]
pub async fn list(State(app): State<Notices>, caller: Caller) -> Result<Json<NoticeList>, Problem> {
    caller.operates()?;
    let notices = app.store.notices().await?;
    let notices = notices.into_iter().map(to_response).collect();
    Ok(Json(NoticeList { notices }))
}

/// Tell everybody something; for operators
#[utoipa::path(
    post, path = "/api/v1/notices", extensions(("x-repetition" = json!("same_answer"))), tag = "notices", request_body = NoticeText,
    responses((status = 201, body = Notice))
)]
pub async fn create(
    State(app): State<Notices>,
    caller: Caller,
    Body(text): Body<NoticeText>,
) -> Result<(StatusCode, Json<Notice>), Problem> {
    caller.operates()?;
    let now = app.clock.now();
    let notice = read(text, (Uuid::now_v7().to_string(), now), now)?;
    if app.store.add_notice(&notice).await?.is_err() {
        return Err(Problem::too_many(format!(
            "There are {MAX_NOTICES} notices. Delete one first."
        )));
    }
    note(&app, &caller, Action::NoticeMade, &notice.id).await?;
    Ok((StatusCode::CREATED, Json(to_response(notice))))
}

/// Write a notice anew; for operators
#[utoipa::path(
    put, path = "/api/v1/notices/{id}", tag = "notices", params(("id" = String, Path)), request_body = NoticeText,
    responses((status = 200, body = Notice))
)]
pub async fn change(
    State(app): State<Notices>,
    caller: Caller,
    Path(id): Path<String>,
    Body(text): Body<NoticeText>,
) -> Result<Json<Notice>, Problem> {
    caller.operates()?;
    let former = app.store.notice(&id).await?;
    let former = former.ok_or_else(Problem::not_found)?;
    let notice = read(text, (former.id, former.created_at), app.clock.now())?;
    if !app.store.change_notice(&notice).await? {
        return Err(Problem::not_found());
    }
    note(&app, &caller, Action::NoticeChanged, &notice.id).await?;
    Ok(Json(to_response(notice)))
}

/// Delete a notice; for operators
#[utoipa::path(
    delete, path = "/api/v1/notices/{id}", tag = "notices", params(("id" = String, Path)), responses((status = 204))
)]
pub async fn delete(
    State(app): State<Notices>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.operates()?;
    let notice = app.store.notice(&id).await?;
    let notice = notice.ok_or_else(Problem::not_found)?;
    app.store.delete_notice(&notice.id).await?;
    note(&app, &caller, Action::NoticeDeleted, &notice.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
