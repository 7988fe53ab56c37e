//! The claims of an `id_token` (LTI 1.3 core, 5.3 and 5.4), read strictly: a field of another type than the
//! specification's is an error, not something absent.

#![allow(
    missing_docs,
    reason = "the fields are named as the specification names them"
)]

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use crate::json::{list, object};
use crate::numeric_date::NumericDate;

/// The claims of a launch. Unknown ones are ignored, as the specification asks.
#[derive(Clone, Debug, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: Audience,
    pub azp: Option<String>,
    pub exp: NumericDate,
    pub iat: NumericDate,
    pub nbf: Option<NumericDate>,
    pub nonce: String,
    pub sub: Option<String>,
    pub name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    #[serde(rename = "https://purl.imsglobal.org/spec/lti/claim/message_type")]
    pub message_type: String,
    #[serde(rename = "https://purl.imsglobal.org/spec/lti/claim/version")]
    pub version: String,
    #[serde(rename = "https://purl.imsglobal.org/spec/lti/claim/deployment_id")]
    pub deployment_id: String,
    #[serde(rename = "https://purl.imsglobal.org/spec/lti/claim/target_link_uri")]
    pub target_link_uri: Option<Url>,
    #[serde(rename = "https://purl.imsglobal.org/spec/lti/claim/roles")]
    pub roles: Option<Vec<String>>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti/claim/context",
        default,
        deserialize_with = "object"
    )]
    pub context: Option<ContextClaim>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti/claim/resource_link",
        default,
        deserialize_with = "object"
    )]
    pub resource_link: Option<ResourceLinkClaim>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti/claim/launch_presentation",
        default,
        deserialize_with = "object"
    )]
    pub launch_presentation: Option<PresentationClaim>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti/claim/custom",
        default,
        deserialize_with = "object"
    )]
    pub custom: Option<BTreeMap<String, Value>>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings",
        default,
        deserialize_with = "object"
    )]
    pub deep_linking: Option<DeepLinkingClaim>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
        default,
        deserialize_with = "object"
    )]
    pub names: Option<NamesClaim>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
        default,
        deserialize_with = "object"
    )]
    pub grades: Option<GradesClaim>,
}

/// One audience, or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// Whether a token of these audiences is for this client (OpenID Connect core, 3.1.3.7, points 3 to 5).
    #[must_use]
    pub fn is_for(&self, client_id: &str, authorized: Option<&str>) -> bool {
        let (contained, several) = match self {
            Self::One(one) => (one == client_id, false),
            Self::Several(all) => (all.iter().any(|one| one == client_id), all.len() > 1),
        };
        let authorized_fits = match authorized {
            Some(azp) => azp == client_id,
            None => !several,
        };
        contained && authorized_fits
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct ContextClaim {
    pub id: String,
    pub label: Option<String>,
    pub title: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ResourceLinkClaim {
    pub id: String,
    pub title: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PresentationClaim {
    pub document_target: Option<String>,
    pub return_url: Option<String>,
    pub locale: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct DeepLinkingClaim {
    pub deep_link_return_url: Url,
    #[serde(default, deserialize_with = "list")]
    pub accept_types: Vec<String>,
    pub data: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct NamesClaim {
    #[serde(default, deserialize_with = "address")]
    pub context_memberships_url: Option<Url>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct GradesClaim {
    #[serde(default, deserialize_with = "list")]
    pub scope: Vec<String>,
    #[serde(default, deserialize_with = "address")]
    pub lineitems: Option<Url>,
    #[serde(default, deserialize_with = "address")]
    pub lineitem: Option<Url>,
}

/// The address of a service; an empty text is none.
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.filter(|text| !text.is_empty())
        .map(|text| Url::parse(&text).map_err(D::Error::custom))
        .transpose()
}

impl Claims {
    /// The person's name, from what the platform shares.
    #[must_use]
    pub fn full_name(&self) -> Option<String> {
        let parts = [&self.given_name, &self.family_name];
        let joined: Vec<&str> = parts
            .into_iter()
            .flatten()
            .map(|part| part.trim())
            .collect();
        let name = match &self.name {
            Some(name) if !name.trim().is_empty() => name.trim().to_owned(),
            _ => joined.join(" ").trim().to_owned(),
        };
        (!name.is_empty()).then_some(name)
    }

    /// Custom parameters that are texts.
    #[must_use]
    pub fn custom_texts(&self) -> BTreeMap<String, String> {
        let custom = self.custom.iter().flatten();
        custom
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }
}

/// Reads claims as a launch does, without a signature.
///
/// # Errors
/// When they are not claims of a launch.
#[cfg(feature = "testing")]
pub fn parse(json: &[u8]) -> Result<Claims, serde_json::Error> {
    serde_json::from_slice(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audience_of_several_needs_an_authorized_party() {
        let one = Audience::One("me".into());
        let several = Audience::Several(vec!["me".into(), "you".into()]);
        assert!(one.is_for("me", None));
        assert!(one.is_for("me", Some("me")));
        assert!(!one.is_for("me", Some("you")));
        assert!(!one.is_for("you", None));
        assert!(!several.is_for("me", None));
        assert!(several.is_for("me", Some("me")));
        assert!(!several.is_for("me", Some("you")));
        assert!(Audience::Several(vec!["me".into()]).is_for("me", None));
        assert!(!Audience::Several(vec![]).is_for("me", Some("me")));
    }
}
