//! A login at a provider: the way there, and what the provider says about who comes back (OpenID Connect Core 1.0, 3.1).

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::discovery::{Discoveries, Metadata, Unreachable, send};
use super::id_token::{Distrust, Expected};
use super::provider::SignInProvider;
use crate::clock::Timestamp;
use crate::credentials::random_token;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What ties an answer to the request that we made: all of it is secret, and good for one login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub state: String,
    pub nonce: String,
    /// RFC 7636.
    pub verifier: String,
}

impl Login {
    /// A new one.
    pub fn new() -> Self {
        Self {
            state: random_token::<32>(),
            nonce: random_token::<32>(),
            verifier: random_token::<32>(),
        }
    }
}

impl Default for Login {
    fn default() -> Self {
        Self::new()
    }
}

/// Why a provider says nothing of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGiven {
    /// It takes the code for none of its own, or for used.
    Code,
    Unreachable(Unreachable),
    Distrust(Distrust),
    /// What it says beside the token is of somebody else.
    OtherPerson,
}

impl From<Unreachable> for NotGiven {
    fn from(why: Unreachable) -> Self {
        Self::Unreachable(why)
    }
}

impl From<Distrust> for NotGiven {
    fn from(why: Distrust) -> Self {
        Self::Distrust(why)
    }
}

/// This server, as a provider knows it.
pub struct Relying<'a> {
    pub discoveries: &'a Discoveries,
    pub provider: &'a SignInProvider,
    pub secret: &'a str,
    /// Where the provider sends people back.
    pub redirect: &'a str,
}

impl Relying<'_> {
    fn client(&self, metadata: &Metadata) -> Result<Client, Unreachable> {
        let redirect = RedirectUrl::new(self.redirect.to_owned());
        let redirect = redirect.map_err(|_| Unreachable::Unreadable)?;
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.provider.client_id.clone()),
            Some(ClientSecret::new(self.secret.to_owned())),
        );
        // `client_secret_basic` is what holds where nothing is said.
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        let auth_type = if takes(CoreClientAuthMethod::ClientSecretBasic) {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        };
        Ok(client.set_redirect_uri(redirect).set_auth_type(auth_type))
    }

    /// Where a browser goes to sign in there.
    ///
    /// # Errors
    /// When nothing is known of the provider.
    pub async fn page(&self, login: &Login) -> Result<Url, Unreachable> {
        let metadata = self.discoveries.of(&self.provider.issuer).await?;
        let client = self.client(&metadata)?;
        let (state, nonce) = (login.state.clone(), login.nonce.clone());
        let verifier = PkceCodeVerifier::new(login.verifier.clone());
        let scopes = self.provider.scopes.iter().cloned().map(Scope::new);
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Whether an answer that names this issuer, or none, is the provider's (RFC 9207, 2.4): another provider could lead its own
    /// answer, or that of a third, to us.
    ///
    /// # Errors
    /// When nothing is known of the provider.
    pub async fn is_answer_of(&self, issuer: Option<&str>) -> Result<bool, Unreachable> {
        let metadata = self.discoveries.of(&self.provider.issuer).await?;
        let more = metadata.additional_metadata();
        let always_says = more.authorization_response_iss_parameter_supported == Some(true);
        Ok(issuer.map_or(!always_says, |issuer| issuer == metadata.issuer().as_str()))
    }

    /// What the provider says of who came back with this code.
    ///
    /// # Errors
    /// When it says nothing that counts.
    pub async fn claims(
        &self,
        login: &Login,
        code: String,
        now: Timestamp,
    ) -> Result<Map<String, Value>, NotGiven> {
        let issuer = &self.provider.issuer;
        let _turn = self.discoveries.turn(issuer).await?;
        let metadata = self.discoveries.of(issuer).await?;
        let answer = self.exchange(&metadata, login, code).await?;
        let token = answer.id_token().ok_or(Distrust::Unreadable)?;
        let expected = Expected {
            client_id: &self.provider.client_id,
            algorithms: &self.provider.algorithms,
            nonce: &login.nonce,
            now,
        };
        let verified = |metadata: &Metadata| -> Result<Map<String, Value>, NotGiven> {
            let client = self.client(metadata)?;
            let verifier = client.id_token_verifier();
            let claims = expected.claims(token, verifier, answer.access_token());
            claims.map_err(NotGiven::from)
        };
        let claims = match verified(&metadata) {
            Err(NotGiven::Distrust(Distrust::UnknownKey)) => {
                let newer = self.discoveries.with_new_keys(issuer).await?;
                if Arc::ptr_eq(&metadata, &newer) {
                    return Err(Distrust::UnknownKey.into());
                }
                verified(&newer)?
            }
            other => other?,
        };
        self.completed(&metadata, claims, answer.access_token().secret())
            .await
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        login: &Login,
        code: String,
    ) -> Result<CoreTokenResponse, NotGiven> {
        let client = self.client(metadata)?;
        let outgoing = &self.discoveries.outgoing;
        let http = |request| send(outgoing.clone(), request);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| Unreachable::Unreadable)?
            .set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()));
        let answer = request.request_async(&http).await;
        answer.map_err(|error| match error {
            RequestTokenError::ServerResponse(_) => NotGiven::Code,
            RequestTokenError::Request(error) => Unreachable::of(&error).into(),
            RequestTokenError::Parse(..) => Distrust::Unreadable.into(),
            RequestTokenError::Other(_) => Unreachable::Unreadable.into(),
        })
    }

    /// The claims of the token, and those that the provider says only where it is asked for them (5.3). What the token says
    /// is signed, so it goes before.
    async fn completed(
        &self,
        metadata: &Metadata,
        mut claims: Map<String, Value>,
        access: &str,
    ) -> Result<Map<String, Value>, NotGiven> {
        let Some(endpoint) = metadata.userinfo_endpoint() else {
            return Ok(claims);
        };
        let mut headers = HeaderMap::new();
        let bearer = HeaderValue::try_from(format!("Bearer {access}"));
        headers.insert(
            header::AUTHORIZATION,
            bearer.map_err(|_| Distrust::Unreadable)?,
        );
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let answer = self
            .discoveries
            .outgoing
            .send(Method::GET, endpoint.url(), headers, Vec::new())
            .await
            .map_err(|error| Unreachable::of(&error))?;
        if answer.status != StatusCode::OK {
            return Err(Unreachable::Down.into());
        }
        let said: Map<String, Value> =
            serde_json::from_slice(&answer.body).map_err(|_| Unreachable::Unreadable)?;
        if said.get("sub") != claims.get("sub") {
            return Err(NotGiven::OtherPerson);
        }
        for (name, value) in said {
            claims.entry(name).or_insert(value);
        }
        Ok(claims)
    }

    /// Where a browser goes to sign out there, too, and comes back from. `None`: the provider has no such page. The ID token
    /// is not kept for it, so the provider may ask whether somebody means it.
    pub async fn sign_out_page(&self, back: &str) -> Option<Url> {
        let metadata = self.discoveries.of(&self.provider.issuer).await.ok()?;
        let endpoint = metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()?;
        let endpoint = openidconnect::EndSessionUrl::new(endpoint).ok()?;
        self.discoveries.outgoing.check(endpoint.url()).ok()?;
        let back = PostLogoutRedirectUrl::new(back.to_owned()).ok()?;
        let request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(self.provider.client_id.clone()))
            .set_post_logout_redirect_uri(back);
        Some(request.http_get_url())
    }
}
