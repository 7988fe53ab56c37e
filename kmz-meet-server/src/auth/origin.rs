//! Requests that change something must come from our own pages.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::config::PublicUrl;
use crate::http::Problem;

/// Whether a request, or the start of a WebSocket, comes from our own pages.
///
/// Browsers send `Origin` with both; a program that sends none holds no one's cookies but its own.
pub fn origin_permitted(url: &PublicUrl, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        return matches!(site, None | Some(b"same-origin" | b"none"));
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if origin == url.as_str() {
        return true;
    }
    // The same machine under another of its names: the host that the browser asked is the one of the page.
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let page = origin.split_once("://").map(|(_, authority)| authority);
    matches!((page, host), (Some(page), Some(host)) if page == host)
}

/// Middleware: refuses what changes something and comes from elsewhere.
pub async fn check_origin(State(url): State<PublicUrl>, request: Request, next: Next) -> Response {
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if changes && !origin_permitted(&url, request.headers()) {
        return Problem::foreign_origin().into_response();
    }
    next.run(request).await
}
