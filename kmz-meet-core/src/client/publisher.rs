//! Publishing: turns a description of test media into RTP packets at the right times.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rtc::rtp::{Packet, header::Header};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use super::codecs::{OPUS, RIDS, VP8};
use super::key_frames::KeyFrames;
use super::media::{
    Media, Place, VOICE_INTERVAL, VOICE_TICKS, Video, Voice, opus_payload, vp8_payload,
};
use super::options::ClientError;
use super::stamp::{Stamp, clock};
use crate::signal::Source;

/// Pictures between key frames that nobody asked for.
const KEY_FRAME_EVERY: u32 = 3_000;

/// Where media of one source goes in.
pub(super) struct Outlet {
    pub(super) track: Arc<TrackLocalStaticRTP>,
    pub(super) ssrcs: Vec<u32>,
    pub(super) streams: Streams,
    pub(super) key_frames: KeyFrames,
    pub(super) mid: String,
    pub(super) mid_id: Option<u8>,
    pub(super) rid_id: Option<u8>,
    pub(super) level_id: Option<u8>,
}

/// A running publisher; it stops when this is dropped.
pub(super) struct Publisher(JoinHandle<()>);

impl Drop for Publisher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts to publish.
pub(super) fn start(
    source: Source,
    outlet: Outlet,
    media: Media,
) -> Result<Publisher, ClientError> {
    let task = match (source, media) {
        (Source::Microphone, Media::Voice(voice)) => tokio::spawn(speak(outlet, voice)),
        (Source::Camera | Source::Screen, Media::Video(video)) => {
            if video.layers.is_empty() || video.layers.len() > outlet.ssrcs.len() {
                return Err(ClientError::Media(
                    "a camera has one to three layers, a screen has one".into(),
                ));
            }
            if !(0.1..=1_000.0).contains(&video.frames_per_second) {
                return Err(ClientError::Media(
                    "0.1 to 1000 pictures a second can be sent".into(),
                ));
            }
            tokio::spawn(show(outlet, video))
        }
        _ => {
            return Err(ClientError::Media(
                "a voice is for the microphone, pictures are for camera and screen".into(),
            ));
        }
    };
    Ok(Publisher(task))
}

/// The streams of one source, one for each SSRC. They outlive the publisher: who publishes again under the same SSRC and
/// keys goes on counting, for a number that came before is refused as a replay, and one far away loses count of the
/// rounds (RFC 3711, section 3.3.1).
pub(super) type Streams = Arc<Mutex<Vec<Stream>>>;

/// Fresh streams for these SSRCs.
pub(super) fn streams(source: Source, ssrcs: &[u32]) -> Streams {
    let payload_type = if source == Source::Microphone {
        OPUS
    } else {
        VP8
    };
    let streams = ssrcs.iter().map(|ssrc| Stream::new(*ssrc, payload_type));
    Arc::new(Mutex::new(streams.collect()))
}

/// Sequence number and timestamp of one stream.
pub(super) struct Stream {
    ssrc: u32,
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
}

impl Stream {
    fn new(ssrc: u32, payload_type: u8) -> Self {
        Self {
            ssrc,
            payload_type,
            sequence: rand::random(),
            timestamp: rand::random(),
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            ssrc: self.ssrc,
            sequence: self.sequence,
            at: clock(),
        }
    }

    fn packet(
        &mut self,
        marker: bool,
        payload: Vec<u8>,
        extensions: &[(Option<u8>, Vec<u8>)],
    ) -> Packet {
        let mut header = Header {
            version: 2,
            marker,
            payload_type: self.payload_type,
            sequence_number: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            ..Header::default()
        };
        for (id, value) in extensions {
            if let Some(id) = id {
                // Short values under ids from 1 to 14 always fit.
                let _ = header.set_extension(*id, value.clone().into());
            }
        }
        self.sequence = self.sequence.wrapping_add(1);
        Packet {
            header,
            payload: payload.into(),
        }
    }
}

fn lock(streams: &Streams) -> MutexGuard<'_, Vec<Stream>> {
    // A number more or less is all that a panic can leave behind.
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Publishers that start together must not send all at the same instant.
fn first_tick(period: Duration) -> Instant {
    Instant::now() + period.mul_f64(rand::random_range(0.0..1.0))
}

async fn speak(outlet: Outlet, voice: Voice) {
    // RFC 6464: the first bit says that it is speech.
    let level = voice.level.min(127) | if voice.level < 60 { 0x80 } else { 0 };
    let extensions = [
        (outlet.mid_id, outlet.mid.clone().into_bytes()),
        (outlet.level_id, vec![level]),
    ];
    let mut clock = interval_at(first_tick(VOICE_INTERVAL), VOICE_INTERVAL);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut marker = true;
    loop {
        clock.tick().await;
        let packet = {
            let mut streams = lock(&outlet.streams);
            let Some(stream) = streams.first_mut() else {
                return;
            };
            let payload = opus_payload(voice.bytes, stream.stamp());
            let packet = stream.packet(std::mem::take(&mut marker), payload, &extensions);
            stream.timestamp = stream.timestamp.wrapping_add(VOICE_TICKS);
            packet
        };
        if outlet.track.write_rtp(packet).await.is_err() {
            return;
        }
    }
}

async fn show(outlet: Outlet, video: Video) {
    let period = Duration::from_secs_f64(1.0 / video.frames_per_second);
    let ticks = (90_000.0 / video.frames_per_second).round() as u32;
    let mut key_indices = vec![0u32; outlet.ssrcs.len()];
    let mut clock = interval_at(first_tick(period), period);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let start: u32 = rand::random_range(0..0x7fff);
    for count in 0u32.. {
        clock.tick().await;
        for (index, layer) in video.layers.iter().enumerate() {
            let key = outlet.key_frames.take(outlet.ssrcs[index]) || count % KEY_FRAME_EVERY == 0;
            key_indices[index] = key_indices[index].wrapping_add(u32::from(key));
            let extensions = [
                (outlet.mid_id, outlet.mid.clone().into_bytes()),
                (outlet.rid_id, RIDS[index].as_bytes().to_vec()),
            ];
            for number in 0..layer.packets {
                let place = Place {
                    picture: start.wrapping_add(count),
                    first: number == 0,
                    key,
                    key_index: key_indices[index],
                    width: layer.width,
                    height: layer.height,
                };
                let last = number + 1 == layer.packets;
                let packet = {
                    let stream = &mut lock(&outlet.streams)[index];
                    let payload = vp8_payload(layer.bytes, place, stream.stamp());
                    stream.packet(last, payload, &extensions)
                };
                if outlet.track.write_rtp(packet).await.is_err() {
                    return;
                }
            }
            let stream = &mut lock(&outlet.streams)[index];
            stream.timestamp = stream.timestamp.wrapping_add(ticks);
        }
    }
}
