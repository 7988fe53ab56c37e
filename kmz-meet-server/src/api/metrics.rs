//! Numbers for Prometheus. No person, no room and no address is among them; but when a small school has lessons can be
//! read from them, so they are for whoever has the token, or is on this machine.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kmz_meet_core::sfu::{Dropped, Drops};
use url::{Host, Url};

use crate::conferences::Registry;
use crate::config::{Config, Secret};
use crate::http::Problem;
use crate::state::sub_state;
use kmz_meet_core::sfu::Media;

sub_state! {
    /// What is counted.
    pub struct Numbers {
        config: Arc<Config>,
        media: Media,
        conferences: Arc<Registry>,
    }
}

/// Proxies add one of them. What has one was not sent from this machine, whatever the connection says.
const FORWARDED: [&str; 6] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "via",
];

pub async fn show(State(app): State<Numbers>, request: Request) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip().to_canonical());
    match &app.config.metrics_token {
        Some(token) if !says(request.headers(), token) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
            (StatusCode::UNAUTHORIZED, challenge).into_response()
        }
        None if !is_of_this_machine(peer, request.headers(), &app.config) => {
            Problem::not_found().into_response()
        }
        _ => {
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
            (kind, render(&app)).into_response()
        }
    }
}

fn says(headers: &HeaderMap, token: &Secret) -> bool {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return false;
    };
    let bytes = value.as_bytes();
    bytes
        .split_at_checked(7)
        .is_some_and(|(scheme, rest)| scheme.eq_ignore_ascii_case(b"bearer ") && token.is(rest))
}

fn is_of_this_machine(peer: Option<IpAddr>, headers: &HeaderMap, config: &Config) -> bool {
    let is_proxy = |peer| config.trusted_proxies.iter().any(|one| one.contains(peer));
    peer.is_some_and(|peer| peer.is_loopback() && !is_proxy(peer))
        && !FORWARDED.iter().any(|name| headers.contains_key(*name))
        && asks_this_machine(headers)
}

/// A proxy that adds no header at least passes on which host a stranger asked for, or names its upstream by a name.
fn asks_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).map(HeaderValue::to_str);
    let Some(Ok(host)) = host else {
        // HTTP/1.0, and no proxy that people use.
        return host.is_none();
    };
    let url = Url::parse(&format!("http://{host}/"));
    url.is_ok_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

fn render(app: &Numbers) -> String {
    let media = app.media.totals();
    let (rooms, people) = app.conferences.load();
    let (max_people, places) = app.conferences.people_limit();
    let metrics: [(&str, &str, &str, u64); 13] = [
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
            "max_people",
            "gauge",
            "Most people on this server; 0: no limit.",
            u64::from(max_people.unwrap_or(0)),
        ),
        (
            "places_taken",
            "gauge",
            "Places of people, and those that young conferences keep for their classes.",
            u64::from(places),
        ),
        (
            "media_transports",
            "gauge",
            "Transports through which media can flow now.",
            media.connected,
        ),
        (
            "relayed_clients",
            "gauge",
            "Clients whose media come over TCP now.",
            app.media.relayed_clients() as u64,
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
    write_drops(&mut text, &media.dropped);
    write_busy(&mut text, &app.media.busy());
    text
}

/// Why packets did not go on: where to look when somebody has no picture.
fn write_drops(text: &mut String, dropped: &Drops) {
    const NAME: &str = "kmz_meet_media_dropped_packets_total";
    let help = "Media packets dropped, or copies of them not sent, by reason.";
    // Writing to a String cannot fail.
    let _ = write!(text, "# HELP {NAME} {help}\n# TYPE {NAME} counter\n");
    for reason in Dropped::ALL {
        let (label, value) = (reason.as_str(), dropped.of(reason));
        let _ = writeln!(text, "{NAME}{{reason=\"{label}\"}} {value}");
    }
}

/// How much is left of each media thread.
fn write_busy(text: &mut String, threads: &[f64]) {
    const NAME: &str = "kmz_meet_media_thread_busy_ratio";
    let help = "Share of the last second in which a media thread did not wait.";
    // Writing to a String cannot fail.
    let _ = write!(text, "# HELP {NAME} {help}\n# TYPE {NAME} gauge\n");
    for (thread, share) in threads.iter().enumerate() {
        let _ = writeln!(text, "{NAME}{{thread=\"{thread}\"}} {share}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(peer: &str, headers: &[&'static str], proxies: &[&str]) -> bool {
        let config = Config {
            trusted_proxies: proxies.iter().map(|one| one.parse().unwrap()).collect(),
            ..Config::default()
        };
        let mut map = HeaderMap::new();
        for name in headers {
            map.insert(*name, "192.0.2.7".parse().unwrap());
        }
        is_of_this_machine(Some(peer.parse().unwrap()), &map, &config)
    }

    #[test]
    fn is_of_this_machine_takes_loopback_without_a_proxy_only() {
        assert!(answered("127.0.0.1", &[], &[]));
        assert!(answered("127.8.8.8", &["user-agent"], &[]));
        assert!(answered("::1", &[], &["10.0.0.0/8"]));
        for stranger in ["192.0.2.1", "10.0.0.1", "fe80::1", "2001:db8::1", "0.0.0.0"] {
            assert!(!answered(stranger, &[], &[]), "{stranger}");
        }
        for header in FORWARDED {
            assert!(!answered("127.0.0.1", &[header], &[]), "{header}");
        }
        assert!(!answered("127.0.0.1", &[], &["127.0.0.1"]));
        assert!(!is_of_this_machine(
            None,
            &HeaderMap::new(),
            &Config::default()
        ));
    }
}
