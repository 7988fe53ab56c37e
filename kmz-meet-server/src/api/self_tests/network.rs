//! What a network must let through.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::Testing;

/// A UDP address at which media are received.
#[derive(Serialize, ToSchema)]
pub struct MediaAddress {
    /// IPv4 or IPv6.
    address: String,
    port: u16,
}

/// What a network must let through for conferences.
#[derive(Serialize, ToSchema)]
pub struct Network {
    /// Host of the web page, which is also the relay's.
    host: String,
    /// TCP port of the web page and of the relay.
    port: u16,
    /// Whether it speaks TLS.
    secure: bool,
    /// Where media go by UDP.
    media: Vec<MediaAddress>,
}

pub(super) fn network_of(app: &Testing) -> Network {
    let url = Url::parse(app.public_url.as_str()).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let port = url.as_ref().and_then(Url::port_or_known_default);
    Network {
        host: host.to_owned(),
        port: port.unwrap_or_default(),
        secure: app.public_url.is_https(),
        media: app
            .media
            .candidates()
            .into_iter()
            .map(|candidate| MediaAddress {
                address: candidate.ip().to_canonical().to_string(),
                port: candidate.port(),
            })
            .collect(),
    }
}

/// What a network must let through
#[utoipa::path(
    get, path = "/api/v1/network", security(()), tag = "self_test", responses((status = 200, body = Network))
)]
pub async fn network(State(app): State<Testing>) -> Json<Network> {
    Json(network_of(&app))
}
