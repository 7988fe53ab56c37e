//! Platforms, verified launches, class lists, results.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::origin::WebOrigin;
use crate::scopes;

/// Whether launches of a platform are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformState {
    /// Registered, and not approved yet.
    Pending,
    /// Launches are taken.
    Active,
    /// Its approval was withdrawn.
    Disabled,
}

/// A platform (an LMS) that is registered with this tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Ours; any text that is unique.
    pub id: String,
    /// The tenant of the host that it belongs to, such as a school.
    pub tenant: String,
    /// Its name for people.
    pub name: String,
    /// `iss` of its tokens.
    pub issuer: String,
    /// Our id at the platform.
    pub client_id: String,
    /// Where the platform has the tool (LTI 1.3 core, 3.1.3). Empty until the first launch names one.
    pub deployment_ids: Vec<String>,
    /// Where logins continue (OpenID Connect core, 3.1.2).
    pub authorization_endpoint: Url,
    /// Where access tokens for services come from (RFC 6749, 3.2).
    pub token_endpoint: Url,
    /// Where the platform publishes its keys (RFC 7517).
    pub jwks_uri: Url,
    /// Whether its launches are taken.
    pub state: PlatformState,
    /// Origins of its pages beside those of the issuer and of the sign-in, where it has several hosts.
    #[serde(default, deserialize_with = "WebOrigin::read_fitting")]
    pub page_origins: Vec<WebOrigin>,
    /// It registered itself, by a page at its issuer's own host. By hand anyone may name any issuer.
    #[serde(default)]
    pub proven: bool,
    /// Its issuer was in use by another tenant when it was registered, without a proof: logins that name neither client nor
    /// deployment are not its own.
    #[serde(default)]
    pub named_only: bool,
    /// For whom our client assertions are, where that is not the token endpoint (`authorization_server`).
    #[serde(default)]
    pub audience: Option<String>,
}

impl Platform {
    /// The origins of its pages.
    #[must_use]
    pub fn origins(&self) -> Vec<WebOrigin> {
        let issuer = Url::parse(&self.issuer).ok();
        let named = [Some(&self.authorization_endpoint), issuer.as_ref()];
        let named = named.into_iter().flatten();
        let mut origins = Vec::new();
        // An issuer need not be an address; what is one that no page can come from is left out.
        for origin in named
            .filter_map(|url| WebOrigin::of(url).ok())
            .chain(self.page_origins.iter().cloned())
        {
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        origins
    }
}

/// The person's role in the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Teaches or administers the context.
    #[serde(rename = "moderator")]
    Instructor,
    /// Everyone else, unknown roles and sub-roles included.
    #[serde(rename = "participant")]
    Learner,
}

/// The course that a launch comes from (LTI 1.3 core, 5.4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Context {
    /// Unique within the deployment, as [`kept_id`](crate::kept_id) makes it.
    pub id: String,
    /// A short name, such as `M7b`.
    pub label: Option<String>,
    /// The whole name.
    pub title: Option<String>,
}

/// The link in the course that was opened (LTI 1.3 core, 5.3.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceLink {
    /// Unique within the deployment, as [`kept_id`](crate::kept_id) makes it.
    pub id: String,
    /// What the link is called in the course.
    pub title: Option<String>,
}

/// The service that gives the class list (Names and Role Provisioning Services 2.0).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipService {
    /// Where the list is.
    pub context_memberships_url: Url,
}

/// The service that takes results (Assignment and Grade Services 2.0).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentAndGradeService {
    /// The scopes that the platform grants here; see [`scopes`].
    pub scopes: Vec<String>,
    /// Where the columns of the course are.
    pub lineitems: Option<Url>,
    /// The column of the link, where it has exactly one.
    pub lineitem: Option<Url>,
}

impl AssignmentAndGradeService {
    /// Whether the platform lets the tool use this part of the service. One that lists nothing may let it.
    #[must_use]
    pub fn offers(&self, scope: &str) -> bool {
        self.scopes.is_empty() || self.scopes.iter().any(|one| one == scope)
    }

    /// Whether results can come into the gradebook, as far as can be told without asking the platform.
    #[must_use]
    pub fn takes_scores(&self) -> bool {
        let finds = self.offers(scopes::LINE_ITEM) || self.offers(scopes::LINE_ITEM_READONLY);
        let has_column = self.lineitem.is_some() || (self.lineitems.is_some() && finds);
        self.offers(scopes::SCORE) && has_column
    }

    /// Whether the tool may make columns of its own; not where the platform has one for the link.
    #[must_use]
    pub fn makes_columns(&self) -> bool {
        self.lineitem.is_none() && self.lineitems.is_some() && self.offers(scopes::LINE_ITEM)
    }
}

/// A verified launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Launch {
    /// The registration that it belongs to.
    pub platform: Platform,
    /// Which of its deployments.
    pub deployment_id: String,
    /// The person, unique for the issuer, as [`kept_id`](crate::kept_id) makes it. Platforms may leave out everything else
    /// about them.
    pub subject: Option<String>,
    /// As the platform shares it, at most 500 characters.
    pub name: Option<String>,
    /// What they are in the context.
    pub role: Role,
    /// The course. Platforms may leave it out.
    pub context: Option<Context>,
    /// The link; absent in Deep Linking requests.
    pub resource_link: Option<ResourceLink>,
    /// The address that the login was for; one of the host's own.
    pub target_link_uri: Url,
    /// Custom parameters that are texts (LTI 1.3 core, 5.4.6).
    pub custom: BTreeMap<String, String>,
    /// The language of the platform's page, as in BCP 47 and in lower case: `pt-br`.
    pub locale: Option<String>,
    /// `iframe`, `window` or `frame` (LTI 1.3 core, 5.4.4).
    pub document_target: Option<String>,
    /// Where the person goes afterwards; http or https.
    pub return_url: Option<Url>,
    /// The class list, where the platform offers one.
    pub names: Option<MembershipService>,
    /// The gradebook, where the platform offers one.
    pub grades: Option<AssignmentAndGradeService>,
}

/// A person on a class list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// As the platform gives it; [`kept_id`](crate::kept_id) makes the `subject` of a launch of it.
    pub user_id: String,
    /// As the platform shares it.
    pub name: Option<String>,
    /// What they are in the course.
    pub role: Role,
}

/// A result for the gradebook.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// As the platform gives it.
    pub user_id: String,
    /// The points, from 0 (`scoreGiven`).
    pub given: f64,
    /// Of how many (`scoreMaximum`).
    pub maximum: f64,
    /// For the learner to read, plain text.
    pub comment: Option<String>,
}

const VOCABULARY: &str = "http://purl.imsglobal.org/vocab/lis/v2/";

/// The role that counts, out of the URIs and short words that platforms send (LTI 1.3 core, A.2).
pub(crate) fn role_of<'a>(roles: impl IntoIterator<Item = &'a str>) -> Role {
    let moderates = |role: &str| {
        let Some(name) = role.strip_prefix(VOCABULARY) else {
            // Short words are context roles.
            return matches!(role, "Instructor" | "Administrator");
        };
        matches!(
            name,
            "membership#Instructor"
                | "membership#Administrator"
                | "system/person#Administrator"
                | "system/person#SysAdmin"
                | "institution/person#Administrator"
                | "person#Administrator"
        )
    };
    if roles.into_iter().any(moderates) {
        Role::Instructor
    } else {
        Role::Learner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_that_is_unknown_or_a_sub_role_is_learner() {
        let moderators = [
            "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
            "http://purl.imsglobal.org/vocab/lis/v2/membership#Administrator",
            "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
            "Instructor",
        ];
        for role in moderators {
            assert_eq!(role_of([role]), Role::Instructor, "{role}");
        }
        let others = [
            "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",
            "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor",
            "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant",
            "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor",
            "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Faculty",
            "http://evil.example/membership#Instructor",
            "instructor",
            "",
        ];
        for role in others {
            assert_eq!(role_of([role]), Role::Learner, "{role}");
        }
        assert_eq!(role_of(["Learner", "Instructor"]), Role::Instructor);
        assert_eq!(role_of([]), Role::Learner);
    }
}
