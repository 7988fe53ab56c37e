//! The log of administrators' actions.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::audit::Action;
use crate::auth::Caller;
use crate::clock::rfc3339;
use crate::credentials::Scope;
use crate::csv_text::cell;
use crate::http::Problem;
use crate::http::page::{Page, QueryParams, next};
use crate::language::Language;
use crate::state::sub_state;
use crate::store::{self, AuditFilter, SharedStore};

sub_state! {
    /// What handlers of the log reach.
    pub struct Audit {
        store: SharedStore,
    }
}

/// Rows of a table: more than a county writes in a month.
const MAX_ROWS: u64 = 10_000;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditPage {
    /// Entries on a page; 50 when absent.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(min_length = 1, max_length = 64, pattern = "^[0-9A-Za-z_-]{1,64}$")]
    after: Option<String>,
    /// Only this action.
    #[serde(default)]
    action: Option<Action>,
    /// Only what was done from this moment on: milliseconds since the Unix epoch.
    #[serde(default)]
    from: Option<i64>,
    /// Only what was done before this moment: milliseconds since the Unix epoch.
    #[serde(default)]
    until: Option<i64>,
}

/// What an administrator did.
#[derive(Serialize, ToSchema)]
pub struct AuditEntry {
    id: String,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// Absent where it concerns the whole service.
    #[serde(skip_serializing_if = "Option::is_none")]
    school_id: Option<String>,
    /// `account`, `key` or `command_line`
    actor_kind: String,
    actor_id: String,
    /// What they were called at that time.
    actor_name: String,
    /// What was done.
    #[schema(value_type = Action)]
    action: String,
    /// The id of what it was done to.
    target: String,
}

#[derive(Serialize, ToSchema)]
pub struct AuditList {
    /// The newest first.
    entries: Vec<AuditEntry>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn to_response(entry: store::AuditEntry) -> AuditEntry {
    AuditEntry {
        id: entry.id,
        created_at: entry.created_at,
        school_id: entry.school,
        actor_kind: entry.actor_kind,
        actor_id: entry.actor_id,
        actor_name: entry.actor_name,
        action: entry.action,
        target: entry.target,
    }
}

/// What administrators did in the last 400 days: of operators everything, of others what was done in their school
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "audit", params(AuditPage), responses((status = 200, body = AuditList))
)]
pub async fn list(
    State(app): State<Audit>,
    caller: Caller,
    QueryParams(asked): QueryParams<AuditPage>,
) -> Result<Json<AuditList>, Problem> {
    caller.may(Scope::SchoolWrite)?;
    let page = Page {
        limit: asked.limit,
        after: asked.after,
    };
    let limit = page.limit()?;
    let filter = AuditFilter {
        school: caller.one_school(),
        action: asked.action.map(Action::as_str),
        from: asked.from,
        until: asked.until,
        after: page.after.as_deref(),
        limit: limit + 1,
        ..AuditFilter::default()
    };
    let mut entries = app.store.audit_entries(filter).await?;
    let next = next(&mut entries, limit, |entry| &entry.id);
    let entries = entries.into_iter().map(to_response).collect();
    Ok(Json(AuditList { entries, next }))
}

/// The same as a table for spreadsheets, 10,000 rows at most
#[utoipa::path(
    get, path = "/api/v1/audit/csv", tag = "audit", params(AuditPage),
    responses((status = 200, body = String, content_type = "text/csv"))
)]
pub async fn table(
    State(app): State<Audit>,
    caller: Caller,
    headers: HeaderMap,
    QueryParams(asked): QueryParams<AuditPage>,
) -> Result<([(HeaderName, &'static str); 2], String), Problem> {
    caller.may(Scope::SchoolWrite)?;
    let page = Page {
        limit: asked.limit,
        after: asked.after,
    };
    page.limit()?;
    let filter = AuditFilter {
        school: caller.one_school(),
        action: asked.action.map(Action::as_str),
        from: asked.from,
        until: asked.until,
        after: page.after.as_deref(),
        limit: MAX_ROWS,
        ..AuditFilter::default()
    };
    let entries = app.store.audit_entries(filter).await?;
    let said = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"kmz-meet-audit.csv\"",
        ),
    ];
    Ok((said, csv(&entries, Language::wanted(&headers))))
}

fn csv(entries: &[store::AuditEntry], language: Language) -> String {
    let heads = language.say(
        "Zeit (UTC);Schule;Art;Konto;Name;Aktion;Ziel",
        "Time (UTC);School;Kind;Account;Name;Action;Target",
    );
    // A byte order mark tells spreadsheets that it is UTF-8.
    let mut text = format!("\u{feff}{heads}\r\n");
    for entry in entries {
        let row = [
            rfc3339(entry.created_at),
            cell(entry.school.as_deref().unwrap_or_default()),
            cell(&entry.actor_kind),
            cell(&entry.actor_id),
            cell(&entry.actor_name),
            cell(&entry.action),
            cell(&entry.target),
        ];
        text.push_str(&row.join(";"));
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_of_a_name_that_could_be_a_formula_is_safe() {
        let entry = store::AuditEntry {
            id: "1".into(),
            created_at: 0,
            school: None,
            actor_kind: "account".into(),
            actor_id: "u".into(),
            actor_name: "=HYPERLINK(\"x\")".into(),
            action: "key.made".into(),
            target: "k".into(),
        };
        let text = csv(&[entry], Language::English);
        let row = text.lines().nth(1).unwrap();
        let expected = "1970-01-01T00:00:00Z;\"\";\"account\";\"u\";\"'=HYPERLINK(\"\"x\"\")\";\"key.made\";\"k\"";
        assert_eq!(row, expected);
    }
}
