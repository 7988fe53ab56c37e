//! What a test found. No names, no addresses, nothing about the device but what kind of browser it has.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::SelfTestOutcome;

/// Paths that one report names.
pub const MAX_PATHS: usize = 8;
/// Longest times that a report has, in milliseconds.
const MAX_MS: u32 = 60_000;
/// Highest rate that a report has.
const MAX_KBPS: u32 = 1_000_000;

/// A kind of browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SelfTestBrowser)]
pub enum Browser {
    Chromium,
    Firefox,
    Safari,
    Other,
    /// It cannot do what conferences need.
    Unfit,
}

/// What came of trying a camera, a microphone or a loudspeaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SelfTestDeviceState)]
pub enum DeviceState {
    Works,
    /// The person or the browser did not permit it.
    Refused,
    Missing,
    Failed,
    Untried,
}

/// By what media went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SelfTestPathKind)]
pub enum PathKind {
    /// Straight to a media port.
    Udp,
    /// The relay on the TCP port of the page.
    Relay,
}

/// What a browser measured on a path. What it could not measure is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SelfTestMeasured)]
pub struct Measured {
    /// Until media could flow, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, maximum = 60_000)]
    connect_ms: Option<u32>,
    /// Round trip time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, maximum = 60_000)]
    round_trip_ms: Option<u32>,
    /// Interarrival jitter of the voice (RFC 3550, 6.4.1), in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, maximum = 60_000)]
    jitter_ms: Option<u32>,
    /// Lost of a thousand packets of the voice, on the way to the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, maximum = 1_000)]
    lost_up_permille: Option<u32>,
    /// The same on the way from the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, maximum = 1_000)]
    lost_down_permille: Option<u32>,
    /// Kilobits per second that went to the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, maximum = 1_000_000)]
    up_kbps: Option<u32>,
    /// Kilobits per second that came from the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false, maximum = 1_000_000)]
    down_kbps: Option<u32>,
}

impl Measured {
    /// Whether every number can be one.
    pub fn is_plausible(&self) -> bool {
        let below = |numbers: &[Option<u32>], most: u32| {
            numbers.iter().flatten().all(|number| *number <= most)
        };
        below(
            &[self.connect_ms, self.round_trip_ms, self.jitter_ms],
            MAX_MS,
        ) && below(&[self.lost_up_permille, self.lost_down_permille], 1_000)
            && below(&[self.up_kbps, self.down_kbps], MAX_KBPS)
    }
}

/// A path that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SelfTestPath)]
pub struct Path {
    pub kind: PathKind,
    /// UDP port, or the TCP port of the page.
    pub port: u16,
    /// Whether media flowed, as the server saw it.
    pub reached: bool,
    pub measured: Measured,
}

/// What was tried beside the paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SelfTestDevices)]
pub struct Tested {
    pub browser: Browser,
    pub camera: DeviceState,
    pub microphone: DeviceState,
    pub speaker: DeviceState,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SelfTestReport)]
pub struct Report {
    pub outcome: SelfTestOutcome,
    pub tested: Tested,
    #[schema(max_items = 8)]
    pub paths: Vec<Path>,
}

/// What these paths come to.
pub fn outcome_of(paths: &[Path]) -> SelfTestOutcome {
    let reached = |kind| paths.iter().any(|path| path.kind == kind && path.reached);
    if reached(PathKind::Udp) {
        SelfTestOutcome::Direct
    } else if reached(PathKind::Relay) {
        SelfTestOutcome::Relay
    } else {
        SelfTestOutcome::Nothing
    }
}
