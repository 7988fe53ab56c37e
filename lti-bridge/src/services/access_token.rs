//! Access tokens, by the client-credentials grant with a signed assertion (LTI security framework 1.0, 4.1).

use axum::http::{HeaderValue, header};
use guarded_http::{Error as HttpError, GuardedClient};
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType};
use oauth2::{AuthType, ClientId, RequestTokenError, Scope, TokenResponse, TokenUrl};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

use super::error::ServiceError;
use crate::keys;
use crate::model::Platform;
use crate::random::random;
use crate::tool::Bridge;

/// A token is used until this long before its end.
const RENEWAL_MARGIN: Duration = Duration::from_mins(1);
/// A token is used for no longer than this, whatever the platform says.
const MAX_USE: Duration = Duration::from_hours(1);
/// A token is used for this long where the platform does not say.
const DEFAULT_USE: Duration = Duration::from_mins(5);
/// The platform reads an assertion at once.
const ASSERTION_LIFETIME: Duration = Duration::from_mins(1);

impl Bridge {
    /// An access token, by the client-credentials grant with a signed assertion (security framework, 4.1).
    pub(super) async fn token(
        &self,
        platform: &Platform,
        wanted: &[&str],
    ) -> Result<String, ServiceError> {
        let now = self.now();
        if let Some(token) = self.tokens.get(&platform.id, wanted, now) {
            return Ok(token);
        }
        let jti = random().map_err(|_| ServiceError::Key)?;
        let assertion = json!({
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.audience.as_deref().unwrap_or(platform.token_endpoint.as_str()),
            "iat": now,
            "exp": now + ASSERTION_LIFETIME,
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
        let http = self.http.clone();
        let exchange = move |request: oauth2::HttpRequest| exchange(http.clone(), request);
        let answer = request.request_async(&exchange).await;
        let answer = answer.map_err(|error| no_access(error, self.jwks_url()))?;
        let lifetime = answer.expires_in().unwrap_or(DEFAULT_USE).min(MAX_USE);
        let secret = answer.access_token().secret().clone();
        let until = now + lifetime - RENEWAL_MARGIN;
        self.tokens
            .insert(&platform.id, wanted, secret.clone(), until, now);
        Ok(secret)
    }
}

/// Why there is no token. `keys` is where the platform reads ours.
fn no_access(
    error: RequestTokenError<HttpError, BasicErrorResponse>,
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
    http: GuardedClient,
    request: oauth2::HttpRequest,
) -> Result<oauth2::HttpResponse, HttpError> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(|_| HttpError::Failed)?;
    let answer = http.send(parts.method, &url, parts.headers, body).await?;
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
    let written = match answer.get("expires_in") {
        Some(Value::String(text)) => text.trim().parse::<f64>().ok(),
        Some(Value::Number(number)) => number.as_f64(),
        Some(_) => None,
        None => return body,
    };
    match written.filter(|written| written.is_finite()) {
        Some(written) => {
            let lifetime = written.clamp(0.0, MAX_USE.as_secs_f64()) as i64;
            answer.insert("expires_in".to_owned(), json!(lifetime));
        }
        None => {
            answer.remove("expires_in");
        }
    }
    Value::Object(answer).to_string().into_bytes()
}
