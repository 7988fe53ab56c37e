//! From a request to a WebSocket (RFC 6455, 4.2), whose messages are bounded.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use kmz_meet_core::signal::MAX_MESSAGE_BYTES;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::watched::Watched;
use crate::edge::Activity;

/// In bytes. Most messages fit, and for a longer one the buffer grows. The library's default of 128 KiB is most of what a
/// participant costs.
const READ_BUFFER: usize = 4 * 1_024;
/// The longest time between the answer to the request and the first byte of the WebSocket.
const MAX_UPGRADE_TIME: Duration = Duration::from_secs(10);

/// A WebSocket of a client.
pub(super) type Socket = WebSocketStream<Watched<TokioIo<Upgraded>>>;

/// A request that wants to become a WebSocket.
pub struct Upgrade {
    key: HeaderValue,
    upgraded: OnUpgrade,
    /// What the server's edge knows of the connection.
    pub(super) activity: Option<Arc<Activity>>,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let refused = |status: StatusCode, why: &'static str| (status, why).into_response();
        if parts.method != Method::GET {
            let why = "A WebSocket begins with GET.";
            return Err(refused(StatusCode::METHOD_NOT_ALLOWED, why));
        }
        let headers = &parts.headers;
        if !says(headers, header::CONNECTION, "upgrade")
            || !says(headers, header::UPGRADE, "websocket")
        {
            let why = "This is a WebSocket: connect with a client that speaks it, by HTTP/1.1.";
            return Err(refused(StatusCode::BAD_REQUEST, why));
        }
        if !says(headers, header::SEC_WEBSOCKET_VERSION, "13") {
            let why = "The version of the WebSocket must be 13.";
            return Err(refused(StatusCode::BAD_REQUEST, why));
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).cloned();
        let upgraded = parts.extensions.remove::<OnUpgrade>();
        let activity = parts.extensions.get::<Arc<Activity>>().cloned();
        match (key, upgraded) {
            (Some(key), Some(upgraded)) => Ok(Self {
                key,
                upgraded,
                activity,
            }),
            _ => {
                let why = "This connection cannot become a WebSocket.";
                Err(refused(StatusCode::UPGRADE_REQUIRED, why))
            }
        }
    }
}

/// Whether a header has this word in its list.
fn says(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().eq_ignore_ascii_case(word))
}

impl Upgrade {
    /// Answers the request, and goes on with the WebSocket. Its messages are short until [`Watched::permit_long`].
    pub(super) fn then<F>(self, go_on: impl FnOnce(Socket) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let upgraded = self.upgraded;
        tokio::spawn(async move {
            let Ok(Ok(upgraded)) = timeout(MAX_UPGRADE_TIME, upgraded).await else {
                return;
            };
            let config = WebSocketConfig::default()
                .read_buffer_size(READ_BUFFER)
                .max_message_size(Some(MAX_MESSAGE_BYTES))
                .max_frame_size(Some(MAX_MESSAGE_BYTES));
            let stream = Watched::new(TokioIo::new(upgraded));
            go_on(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await).await;
        });
        let accept = derive_accept_key(self.key.as_bytes());
        let headers = [
            (header::CONNECTION, "upgrade"),
            (header::UPGRADE, "websocket"),
            (header::SEC_WEBSOCKET_ACCEPT, accept.as_str()),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;

    use super::*;

    async fn refusal(method: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        match Upgrade::from_request_parts(&mut parts, &()).await {
            Ok(_) => 0,
            Err(response) => response.status().as_u16(),
        }
    }

    #[tokio::test]
    async fn upgrade_without_a_header_or_by_another_method_is_refused() {
        let connection = ("connection", "keep-alive, Upgrade");
        let upgrade = ("upgrade", "WebSocket");
        let version = ("sec-websocket-version", "13");
        let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(refusal("GET", &[]).await, 400);
        assert_eq!(refusal("GET", &[connection, upgrade, key]).await, 400);
        assert_eq!(
            refusal("HEAD", &[connection, upgrade, version, key]).await,
            405
        );
        // Everything is right but the connection, which cannot be upgraded.
        assert_eq!(
            refusal("GET", &[connection, upgrade, version, key]).await,
            426
        );
    }
}
