//! Numbers for Prometheus. No person, no room and no address is among them.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::App;

pub async fn show(State(app): State<Arc<App>>) -> impl IntoResponse {
    let text = render(&app);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
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
