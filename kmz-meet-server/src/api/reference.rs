//! The API's reference for people, at `/api/docs`: Swagger UI, from our own files, over the description that programs read.
//! `web/src/reference` has its source.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::RustEmbed;

use super::openapi::openapi;
use crate::http::Problem;

/// `build.rs` makes the folder, so that the server builds without it.
#[derive(RustEmbed)]
#[folder = "web/dist-reference"]
struct Files;

/// Shown when the server was built without the reference.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>kmz-meet: the REST API</title>\
    <p>This server was built without its reference. Run <code>make build</code>. Programs read \
    <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p></html>";

/// Swagger UI makes markup of text, so unlike our other pages this one has no Trusted Types. It reaches this server only.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The page.
pub async fn show() -> Response {
    let html = Files::get("index.html").map_or(NOT_BUILT.as_bytes().into(), |file| file.data);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, Html(html)).into_response()
}

/// A script or a style of the page. The build puts a hash into its name and compresses it; there is no other form of it, as
/// every browser takes gzip.
pub async fn asset(Path(name): Path<String>) -> Response {
    let content_type = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => return Problem::not_found().into_response(),
    };
    let Some(file) = Files::get(&format!("assets/{name}.gz")) else {
        return Problem::not_found().into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_ENCODING, "gzip"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    let headers: HeaderMap = headers
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    (headers, file.data).into_response()
}

/// The description itself.
pub async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn page_reaches_no_other_host_and_stands_in_no_frame() {
        let answer = show().await;
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(policy.contains("connect-src 'self';"), "{policy}");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
    }

    #[tokio::test]
    async fn asset_outside_of_the_page_is_not_found() {
        for name in ["none.js", "../index.html", "index.html", "x.css", ""] {
            let answer = asset(Path(name.to_owned())).await;
            assert_eq!(answer.status(), 404, "{name}");
        }
    }
}
