//! What runs in the schools now, as numbers.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::clock::Clock;
use crate::conferences::Registry;
use crate::contracts::last_day;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::page::{Page, QueryParams, next};
use crate::state::sub_state;
use crate::store::{Contract, School, SharedStore};
use crate::time_zone::SchoolZone;

sub_state! {
    /// What the numbers of schools are read from.
    pub struct SchoolActivities {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        conferences: Arc<Registry>,
    }
}

/// A school, and how many are in its rooms.
#[derive(Serialize, ToSchema)]
pub struct SchoolActivity {
    id: String,
    name: String,
    contract: Contract,
    /// Milliseconds since the Unix epoch; absent where the contract holds until it is ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<i64>,
    /// The last day on which it holds, in the time zone of the server's schools.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_day: Option<String>,
    /// Whether rooms open there now.
    open: bool,
    /// Conferences that run here now.
    conferences: u32,
    /// People in them.
    people: u32,
}

#[derive(Serialize, ToSchema)]
pub struct SchoolActivityList {
    schools: Vec<SchoolActivity>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Schools, and how many people are in their rooms now: of operators all, of others their own
#[utoipa::path(
    get, path = "/api/v1/school-activity", tag = "school", params(Page), responses((status = 200, body = SchoolActivityList))
)]
pub async fn list(
    State(app): State<SchoolActivities>,
    caller: Caller,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<SchoolActivityList>, Problem> {
    caller.may(Scope::SchoolWrite)?;
    let limit = page.limit()?;
    let mut schools = match caller.one_school() {
        None => {
            let after = page.after.as_deref();
            app.store.schools_page(after, limit + 1).await?
        }
        Some(own) => app.store.school(own).await?.into_iter().collect(),
    };
    let next = next(&mut schools, limit, |school| &school.id);
    let running = running(&app).await?;
    let now = app.clock.now();
    let listed = |school: School| {
        let (conferences, people) = running.get(&school.id).copied().unwrap_or_default();
        let last = school.valid_until;
        let last = last.and_then(|until| last_day(until, &SchoolZone::default()));
        SchoolActivity {
            open: school.is_open(now),
            id: school.id,
            name: school.name,
            contract: school.contract,
            valid_until: school.valid_until,
            last_day: last.map(|day| day.to_string()),
            conferences,
            people,
        }
    };
    let schools = schools.into_iter().map(listed).collect();
    Ok(Json(SchoolActivityList { schools, next }))
}

/// How many conferences run in each school, and how many people are in them.
async fn running(app: &SchoolActivities) -> Result<HashMap<String, (u32, u32)>, Problem> {
    let mut numbers: HashMap<String, (u32, u32)> = HashMap::new();
    for room in app.store.rooms_by_id(&app.conferences.rooms()).await? {
        let people = app.conferences.present(&room.id).unwrap_or(0);
        let (conferences, present) = numbers.entry(room.school).or_default();
        *conferences += 1;
        *present += people;
    }
    Ok(numbers)
}
