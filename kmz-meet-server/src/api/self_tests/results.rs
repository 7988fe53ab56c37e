//! What a test found: the report that ends it, and the result that is kept of it.

use std::net::IpAddr;
use std::num::NonZeroU16;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Testing;
use crate::clock::{Timestamp, rfc3339};
use crate::http::Problem;
use crate::http::json_body::{Body, object, objects};
use crate::http::path::Path;
use crate::self_tests::{MAX_PATHS, Measured, PathKind, Report, ResultCode, Tested, outcome_of};

/// Codes that are drawn before one is given up: that two are the same happens once in a million times.
const MAX_DRAWS: usize = 4;

/// A path that was tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriedSelfTestPath)]
pub struct TriedPath {
    kind: PathKind,
    #[schema(value_type = u16, minimum = 1, maximum = 65_535)]
    port: NonZeroU16,
    /// The number of its connection; absent when there was none.
    #[schema(maximum = 255)]
    connection: Option<u8>,
    #[serde(default, deserialize_with = "object")]
    measured: Measured,
}

/// What a test found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSelfTestReport)]
pub struct NewReport {
    #[serde(deserialize_with = "object")]
    tested: Tested,
    #[serde(deserialize_with = "objects")]
    #[schema(min_items = 1, max_items = 8)]
    paths: Vec<TriedPath>,
}

/// What a test found, as it is kept for 30 days: no name, no address of the tester.
#[derive(Serialize, ToSchema)]
pub struct SelfTestResult {
    /// Eight letters by which the result is found again.
    code: String,
    made_at: String,
    report: Report,
}

/// Tell what a self test found; it ends with that
#[utoipa::path(
    post, path = "/api/v1/self-tests/{id}/report", security(()), tag = "self_test",
    params(("id" = String, Path)), request_body = NewReport,
    responses(
        (status = 201, body = SelfTestResult),
        (status = 404, body = Problem, description = "`not_found`: the test has ended"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn report(
    State(app): State<Testing>,
    Path(id): Path<String>,
    Body(new): Body<NewReport>,
) -> Result<(StatusCode, Json<SelfTestResult>), Problem> {
    if !(1..=MAX_PATHS).contains(&new.paths.len()) {
        return Err(Problem::invalid("paths: there must be 1 to 8."));
    }
    if !new.paths.iter().all(|path| path.measured.is_plausible()) {
        return Err(Problem::invalid("paths: a number is out of range."));
    }
    let ended = app.self_tests.end(&id).ok_or_else(Problem::not_found)?;
    let reached = |number: Option<u8>| {
        let seen = number.and_then(|number| ended.reached.get(usize::from(number)));
        seen.copied().unwrap_or(false)
    };
    let paths: Vec<_> = new
        .paths
        .into_iter()
        .map(|path| crate::self_tests::Path {
            kind: path.kind,
            port: path.port.get(),
            reached: reached(path.connection),
            measured: path.measured,
        })
        .collect();
    let report = Report {
        outcome: outcome_of(&paths),
        tested: new.tested,
        paths,
    };
    let now = app.clock.now();
    let made_at = rfc3339(now);
    let month = made_at.get(..7).unwrap_or_default();
    app.store
        .count_self_test(ended.school.as_deref(), (month, now), report.outcome)
        .await?;
    let code = keep(&app, ended.from, &report, now).await?;
    let result = SelfTestResult {
        code: code.as_str().to_owned(),
        made_at,
        report,
    };
    Ok((StatusCode::CREATED, Json(result)))
}

/// Keeps a report under a new code. Who makes many of them replaces their own.
async fn keep(
    app: &Testing,
    from: IpAddr,
    report: &Report,
    now: Timestamp,
) -> Result<ResultCode, Problem> {
    let mut code = ResultCode::random();
    let is_full = app.store.is_full_of_self_test_results().await?;
    let replaced = app.self_tests.keeps(from, &code, is_full, Instant::now());
    if let Some(former) = replaced {
        app.store.delete_self_test_result(former.as_str()).await?;
    }
    for _ in 0..MAX_DRAWS {
        let added = app.store.add_self_test_result(code.as_str(), now, report);
        if added.await?.is_ok() {
            break;
        }
        code = ResultCode::random();
    }
    Ok(code)
}

/// The result of an earlier self test
#[utoipa::path(
    get, path = "/api/v1/self-test-results/{code}", security(()), tag = "self_test", params(("code" = String, Path)),
    responses(
        (status = 200, body = SelfTestResult),
        (status = 404, body = Problem, description = "`not_found`: misspelt, or older than 30 days"),
    )
)]
pub async fn result(
    State(app): State<Testing>,
    Path(code): Path<String>,
) -> Result<Json<SelfTestResult>, Problem> {
    let code = ResultCode::parse(&code).ok_or_else(Problem::not_found)?;
    let found = app.store.self_test_result(code.as_str(), app.clock.now());
    let (made_at, report) = found.await?.ok_or_else(Problem::not_found)?;
    Ok(Json(SelfTestResult {
        code: code.as_str().to_owned(),
        made_at: rfc3339(made_at),
        report,
    }))
}
