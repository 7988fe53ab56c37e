//! The peer connection: one offer with fixed sections, one answer (DESIGN: fixed slots, one negotiation).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rtc::ice::mdns::MulticastDnsMode;
use rtc::rtcp;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use tokio::sync::watch;
use webrtc::media_stream::MediaStreamTrack;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, RTCPeerConnectionState, RTCSessionDescription, Registry,
    SettingEngineBuilder, register_default_interceptors,
};
use webrtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit, RtpTransceiver};

use super::codecs::{RIDS, engine, opus, vp8};
use super::key_frames::{KeyFrameListener, KeyFrames};
use super::options::{ClientError, MediaOptions};
use super::publisher::{self, Outlet, Streams};
use super::receive::{Handler, Ledger, Slot, SlotsBySsrc};
use super::sdp;
use crate::signal::{Sections, Source};

/// Place in the chain of interceptors: after all others, which end at 13,000.
const LISTENER: usize = 14_000;

const GATHERING: Duration = Duration::from_secs(5);

/// One media session.
pub(super) struct Peer {
    connection: Arc<dyn PeerConnection>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) state: watch::Receiver<RTCPeerConnectionState>,
    tracks: HashMap<Source, Local>,
    key_frames: KeyFrames,
    receivers: Receivers,
    offer: Vec<sdp::Section>,
}

struct Local {
    track: Arc<TrackLocalStaticRTP>,
    transceiver: Arc<dyn RtpTransceiver>,
    /// One for each layer.
    ssrcs: Vec<u32>,
    streams: Streams,
}

struct Receivers {
    audio: Vec<Arc<dyn RtpTransceiver>>,
    video: Vec<Arc<dyn RtpTransceiver>>,
    screen: Arc<dyn RtpTransceiver>,
}

impl Peer {
    /// Makes the peer connection and its offer.
    pub(super) async fn offer(
        options: &MediaOptions,
        loopback: bool,
    ) -> Result<(Self, String, Sections), ClientError> {
        let ledger = Arc::new(Ledger::new(options.on_packet.clone()));
        let (state, state_now) = watch::channel(RTCPeerConnectionState::New);
        let (gathered, mut gathered_now) = watch::channel(false);
        let handler = Arc::new(Handler {
            ledger: ledger.clone(),
            state,
            gathered,
        });
        let streams = [
            (Source::Microphone, 1),
            (Source::Camera, RIDS.len()),
            (Source::Screen, 1),
        ]
        .map(|(source, count)| (source, ssrcs(count)));
        let key_frames = KeyFrames::of(streams.iter().flat_map(|(_, ssrcs)| ssrcs.iter().copied()));
        let connection = connect(options, loopback, handler, key_frames.clone()).await?;

        let mut tracks = HashMap::new();
        for (source, ssrcs) in streams {
            tracks.insert(source, local(&connection, source, ssrcs).await?);
        }
        let mut audio = Vec::with_capacity(options.audio_slots);
        for _ in 0..options.audio_slots {
            audio.push(slot(&connection, RtpCodecKind::Audio).await?);
        }
        let mut video = Vec::with_capacity(options.video_slots);
        for _ in 0..options.video_slots {
            video.push(slot(&connection, RtpCodecKind::Video).await?);
        }
        let receivers = Receivers {
            audio,
            video,
            screen: slot(&connection, RtpCodecKind::Video).await?,
        };

        let offer = connection.create_offer(None).await?;
        connection.set_local_description(offer).await?;
        // The server is ICE-lite and learns our address from the first check, but complete offers are easier to debug.
        let gathering = tokio::time::timeout(GATHERING, gathered_now.wait_for(|done| *done)).await;
        gathering
            .map_err(|_| ClientError::TimedOut("finding own addresses"))?
            .map_err(|_| ClientError::Media("the peer connection ended".into()))?;
        let sdp = connection
            .local_description()
            .await
            .ok_or_else(|| ClientError::Media("no local description".into()))?
            .sdp;

        let peer = Self {
            connection,
            ledger,
            state: state_now,
            tracks,
            key_frames,
            receivers,
            offer: sdp::sections(&sdp),
        };
        let sections = peer.sections().await?;
        Ok((peer, sdp, sections))
    }

    async fn sections(&self) -> Result<Sections, ClientError> {
        let mut audio_slots = Vec::new();
        for transceiver in &self.receivers.audio {
            audio_slots.push(mid(transceiver).await?);
        }
        let mut video_slots = Vec::new();
        for transceiver in &self.receivers.video {
            video_slots.push(mid(transceiver).await?);
        }
        Ok(Sections {
            microphone: Some(self.mid_of(Source::Microphone).await?),
            camera: Some(self.mid_of(Source::Camera).await?),
            screen: Some(self.mid_of(Source::Screen).await?),
            screen_sound: None,
            audio_slots,
            video_slots,
            screen_slot: Some(mid(&self.receivers.screen).await?),
        })
    }

    async fn mid_of(&self, source: Source) -> Result<String, ClientError> {
        let local = self.tracks.get(&source).ok_or(ClientError::NoMedia)?;
        mid(&local.transceiver).await
    }

    /// Takes the server's answer.
    pub(super) async fn answer(
        &self,
        answer: &str,
        sections: &Sections,
    ) -> Result<(), ClientError> {
        let mut by_ssrc = SlotsBySsrc::new();
        for section in sdp::sections(answer) {
            let at = |mids: &[String]| mids.iter().position(|mid| *mid == section.mid);
            let slot = at(&sections.audio_slots)
                .map(Slot::Audio)
                .or_else(|| at(&sections.video_slots).map(Slot::Video))
                .or_else(|| {
                    (sections.screen_slot.as_ref() == Some(&section.mid)).then_some(Slot::Screen)
                });
            if let (Some(slot), Some(ssrc)) = (slot, section.ssrc) {
                by_ssrc.insert(ssrc, slot);
            }
        }
        self.ledger.assign(
            by_ssrc,
            sections.audio_slots.len(),
            sections.video_slots.len(),
        );
        let answer = RTCSessionDescription::answer(answer.to_owned())?;
        self.connection.set_remote_description(answer).await?;
        Ok(())
    }

    /// Where media of a source goes in.
    pub(super) async fn outlet(&self, source: Source) -> Result<Outlet, ClientError> {
        let local = self.tracks.get(&source).ok_or(ClientError::NoMedia)?;
        let mid = mid(&local.transceiver).await?;
        let section = self
            .offer
            .iter()
            .find(|section| section.mid == mid)
            .ok_or_else(|| ClientError::Media("the offer lacks a section".into()))?;
        Ok(Outlet {
            track: local.track.clone(),
            ssrcs: local.ssrcs.clone(),
            streams: local.streams.clone(),
            key_frames: self.key_frames.clone(),
            mid_id: section.extension(":sdes:mid"),
            // Only a section with several layers tells them apart.
            rid_id: (local.ssrcs.len() > 1)
                .then(|| section.extension(":rtp-stream-id"))
                .flatten(),
            level_id: section.extension(":ssrc-audio-level"),
            mid,
        })
    }

    /// Sends RTCP packets as they are.
    pub(super) async fn send_rtcp(
        &self,
        packets: Vec<Box<dyn rtcp::Packet>>,
    ) -> Result<(), ClientError> {
        let local = self
            .tracks
            .get(&Source::Microphone)
            .ok_or(ClientError::NoMedia)?;
        Ok(local.track.write_rtcp(packets).await?)
    }

    /// The id that the offer gave to the header extension whose URI ends so.
    pub(super) fn extension(&self, end: &str) -> Option<u8> {
        self.offer.iter().find_map(|section| section.extension(end))
    }

    pub(super) async fn close(&self) {
        // A connection that cannot be closed is closed.
        let _ = self.connection.close().await;
    }
}

async fn mid(transceiver: &Arc<dyn RtpTransceiver>) -> Result<String, ClientError> {
    transceiver
        .mid()
        .await?
        .ok_or_else(|| ClientError::Media("a section has no mid".into()))
}

async fn connect(
    options: &MediaOptions,
    loopback: bool,
    handler: Arc<Handler>,
    key_frames: KeyFrames,
) -> Result<Arc<dyn PeerConnection>, ClientError> {
    let mut engine = engine()?;
    let registry = if options.feedback {
        register_default_interceptors(Registry::new(), &mut engine)?
    } else {
        Registry::new()
    };
    let registry = registry.with(
        rtc::interceptor::Slot::from(LISTENER),
        KeyFrameListener::new(key_frames),
    );
    let settings = SettingEngineBuilder::new()
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        .with_include_loopback_candidate(true)
        .with_ice_timeouts(
            Some(Duration::from_secs(15)),
            Some(Duration::from_secs(30)),
            Some(Duration::from_secs(2)),
        )
        .build();
    let any = if loopback {
        Ipv4Addr::LOCALHOST
    } else {
        Ipv4Addr::UNSPECIFIED
    };
    let bind = options.bind.unwrap_or(SocketAddr::new(IpAddr::V4(any), 0));
    let mut builder = PeerConnectionBuilder::new()
        .with_media_engine(engine)
        .with_setting_engine(settings)
        .with_interceptor_registry(registry)
        .with_handler(handler)
        .with_udp_addrs(vec![bind]);
    if let Some(runtime) = &options.runtime {
        builder = builder.with_runtime(runtime.clone());
    }
    // On the heap: the future is larger than what others should carry on their stacks.
    Ok(Arc::new(Box::pin(builder.build()).await?))
}

fn ssrcs(count: usize) -> Vec<u32> {
    (0..count)
        .map(|_| rand::random_range(1..u32::MAX))
        .collect()
}

async fn local(
    connection: &Arc<dyn PeerConnection>,
    source: Source,
    ssrcs: Vec<u32>,
) -> Result<Local, ClientError> {
    let (kind, codec) = match source {
        Source::Microphone => (RtpCodecKind::Audio, opus()),
        Source::Camera | Source::Screen => (RtpCodecKind::Video, vp8()),
    };
    let encodings = ssrcs
        .iter()
        .zip(RIDS)
        .map(|(ssrc, rid)| RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                // A single stream has no name.
                rid: if ssrcs.len() > 1 {
                    rid.to_owned()
                } else {
                    String::new()
                },
                ssrc: Some(*ssrc),
                ..RTCRtpCodingParameters::default()
            },
            active: true,
            codec: codec.clone(),
            ..RTCRtpEncodingParameters::default()
        })
        .collect();
    let name = format!("{source:?}").to_lowercase();
    let track = MediaStreamTrack::new(name.clone(), name.clone(), name, kind, encodings);
    let track = Arc::new(TrackLocalStaticRTP::new(track));
    let init = init(RTCRtpTransceiverDirection::Sendonly);
    let transceiver = connection
        .add_transceiver_from_track(track.clone(), Some(init))
        .await?;
    Ok(Local {
        track,
        transceiver,
        streams: publisher::streams(source, &ssrcs),
        ssrcs,
    })
}

async fn slot(
    connection: &Arc<dyn PeerConnection>,
    kind: RtpCodecKind,
) -> Result<Arc<dyn RtpTransceiver>, ClientError> {
    let init = init(RTCRtpTransceiverDirection::Recvonly);
    Ok(connection
        .add_transceiver_from_kind(kind, Some(init))
        .await?)
}

fn init(direction: RTCRtpTransceiverDirection) -> RTCRtpTransceiverInit {
    RTCRtpTransceiverInit {
        direction,
        streams: Vec::new(),
        send_encodings: Vec::new(),
    }
}
