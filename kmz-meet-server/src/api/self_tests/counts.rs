//! How many tests reached what.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Testing;
use crate::auth::Caller;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::page::{Page, QueryParams, next};

/// How many tests reached what.
#[derive(Serialize, ToSchema)]
pub struct SelfTestCount {
    /// Name of the school; absent where none was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    /// As in `2027-01`, in UTC.
    month: String,
    /// Reached UDP.
    direct: u64,
    /// Reached the relay on the port of the page, and not UDP.
    relay: u64,
    /// Reached none of the media paths.
    nothing: u64,
}

#[derive(Serialize, ToSchema)]
pub struct SelfTestCounts {
    counts: Vec<SelfTestCount>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Between month and school in `after`, where the id of a count has a space.
const SEPARATOR: &str = "_";

/// How many self tests reached what
///
/// Newest month first. Of the caller's school; operators who name none see those of every school, and of people of whom no school was known.
#[utoipa::path(
    get, path = "/api/v1/self-test-counts", tag = "self_test", params(Page), responses((status = 200, body = SelfTestCounts))
)]
pub async fn counts(
    State(app): State<Testing>,
    caller: Caller,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<SelfTestCounts>, Problem> {
    caller.may(Scope::SchoolWrite)?;
    let limit = page.limit()?;
    let school = caller.one_school();
    let after = page.after.map(|after| after.replacen(SEPARATOR, " ", 1));
    let counts = app
        .store
        .self_test_counts(school, after.as_deref(), limit + 1);
    let mut counts = counts.await?;
    let next = next(&mut counts, limit, |count| &count.id);
    let next = next.map(|id| id.replacen(' ', SEPARATOR, 1));
    let counts = counts.into_iter().map(|count| SelfTestCount {
        school: count.school,
        month: count.month,
        direct: count.direct,
        relay: count.relay,
        nothing: count.nothing,
    });
    let counts = counts.collect();
    Ok(Json(SelfTestCounts { counts, next }))
}
