//! Class lists (Names and Role Provisioning Services 2.0).

use axum::http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::error::ServiceError;
use super::request::{MAX_PAGES, next_page, read};
use crate::json::list;
use crate::model::{Member, MembershipService, Platform, role_of};
use crate::scopes;
use crate::tool::Bridge;

const MEMBERS_TYPE: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";
/// People of a class list that are read.
const MAX_MEMBERS: usize = 5_000;

#[derive(Deserialize)]
struct Container {
    #[serde(default, deserialize_with = "list")]
    members: Vec<ListedMember>,
}

#[derive(Deserialize)]
struct ListedMember {
    user_id: Value,
    #[serde(default)]
    status: Option<String>,
    #[serde(default, deserialize_with = "list")]
    roles: Vec<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    given_name: Option<String>,
    #[serde(default)]
    family_name: Option<String>,
}

impl Bridge {
    /// The class list: everyone who is active in the course.
    ///
    /// # Errors
    /// When the platform does not give it.
    pub async fn members(
        &self,
        platform: &Platform,
        service: &MembershipService,
    ) -> Result<Vec<Member>, ServiceError> {
        let mut url = service.context_memberships_url.clone();
        let mut members = Vec::new();
        for _ in 0..MAX_PAGES {
            let answer = self
                .ask(
                    platform,
                    &[scopes::MEMBERS],
                    Method::GET,
                    &url,
                    MEMBERS_TYPE,
                    None,
                )
                .await?;
            let container: Container = read(&answer)?;
            members.extend(container.members.into_iter().filter_map(member));
            let next = next_page(&answer.headers, &url);
            match next {
                // A page elsewhere would get our token.
                Some(next) if next.origin() == url.origin() && members.len() < MAX_MEMBERS => {
                    url = next;
                }
                _ => break,
            }
        }
        Ok(members)
    }
}

fn member(listed: ListedMember) -> Option<Member> {
    if listed
        .status
        .is_some_and(|status| !status.ends_with("Active"))
    {
        return None;
    }
    let user_id = match listed.user_id {
        Value::String(id) => id,
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let parts = [listed.given_name, listed.family_name];
    let joined: Vec<String> = parts.into_iter().flatten().collect();
    let name = listed.name.unwrap_or_else(|| joined.join(" "));
    Some(Member {
        user_id,
        name: Some(name).filter(|name| !name.trim().is_empty()),
        role: role_of(listed.roles.iter().map(String::as_str)),
    })
}
