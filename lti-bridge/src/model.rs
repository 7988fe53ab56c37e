//! What the bridge speaks of: platforms, and verified launches.

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
    Active,
    /// Taken back.
    Disabled,
}

/// A platform (an LMS) that is registered with this tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    pub id: String,
    /// To whom it belongs: rooms that it opens are theirs.
    pub tenant: String,
    /// What people call it.
    pub name: String,
    /// `iss` of its tokens.
    pub issuer: String,
    /// Our id at the platform.
    pub client_id: String,
    pub deployment_ids: Vec<String>,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    pub jwks_uri: Url,
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

/// What a person is in the context that they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Teaches or administers the context.
    Moderator,
    /// Everyone else, unknown roles and sub-roles included.
    Participant,
}

/// The course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    pub id: String,
    pub label: Option<String>,
    pub title: Option<String>,
}

/// The link in the course that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceLink {
    pub id: String,
    pub title: Option<String>,
}

/// Where the class list is (Names and Role Provisioning Services 2.0).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesService {
    pub context_memberships_url: Url,
}

/// Where results go (Assignment and Grade Services 2.0).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeService {
    pub scopes: Vec<String>,
    pub lineitems: Option<Url>,
    /// When the link has just one column.
    pub lineitem: Option<Url>,
}

impl GradeService {
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

/// A launch that was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    pub platform: Platform,
    pub deployment_id: String,
    /// The person, unique for the issuer, as [`kept_id`](crate::kept_id) makes it. Platforms may leave out everything else
    /// about them.
    pub subject: Option<String>,
    pub name: Option<String>,
    pub role: Role,
    pub context: Option<Context>,
    pub resource_link: Option<ResourceLink>,
    pub target_link_uri: Url,
    pub custom: BTreeMap<String, String>,
    /// As in BCP 47: `pt-br`, not `pt_br`.
    pub locale: Option<String>,
    /// `iframe`, `window` or `frame`
    pub document_target: Option<String>,
    pub return_url: Option<Url>,
    pub names: Option<NamesService>,
    pub grades: Option<GradeService>,
}

/// A person on a class list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// As the platform gives it; [`kept_id`](crate::kept_id) makes the `subject` of a launch of it.
    pub user_id: String,
    pub name: Option<String>,
    pub role: Role,
}

/// A result for the gradebook.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// As the platform gives it.
    pub user_id: String,
    pub given: f64,
    pub maximum: f64,
    pub comment: Option<String>,
}

const VOCABULARY: &str = "http://purl.imsglobal.org/vocab/lis/v2/";

/// The one role that counts, out of the URIs and short words that platforms send (LTI 1.3 core, A.2).
#[must_use]
pub fn role_of<'a>(roles: impl IntoIterator<Item = &'a str>) -> Role {
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
        Role::Moderator
    } else {
        Role::Participant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_roles_and_unknown_ones_give_the_least_right() {
        let moderators = [
            "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
            "http://purl.imsglobal.org/vocab/lis/v2/membership#Administrator",
            "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
            "Instructor",
        ];
        for role in moderators {
            assert_eq!(role_of([role]), Role::Moderator, "{role}");
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
            assert_eq!(role_of([role]), Role::Participant, "{role}");
        }
        assert_eq!(role_of(["Learner", "Instructor"]), Role::Moderator);
        assert_eq!(role_of([]), Role::Participant);
    }
}
