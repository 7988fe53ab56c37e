//! What the platform does for the tool: access tokens, the class list (NRPS 2.0), the gradebook (AGS 2.0).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue, Method, header};
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType};
use oauth2::{AuthType, ClientId, RequestTokenError, Scope, TokenResponse, TokenUrl};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::json::list;
use crate::keys;
use crate::model::{GradeService, Member, NamesService, Platform, Score, role_of};
use crate::tool::{Bridge, random};
use guarded_http::{Answer, Outgoing, OutgoingError};

/// The scopes that the tool asks for.
pub mod scopes {
    pub const MEMBERS: &str =
        "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";
    pub const LINE_ITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
    pub const LINE_ITEM_READONLY: &str =
        "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
    pub const SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";
    pub const RESULT: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
    /// All of them.
    pub const ALL: [&str; 5] = [MEMBERS, LINE_ITEM, LINE_ITEM_READONLY, SCORE, RESULT];
}

const MEMBERS_TYPE: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";
const LINE_ITEMS_TYPE: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
const LINE_ITEM_TYPE: &str = "application/vnd.ims.lis.v2.lineitem+json";
const SCORE_TYPE: &str = "application/vnd.ims.lis.v1.score+json";

/// Pages of a list that are read.
const MOST_PAGES: usize = 20;
/// People of a class list that are read.
const MOST_MEMBERS: usize = 5_000;
/// A token is used until so many seconds before its end.
const MARGIN: i64 = 60;
/// A token is used for so many seconds at the most, and where the platform does not say how long it holds.
const LONGEST_USE: i64 = 3_600;
const USUAL_USE: i64 = 300;
const ASSERTION_VALID: i64 = 60;

/// Why a service did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("the platform cannot be reached: {0}")]
    Unreachable(#[from] OutgoingError),
    #[error("the platform gave no access: {0}")]
    NoAccess(String),
    /// As Moodle answers when it cannot read our keys: with a page of its own, or the words of its failure.
    #[error(
        "the platform gave no access, most likely because it could not check our key: its server must reach {0} (in Moodle: Site administration, Security, HTTP security, blocked hosts and allowed ports)"
    )]
    KeyUnchecked(String),
    #[error("the platform answered with status {0}")]
    Status(u16),
    #[error("the platform's answer cannot be read")]
    Damaged,
    #[error("the course does not take results")]
    NoGradebook,
    #[error(
        "the gradebook has no column for this link, and the platform lets nobody but itself make one"
    )]
    NoColumn,
    #[error("nothing can be signed")]
    Key,
}

impl From<keys::KeyError> for ServiceError {
    fn from(error: keys::KeyError) -> Self {
        tracing::error!(%error, "a client assertion cannot be signed");
        Self::Key
    }
}

struct Token {
    secret: String,
    until: i64,
}

/// Access tokens that still hold, by platform and scopes.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<(String, String), Token>>);

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

#[derive(Deserialize)]
struct LineItem {
    id: Url,
    #[serde(rename = "resourceId", default)]
    resource_id: Option<String>,
}

impl Bridge {
    /// The class list: everyone who is active in the course.
    ///
    /// # Errors
    /// When the platform does not give it.
    pub async fn members(
        &self,
        platform: &Platform,
        service: &NamesService,
    ) -> Result<Vec<Member>, ServiceError> {
        let mut url = service.context_memberships_url.clone();
        let mut members = Vec::new();
        for _ in 0..MOST_PAGES {
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
                Some(next) if next.origin() == url.origin() && members.len() < MOST_MEMBERS => {
                    url = next;
                }
                _ => break,
            }
        }
        Ok(members)
    }

    /// The column for results of this tool: the one that the platform has for the link, or one that is found by
    /// `resource_id`, or else a new one where the tool may make it.
    ///
    /// # Errors
    /// When the course takes no results, or has no such column.
    pub async fn line_item(
        &self,
        platform: &Platform,
        service: &GradeService,
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
        let body = json!({"label": label, "scoreMaximum": maximum, "resourceId": resource_id, "tag": "attendance"});
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
        for _ in 0..MOST_PAGES {
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
            let timestamp = time::OffsetDateTime::from_unix_timestamp(now + attempt)
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

    /// Asks a service. A platform may take tokens back before their time: then once more, with a new one.
    async fn ask(
        &self,
        platform: &Platform,
        wanted: &[&str],
        method: Method,
        url: &Url,
        accept: &str,
        body: Option<(&str, Value)>,
    ) -> Result<Answer, ServiceError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value(accept)?);
        let mut bytes = Vec::new();
        if let Some((kind, body)) = body {
            headers.insert(header::CONTENT_TYPE, value(kind)?);
            bytes = body.to_string().into_bytes();
        }
        let once = async || {
            let token = self.token(platform, wanted).await?;
            let mut headers = headers.clone();
            headers.insert(header::AUTHORIZATION, value(&format!("Bearer {token}"))?);
            let answer = self
                .outgoing
                .send(method.clone(), url, headers, bytes.clone())
                .await?;
            match answer.status {
                status if status.is_success() => Ok(answer),
                status => Err(ServiceError::Status(status.as_u16())),
            }
        };
        match once().await {
            Err(ServiceError::Status(401)) => {
                self.forget(platform, wanted);
                once().await
            }
            other => other,
        }
    }

    fn forget(&self, platform: &Platform, wanted: &[&str]) {
        let place = (platform.id.clone(), wanted.join(" "));
        let mut tokens = self.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.remove(&place);
    }

    /// An access token, by the client-credentials grant with a signed assertion (security framework, 4.1).
    async fn token(&self, platform: &Platform, wanted: &[&str]) -> Result<String, ServiceError> {
        let place = (platform.id.clone(), wanted.join(" "));
        let now = self.now();
        {
            let tokens = self.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(token) = tokens.get(&place).filter(|token| token.until > now) {
                return Ok(token.secret.clone());
            }
        }
        let jti = random().map_err(|_| ServiceError::Key)?;
        let assertion = json!({
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.audience.as_deref().unwrap_or(platform.token_endpoint.as_str()),
            "iat": now,
            "exp": now + ASSERTION_VALID,
            "jti": jti,
        });
        let assertion = keys::sign(&*self.store, now, &assertion).await?;
        let client = BasicClient::new(ClientId::new(platform.client_id.clone()))
            .set_token_uri(TokenUrl::from_url(platform.token_endpoint.clone()))
            .set_auth_type(AuthType::RequestBody);
        let mut request = client
            .exchange_client_credentials()
            .add_extra_param(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .add_extra_param("client_assertion", assertion);
        for scope in wanted {
            request = request.add_scope(Scope::new((*scope).to_owned()));
        }
        let outgoing = self.outgoing.clone();
        let http = move |request: oauth2::HttpRequest| exchange(outgoing.clone(), request);
        let answer = request.request_async(&http).await;
        let answer = answer.map_err(|error| no_access(error, self.jwks_url()))?;
        let seconds = answer.expires_in().map(|time| time.as_secs());
        let seconds = seconds.map_or(USUAL_USE, |seconds| {
            i64::try_from(seconds).map_or(LONGEST_USE, |seconds| seconds.min(LONGEST_USE))
        });
        let secret = answer.access_token().secret().clone();
        let mut tokens = self.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, token| token.until > now);
        tokens.insert(
            place,
            Token {
                secret: secret.clone(),
                until: now + seconds - MARGIN,
            },
        );
        Ok(secret)
    }
}

/// Why there is no token. `keys` is where the platform reads ours.
fn no_access(
    error: RequestTokenError<OutgoingError, BasicErrorResponse>,
    keys: String,
) -> ServiceError {
    match error {
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(..) => ServiceError::KeyUnchecked(keys),
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            // Not of the specification: what the platform met with while it checked the signature.
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::Extension(_) => {
                ServiceError::KeyUnchecked(keys)
            }
            _ => ServiceError::NoAccess(answer.to_string()),
        },
        RequestTokenError::Other(error) => ServiceError::NoAccess(error),
    }
}

/// The HTTP client of the OAuth library: ours, with its guard.
async fn exchange(
    outgoing: Outgoing,
    request: oauth2::HttpRequest,
) -> Result<oauth2::HttpResponse, OutgoingError> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(|_| OutgoingError::Failed)?;
    let answer = outgoing
        .send(parts.method, &url, parts.headers, body)
        .await?;
    let mut response = oauth2::HttpResponse::new(with_number(answer.body));
    *response.status_mut() = answer.status;
    // Moodle calls its JSON text/html.
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    Ok(response)
}

/// `expires_in` as a whole number: some platforms write it as a text, or with decimals. A token that is over already, by
/// their clock, may be used once; what is no number says nothing.
fn with_number(body: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(&body) else {
        return body;
    };
    let seconds = match answer.get("expires_in") {
        Some(Value::String(text)) => text.trim().parse::<f64>().ok(),
        Some(Value::Number(number)) => number.as_f64(),
        Some(_) => None,
        None => return body,
    };
    match seconds.filter(|seconds| seconds.is_finite()) {
        Some(seconds) => {
            let seconds = seconds.clamp(0.0, LONGEST_USE as f64) as i64;
            answer.insert("expires_in".to_owned(), json!(seconds));
        }
        None => {
            answer.remove("expires_in");
        }
    }
    Value::Object(answer).to_string().into_bytes()
}

fn value(text: &str) -> Result<HeaderValue, ServiceError> {
    HeaderValue::from_str(text).map_err(|_| ServiceError::Damaged)
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, ServiceError> {
    serde_json::from_slice(&answer.body).map_err(|_| ServiceError::Damaged)
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

/// The address of a part of a resource: before the query, which stays.
fn below(url: &Url, part: &str) -> Url {
    let mut url = url.clone();
    let path = format!("{}/{part}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

/// `rel="next"` of a `Link` header; some platforms write typographic quotation marks.
fn next_page(headers: &HeaderMap, base: &Url) -> Option<Url> {
    let links = headers.get_all(header::LINK).iter();
    for link in links {
        let link = String::from_utf8_lossy(link.as_bytes());
        for one in link.split(",<").flat_map(|part| part.split(", <")) {
            let (target, parameters) = one.trim_start_matches('<').split_once('>')?;
            let is_next = parameters.split(';').any(|parameter| {
                let quotes = |c: char| matches!(c, '"' | '\'' | '“' | '”' | '„');
                parameter
                    .trim()
                    .strip_prefix("rel=")
                    .is_some_and(|rel| rel.trim_matches(quotes) == "next")
            });
            if is_next {
                return base.join(target).ok();
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_goes_before_the_query() {
        let url =
            Url::parse("https://m.example/services.php/2/lineitems/7/lineitem?type_id=3").unwrap();
        assert_eq!(
            below(&url, "scores").as_str(),
            "https://m.example/services.php/2/lineitems/7/lineitem/scores?type_id=3"
        );
    }

    #[test]
    fn the_next_page_is_found_with_any_quotation_marks() {
        let base = Url::parse("https://m.example/a?x=1").unwrap();
        for link in [
            "<https://m.example/b?from=50>; rel=\"next\"",
            "<https://m.example/b?from=50>; rel=“next”",
            "</b?from=50>; rel=next",
            "<https://m.example/z>; rel=\"prev\", <https://m.example/b?from=50>; rel=\"next\"",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::LINK,
                HeaderValue::from_bytes(link.as_bytes()).unwrap(),
            );
            assert_eq!(
                next_page(&headers, &base).unwrap().as_str(),
                "https://m.example/b?from=50",
                "{link}"
            );
        }
        let mut headers = HeaderMap::new();
        headers.insert(
            header::LINK,
            HeaderValue::from_static("<https://m.example/z>; rel=\"last\""),
        );
        assert_eq!(next_page(&headers, &base), None);
    }
}
