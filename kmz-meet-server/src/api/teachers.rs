//! Teachers of a school who leave.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::clock::Clock;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::page::QueryParams;
use crate::http::path::Path;
use crate::leaving::{self, Refused, Rooms};
use crate::state::sub_state;
use crate::store::{SharedStore, User, UserRole};
use crate::teacher_requests::TeacherRequests;

sub_state! {
    /// What handlers of teachers reach.
    pub struct Teachers {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        teacher_requests: Arc<TeacherRequests>,
    }
}

/// What becomes of the rooms.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Leaving {
    /// Rooms are deleted, and what runs in them ends.
    #[serde(default)]
    delete_rooms: bool,
    /// The id of the account of the same school that gets the rooms.
    #[serde(default)]
    #[param(max_length = 64)]
    rooms_to: Option<String>,
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::HasRooms => {
                Problem::not_now("The account has rooms. Say `delete_rooms` or `rooms_to`.")
            }
            Refused::NoHeir => Problem::invalid("rooms_to: nobody of the school has this account."),
            Refused::Store(error) => error.into(),
        }
    }
}

/// Whoever runs the service is nobody's teacher.
pub(super) async fn teacher(
    store: &SharedStore,
    caller: &Caller,
    (school_id, id): (&str, &str),
    scope: Scope,
) -> Result<User, Problem> {
    let school = caller.school(store, school_id, scope).await?;
    let user = store.user(id).await?;
    user.filter(|user| user.school == school.id && user.role != UserRole::Operator)
        .ok_or_else(Problem::not_found)
}

/// An account that the caller may change: a key changes teachers, and never who looks after the school. One that can remove who
/// makes keys could lock the school out of its own service.
pub(super) async fn changeable(
    store: &SharedStore,
    caller: &Caller,
    place: (&str, &str),
) -> Result<User, Problem> {
    let user = teacher(store, caller, place, Scope::TeachersWrite).await?;
    if user.role != UserRole::Moderator {
        caller.person()?;
    }
    Ok(user)
}

/// Nobody locks or removes themselves, or changes their own role: the school may have no other administrator.
pub(super) fn must_be_of_another(caller: &Caller, user: &User) -> Result<(), Problem> {
    if caller.is(user) {
        return Err(Problem::not_now(
            "Nobody does this to their own account. Ask another administrator.",
        ));
    }
    Ok(())
}

/// Everything that is kept of a person with an account
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/teachers/{id}/export", tag = "teachers",
    params(("school_id" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, body = Object, description = "Account, rooms, sessions, lessons, lists, requests, mails, links, ways of signing in, and what they did as an administrator"),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn export(
    State(app): State<Teachers>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
) -> Result<([(HeaderName, &'static str); 2], Json<Value>), Problem> {
    let user = teacher(&app.store, &caller, (&school_id, &id), Scope::TeachersWrite).await?;
    let (now, by) = (app.clock.now(), caller.as_actor());
    let all = leaving::export(&app.store, now, &user, &by).await?;
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"person.json\"",
        ),
    ];
    Ok((headers, Json(all)))
}

/// Remove an account with everything that is kept of its person
#[utoipa::path(
    delete, path = "/api/v1/schools/{school_id}/teachers/{id}", tag = "teachers",
    params(("school_id" = String, Path), ("id" = String, Path), Leaving),
    responses(
        (status = 204),
        (status = 403, body = Problem, description = "`not_permitted`: no key removes an administrator"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: the account has rooms, and nothing is said of them; or it is one's own"),
        (status = 422, body = Problem, description = "`invalid`: nobody has the account that shall get the rooms"),
    )
)]
pub async fn remove(
    State(app): State<Teachers>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    QueryParams(leaving): QueryParams<Leaving>,
) -> Result<StatusCode, Problem> {
    let user = changeable(&app.store, &caller, (&school_id, &id)).await?;
    must_be_of_another(&caller, &user)?;
    let rooms = match leaving {
        Leaving {
            rooms_to: Some(heir),
            ..
        } => Rooms::GiveTo(heir),
        Leaving {
            delete_rooms: true, ..
        } => Rooms::Delete,
        _ => Rooms::None,
    };
    let proofs = &app.teacher_requests.proofs;
    let (now, by) = (app.clock.now(), caller.as_actor());
    leaving::erase(&app.store, now, proofs, &user, &rooms, &by).await?;
    Ok(StatusCode::NO_CONTENT)
}
