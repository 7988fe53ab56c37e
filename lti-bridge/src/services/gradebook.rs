//! Gradebooks: columns, and results in them (Assignment and Grade Services 2.0).

use std::time::Duration;

use axum::http::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::error::ServiceError;
use super::request::{MAX_PAGES, below, next_page, read};
use crate::model::{AssignmentAndGradeService, Platform, Score};
use crate::scopes;
use crate::tool::Bridge;

const LINE_ITEMS_TYPE: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
const LINE_ITEM_TYPE: &str = "application/vnd.ims.lis.v2.lineitem+json";
const SCORE_TYPE: &str = "application/vnd.ims.lis.v1.score+json";

#[derive(Deserialize)]
struct LineItem {
    id: Url,
    #[serde(rename = "resourceId", default)]
    resource_id: Option<String>,
}

impl Bridge {
    /// The column for results of this tool: the one that the platform has for the link, or one that is found by
    /// `resource_id`, or else a new one where the tool may make it.
    ///
    /// # Errors
    /// When the course takes no results, or has no such column.
    pub async fn line_item(
        &self,
        platform: &Platform,
        service: &AssignmentAndGradeService,
        resource_id: &str,
        label: &str,
        maximum: f64,
    ) -> Result<Url, ServiceError> {
        if let Some(lineitem) = &service.lineitem {
            return Ok(lineitem.clone());
        }
        let all = service
            .lineitems
            .as_ref()
            .ok_or(ServiceError::NoGradebook)?;
        let scope = [scopes::LINE_ITEM, scopes::LINE_ITEM_READONLY]
            .into_iter()
            .find(|scope| service.offers(scope))
            .ok_or(ServiceError::NoGradebook)?;
        if let Some(column) = self.column(platform, scope, all, resource_id).await? {
            return Ok(column);
        }
        if !service.makes_columns() {
            return Err(ServiceError::NoColumn);
        }
        let mut body = json!({"label": label, "scoreMaximum": maximum, "resourceId": resource_id});
        if let Some(tag) = &self.settings.line_item_tag {
            body["tag"] = json!(tag);
        }
        let answer = self
            .ask(
                platform,
                &[scopes::LINE_ITEM],
                Method::POST,
                all,
                LINE_ITEM_TYPE,
                Some((LINE_ITEM_TYPE, body)),
            )
            .await?;
        let item: LineItem = read(&answer)?;
        Ok(item.id)
    }

    /// The column with this `resource_id`. Not every platform filters by it, and lists may have pages.
    async fn column(
        &self,
        platform: &Platform,
        scope: &str,
        all: &Url,
        resource_id: &str,
    ) -> Result<Option<Url>, ServiceError> {
        let mut url = all.clone();
        url.query_pairs_mut()
            .append_pair("resource_id", resource_id);
        for _ in 0..MAX_PAGES {
            let answer = self
                .ask(platform, &[scope], Method::GET, &url, LINE_ITEMS_TYPE, None)
                .await?;
            let items: Vec<LineItem> = read(&answer)?;
            let found = items
                .into_iter()
                .find(|item| item.resource_id.as_deref() == Some(resource_id));
            if let Some(item) = found {
                return Ok(Some(item.id));
            }
            match next_page(&answer.headers, &url) {
                Some(next) if next.origin() == url.origin() => url = next,
                _ => break,
            }
        }
        Ok(None)
    }

    /// Sends one result. A newer one of the same second is sent again a second later, as Moodle wants it.
    ///
    /// # Errors
    /// When the platform does not take it.
    pub async fn send_score(
        &self,
        platform: &Platform,
        lineitem: &Url,
        score: &Score,
    ) -> Result<(), ServiceError> {
        let url = below(lineitem, "scores");
        let now = self.now();
        for attempt in 0..2 {
            let at = now + Duration::from_secs(attempt);
            let timestamp = time::OffsetDateTime::from_unix_timestamp(at.seconds())
                .ok()
                .and_then(|at| {
                    at.format(&time::format_description::well_known::Rfc3339)
                        .ok()
                })
                .unwrap_or_default();
            let mut body = json!({
                "userId": score.user_id,
                "scoreGiven": score.given,
                "scoreMaximum": score.maximum,
                // Milliseconds are asked for by the specification.
                "timestamp": timestamp.replace('Z', ".000Z"),
                "activityProgress": "Completed",
                "gradingProgress": "FullyGraded",
            });
            // A text, or not there: `null` is neither.
            if let Some(comment) = &score.comment {
                body["comment"] = json!(comment);
            }
            let sent = self
                .ask(
                    platform,
                    &[scopes::SCORE],
                    Method::POST,
                    &url,
                    "application/json",
                    Some((SCORE_TYPE, body)),
                )
                .await;
            match sent {
                Err(ServiceError::Status(409)) if attempt == 0 => {}
                other => return other.map(|_| ()),
            }
        }
        Err(ServiceError::Status(409))
    }
}
