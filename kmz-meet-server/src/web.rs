//! The browser client, embedded, and the headers that keep it to itself.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::RustEmbed;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use url::form_urlencoded;

use crate::auth::Cookies;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::credentials::Devices;
use crate::frame_ancestors::FrameAncestors;
use crate::http::Problem;
use crate::language::Language;
use crate::own_pages;
use crate::page;
use crate::page::{ICON, STYLESHEET, STYLESHEET_PATH};
use crate::state::sub_state;

sub_state! {
    /// What pages and their headers reach.
    pub struct Pages {
        clock: Arc<dyn Clock>,
        devices: Arc<Devices>,
        public_url: PublicUrl,
        frame_ancestors: Arc<FrameAncestors>,
    }
}

/// `build.rs` makes the folder, so that the server builds without the client.
#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Client;

/// Shown when the server was built without the client.
const NO_CLIENT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>kmz-meet</title>\
    <p>This server was built without its browser client. Run <code>make build</code>.</p></html>";

/// A room is one part, and two where another platform puts its tenant before it.
const MAX_PARTS: usize = 2;
/// The parameter in which pages of such a platform hand over a token.
const JITSI_TOKEN: &str = "jwt";
/// What browsers say a page is for that they load inside of another one.
const EMBEDDED: [&str; 4] = ["embed", "frame", "iframe", "object"];

/// The pages, each a file of the client's build.
const INDEX: &str = "index.html";
const CONSOLE: &str = "console.html";
const DROP: &str = "drop.html";
/// What the pages load. The build puts a hash into the names.
const FOLDERS: [&str; 2] = ["assets/", "apart/"];

/// Endings of files, whether there is such a file or not.
const FILES: [&str; 16] = [
    "css",
    "gif",
    "html",
    "ico",
    "jpg",
    "js",
    "json",
    "map",
    "mjs",
    "php",
    "png",
    "svg",
    "txt",
    "webmanifest",
    "woff2",
    "xml",
];

/// What pages of other hosts load.
const FOR_OTHERS: [&str; 2] = ["/external_api.js", ICON];

/// Every path that is nothing else.
pub fn routes<S>() -> Router<S>
where
    Pages: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    // Only the client is compressed: what the API answers may mix secrets with what others wrote.
    let compressible = DefaultPredicate::new()
        .and(NotForContentType::new("font/woff2"))
        .and(NotForContentType::new("audio/mpeg"));
    Router::new()
        .fallback(serve_page)
        .layer(CompressionLayer::new().compress_when(compressible))
}

async fn serve_page(
    State(app): State<Pages>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return Problem::method_not_allowed().into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if path == STYLESHEET_PATH {
        return file(path, STYLESHEET.as_bytes().into());
    }
    if !is_entry(path)
        && let Some(found) = Client::get(path)
    {
        return file(path, found.data);
    }
    let without_slash = uri.path().trim_end_matches('/');
    let parts: Vec<&str> = without_slash
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let is_own = parts
        .first()
        .is_some_and(|first| own_pages::FIRST_PARTS.contains(first));
    let is_known =
        own_pages::PAGES.contains(&without_slash) || is_result(&parts) || is_console(&parts);
    // Whoever types an address may end it by a slash. The path begins with a part of ours, so this leads nowhere else.
    if is_own && without_slash.len() < uri.path().len() && !is_known {
        let query = uri.query().map(|query| format!("?{query}"));
        let to = format!("/{}{}", parts.join("/"), query.unwrap_or_default());
        return Redirect::permanent(&to).into_response();
    }
    if (is_own || parts.len() > MAX_PARTS) && !is_known {
        return if wants_page(&headers) {
            page::nothing_here(Language::wanted(&headers))
        } else {
            Problem::not_found().into_response()
        };
    }
    // A missing script must not become a page. Rooms of other platforms may have a dot in their names.
    let is_missing = FOLDERS.iter().any(|folder| path.starts_with(folder)) || is_file(path);
    if path != "index.html" && is_missing {
        return Problem::not_found().into_response();
    }
    let is_nothing =
        parts.len() == MAX_PARTS && !is_known && !comes_from_elsewhere(uri.query(), &headers);
    let mut page = index(&app, entry_of(&parts), &headers);
    if is_nothing {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}

/// Whether this is a page of the console, which knows by itself what is there.
fn is_console(parts: &[&str]) -> bool {
    parts.first() == Some(&"console")
}

/// Which of the client's pages begins there: what few people use is apart from what pupils load.
fn entry_of(parts: &[&str]) -> &'static str {
    match parts {
        ["console", ..] => CONSOLE,
        ["drop", ..] => DROP,
        _ => INDEX,
    }
}

/// Whether this is a page's own file, which is served under the page's address only.
fn is_entry(path: &str) -> bool {
    path.is_empty() || [INDEX, CONSOLE, DROP].contains(&path)
}

/// Whether this is the page of a self test's result, whose code may be misspelt. Only the client knows whether there is one.
fn is_result(parts: &[&str]) -> bool {
    matches!(parts, ["test", _])
}

/// Whether another platform embeds the page or sent someone to it: then a tenant may stand before the room. Only the client
/// can know the whole of it (a fragment, and what it kept of a ticket before a reload), so it has the last word on what is
/// shown, whatever the status says.
fn comes_from_elsewhere(query: Option<&str>, headers: &HeaderMap) -> bool {
    let is_embedded = headers
        .get("sec-fetch-dest")
        .and_then(|destination| destination.to_str().ok())
        .is_some_and(|destination| EMBEDDED.contains(&destination));
    let query = query.unwrap_or_default().as_bytes();
    is_embedded || form_urlencoded::parse(query).any(|(name, _)| name == JITSI_TOKEN)
}

/// Whether a person looks at the answer.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// Whether a path ends as the files do that browsers and search engines ask for.
fn is_file(path: &str) -> bool {
    let extension = path
        .rsplit('/')
        .next()
        .and_then(|last| last.rsplit_once('.'));
    extension.is_some_and(|(_, extension)| {
        FILES
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

fn file(path: &str, content: Cow<'static, [u8]>) -> Response {
    let caching = if FOLDERS.iter().any(|folder| path.starts_with(folder)) {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let headers = [
        (header::CONTENT_TYPE, content_type(path)),
        (header::CACHE_CONTROL, caching),
    ];
    (headers, content).into_response()
}

/// Of the kinds of files that the client's build makes.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The client finds out by itself which page it is to show.
fn index(app: &Pages, entry: &str, headers: &HeaderMap) -> Response {
    let html = Client::get(entry).map_or(NO_CLIENT.as_bytes().into(), |file| file.data);
    let mut response = (
        StatusCode::OK,
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        html,
    )
        .into_response();
    let cookies = Cookies::of(&app.public_url);
    let device = cookies.new_device(headers, &app.devices, app.clock.now());
    if let Some(cookie) = device.and_then(|device| device.to_string().parse().ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Middleware: what browsers may do with anything that comes from here.
pub async fn security_headers(State(app): State<Pages>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let for_others = FOR_OTHERS.contains(&request.uri().path());
    let opener = opener_policy(request.uri().path());
    let policy = app.frame_ancestors.policy(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
             geolocation=(), payment=(), usb=(), serial=(), midi=()",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            opener,
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if for_others {
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        );
    }
    // Pages that other platforms frame bring a policy of their own.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if app.public_url.is_https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Platforms open rooms and launches in windows of their own, which find their opener again when they come back, to close
/// themselves. One page or redirect on the way that cuts them off does so for good. Decided by the path alone: a room that
/// there is and one that there is not look alike.
fn opener_policy(path: &str) -> &'static str {
    if own_pages::is_apart_from_openers(path) {
        "same-origin"
    } else {
        "unsafe-none"
    }
}
