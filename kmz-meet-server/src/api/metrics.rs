//! Numbers for Prometheus. No person, no room and no address is among them.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use super::Problem;
use crate::app::App;

pub async fn show(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !is_permitted(app.config.metrics_token.as_deref(), peer, &headers) {
        return Problem::not_found().into_response();
    }
    let text = render(&app);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// They tell when a small school has lessons. Without a token they are for this machine alone, and not for those whom a
/// proxy on it brings.
fn is_permitted(token: Option<&str>, peer: SocketAddr, headers: &HeaderMap) -> bool {
    let Some(token) = token else {
        let brought = ["x-forwarded-for", "x-real-ip", "forwarded"];
        return peer.ip().to_canonical().is_loopback()
            && !brought.iter().any(|name| headers.contains_key(*name));
    };
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()?.split_once(' '));
    given.is_some_and(|(scheme, given)| {
        scheme.eq_ignore_ascii_case("bearer")
            && verify_slices_are_equal(given.trim().as_bytes(), token.as_bytes()).is_ok()
    })
}

fn render(app: &App) -> String {
    let media = app.media.totals();
    let (rooms, people) = app.conferences.load();
    let metrics: [(&str, &str, &str, u64); 10] = [
        (
            "conferences",
            "gauge",
            "Conferences that run now.",
            u64::from(rooms),
        ),
        (
            "participants",
            "gauge",
            "People in conferences now.",
            u64::from(people),
        ),
        (
            "media_transports",
            "gauge",
            "Transports through which media can flow now.",
            media.connected,
        ),
        (
            "media_received_packets_total",
            "counter",
            "Authentic media packets received.",
            media.received,
        ),
        (
            "media_forwarded_packets_total",
            "counter",
            "Copies of media packets sent.",
            media.forwarded,
        ),
        (
            "media_resent_packets_total",
            "counter",
            "Packets sent again on request.",
            media.resent,
        ),
        (
            "media_key_frames_asked_total",
            "counter",
            "Key frames asked of browsers.",
            media.key_frames_asked,
        ),
        (
            "media_over_limit_packets_total",
            "counter",
            "Packets dropped over a participant's limit.",
            media.over_limit,
        ),
        (
            "media_unknown_datagrams_total",
            "counter",
            "Datagrams of nobody that is known.",
            media.unknown,
        ),
        (
            "media_panics_total",
            "counter",
            "Transports lost by a panic.",
            media.panics,
        ),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in metrics {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "# HELP kmz_meet_{name} {help}\n# TYPE kmz_meet_{name} {kind}\nkmz_meet_{name} {value}\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(token: Option<&str>, peer: &str, header: Option<(&'static str, &str)>) -> bool {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        is_permitted(token, peer.parse().unwrap(), &headers)
    }

    #[test]
    fn metrics_without_a_token_are_for_this_machine_alone() {
        assert!(permitted(None, "127.0.0.1:1", None));
        assert!(permitted(None, "[::1]:1", None));
        assert!(permitted(None, "[::ffff:127.0.0.1]:1", None));
        assert!(!permitted(None, "192.0.2.1:1", None));
        assert!(!permitted(
            None,
            "127.0.0.1:1",
            Some(("x-forwarded-for", "192.0.2.1"))
        ));
        assert!(!permitted(
            None,
            "127.0.0.1:1",
            Some(("forwarded", "for=192.0.2.1"))
        ));
    }

    #[test]
    fn metrics_with_a_token_are_for_who_has_it() {
        let token = Some("a-token-of-some-length");
        let bearer = |value| permitted(token, "192.0.2.1:1", Some(("authorization", value)));
        assert!(bearer("Bearer a-token-of-some-length"));
        assert!(bearer("bearer a-token-of-some-length"));
        assert!(!bearer("Bearer a-token-of-some-lengt"));
        assert!(!bearer("Basic a-token-of-some-length"));
        assert!(!bearer("Bearer "));
        assert!(!permitted(token, "127.0.0.1:1", None));
    }
}
