//! A participant as the media thread sees them: tracks that come in, slots that go out.

use std::time::Instant;

use rustc_hash::FxHashMap;
use tokio::sync::mpsc::UnboundedSender;

use crate::sfu::allocation::allocator::LayerHysteresis;
use crate::sfu::allocation::speakers::Loudness;
use crate::sfu::allocation::watched::Watched;
use crate::sfu::api::{MediaEvent, Permit};
use crate::sfu::forward::incoming_stream::IncomingStream;
use crate::sfu::forward::key_frame_limiter::KeyFrameLimiter;
use crate::sfu::forward::packet_cache::PacketCache;
use crate::sfu::forward::slots::Slots;
use crate::sfu::ids::{
    AUDIO_SLOTS, AudioSlot, ConferenceKey, Encoding, MemberKey, PerEncoding, PerTrack, StreamKey,
    StreamRef, Track, VoiceId,
};
use crate::sfu::rtp::header::Header;
use crate::sfu::sdp::answer::Plan;
use crate::sfu::sdp::section::{Extensions, Section, Use};
use crate::sfu::transport::session::Transport;
use crate::signal::{ParticipantId, QualityLevel};

/// SSRCs that one participant may use: seven streams with retransmissions, and some for restarts.
const MAX_STREAMS: usize = 24;

/// One track: a section of the offer and its incoming streams.
#[derive(Default)]
pub struct IncomingTrack {
    pub section: Option<Section>,
    pub streams: PerEncoding<Option<IncomingStream>>,
    pub watched: Watched,
}

/// What an SSRC is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SsrcUse {
    pub track: Track,
    pub encoding: Encoding,
    /// It carries retransmissions.
    pub is_rtx: bool,
}

/// A picture that the client shows.
#[derive(Clone, Copy, Debug)]
pub struct ViewTile {
    pub member: MemberKey,
    /// In physical pixels.
    pub height: u32,
}

/// See the module.
pub struct Member {
    pub id: ParticipantId,
    pub conference: ConferenceKey,
    pub events: UnboundedSender<MediaEvent>,
    pub permit: Permit,
    pub transport: Option<Transport>,
    /// `Connected` was reported.
    pub announced: bool,
    extensions: Extensions,
    pub tracks: PerTrack<IncomingTrack>,
    ssrcs: FxHashMap<u32, SsrcUse>,
    pub slots: Slots,
    /// Whose voices are in the audio slots; empty where these are those of the conference, because there are as many.
    pub voices: Vec<Option<VoiceId>>,
    /// Whom each video slot is for.
    pub holders: Vec<Option<MemberKey>>,
    /// What the client shows.
    pub view: Vec<ViewTile>,
    pub pinned: Option<MemberKey>,
    pub loudness: Loudness,
    pub screen_loudness: Loudness,
    pub slots_changed: bool,
    /// The slots as the client was told last, and when.
    pub slots_sent: Option<MediaEvent>,
    pub slots_sent_at: Option<Instant>,
    pub quality: QualityLevel,
    pub quality_since: Instant,
    pub hysteresis: LayerHysteresis,
    /// Key frames that were asked for, for this viewer.
    pub key_frame_limiter: KeyFrameLimiter,
    /// Pictures that the connection has no room for.
    pub paused: usize,
    /// … and the most important one is among them.
    pub starves: bool,
}

impl Member {
    #[must_use]
    pub fn new(
        id: ParticipantId,
        conference: ConferenceKey,
        events: UnboundedSender<MediaEvent>,
        now: Instant,
    ) -> Self {
        Self {
            id,
            conference,
            events,
            permit: Permit::default(),
            transport: None,
            announced: false,
            extensions: Extensions::default(),
            tracks: PerTrack::default(),
            ssrcs: FxHashMap::default(),
            slots: Slots::default(),
            voices: Vec::new(),
            holders: Vec::new(),
            view: Vec::new(),
            pinned: None,
            loudness: Loudness::default(),
            screen_loudness: Loudness::default(),
            slots_changed: false,
            slots_sent: None,
            slots_sent_at: None,
            quality: QualityLevel::Good,
            quality_since: now,
            hysteresis: LayerHysteresis::default(),
            key_frame_limiter: KeyFrameLimiter::default(),
            paused: 0,
            starves: false,
        }
    }

    /// Starts a media session anew: what was there before is gone.
    pub fn renew(&mut self, plan: Plan, transport: Transport) {
        self.transport = Some(transport);
        self.announced = false;
        self.extensions = plan.extensions;
        self.ssrcs.clear();
        self.tracks = PerTrack::default();
        for section in plan.sources {
            let track = match section.used {
                Use::Microphone => Track::Microphone,
                Use::Camera => Track::Camera,
                Use::Screen => Track::Screen,
                _ => Track::ScreenAudio,
            };
            self.tracks[track].section = Some(section);
        }
        self.slots = Slots::new(plan.audio_slots, plan.video_slots, plan.screen_slot);
        let few = Some(self.slots.audio.len()).filter(|slots| *slots < AUDIO_SLOTS);
        self.voices = vec![None; few.unwrap_or(0)];
        self.holders = vec![None; self.slots.video.len()];
        self.slots_changed = true;
        self.slots_sent = None;
        self.hysteresis = LayerHysteresis::default();
    }

    /// The audio slot for a voice that has this one in the conference. Who offered fewer slots than the conference has gets
    /// the loudest voices in them.
    pub fn audio_slot(&mut self, voice: VoiceId, in_conference: AudioSlot) -> Option<AudioSlot> {
        if self.voices.is_empty() {
            return Some(in_conference);
        }
        let at = |wanted| self.voices.iter().position(|one| *one == wanted);
        let index = at(Some(voice)).or_else(|| at(None))?;
        self.voices[index] = Some(voice);
        Some(AudioSlot::from_index(index))
    }

    /// Somebody has left: they are neither shown nor waited for any more.
    pub fn forget(&mut self, gone: MemberKey) {
        self.view.retain(|tile| tile.member != gone);
        if self.pinned == Some(gone) {
            self.pinned = None;
        }
        for holder in &mut self.holders {
            if *holder == Some(gone) {
                *holder = None;
            }
        }
    }

    /// Whether this track may be forwarded.
    #[must_use]
    pub fn may(&self, track: Track) -> bool {
        match track {
            Track::Microphone => self.permit.microphone,
            Track::Camera => self.permit.camera,
            Track::Screen | Track::ScreenAudio => self.permit.screen,
        }
    }

    /// How loud a voice of theirs is.
    pub fn loudness_mut(&mut self, track: Track) -> &mut Loudness {
        if track == Track::ScreenAudio {
            &mut self.screen_loudness
        } else {
            &mut self.loudness
        }
    }

    pub fn stream(&self, track: Track, encoding: Encoding) -> Option<&IncomingStream> {
        self.tracks[track].streams[encoding].as_ref()
    }

    pub fn stream_mut(&mut self, track: Track, encoding: Encoding) -> Option<&mut IncomingStream> {
        self.tracks[track].streams[encoding].as_mut()
    }

    /// This very stream, if it is still there.
    pub fn find(&self, stream: StreamRef) -> Option<&IncomingStream> {
        self.stream(stream.track, stream.encoding)
            .filter(|found| found.key == stream.key)
    }

    pub fn find_mut(&mut self, stream: StreamRef) -> Option<&mut IncomingStream> {
        self.stream_mut(stream.track, stream.encoding)
            .filter(|found| found.key == stream.key)
    }

    /// All incoming streams.
    pub fn streams_mut(&mut self) -> impl Iterator<Item = &mut IncomingStream> {
        self.tracks
            .0
            .iter_mut()
            .flat_map(|track| track.streams.0.iter_mut().flatten())
    }

    /// What this SSRC is for, if it is known.
    #[must_use]
    pub fn known(&self, ssrc: u32) -> Option<SsrcUse> {
        self.ssrcs.get(&ssrc).copied()
    }

    /// Finds out what a new SSRC is, by the identification extensions or by the offer, and starts its stream.
    /// `packet` must be authentic. `key` is taken for a new stream.
    pub fn learn(
        &mut self,
        now: Instant,
        packet: &[u8],
        header: &Header,
        key: StreamKey,
    ) -> Option<SsrcUse> {
        if self.ssrcs.len() >= MAX_STREAMS {
            return None;
        }
        let text = |id: Option<u8>| {
            id.and_then(|id| header.extension(packet, id))
                .and_then(|value| std::str::from_utf8(value).ok())
        };
        let mid = text(self.extensions.mid);
        let rid = text(self.extensions.rid);
        let repaired = text(self.extensions.repaired_rid);
        let (track, section) = Track::ALL.into_iter().find_map(|track| {
            let section = self.tracks[track].section.as_ref()?;
            let announced = section
                .ssrcs
                .iter()
                .any(|(main, rtx)| *main == header.ssrc || *rtx == Some(header.ssrc));
            let named = mid.is_some_and(|mid| mid == section.mid);
            (named || (mid.is_none() && announced)).then_some((track, section))
        })?;
        let is_rtx = section.codecs.rtx == Some(header.payload_type);
        let fits = is_rtx
            || header.payload_type == section.codecs.main
            || section.codecs.red == Some(header.payload_type);
        if !fits {
            return None;
        }
        let encoding = if section.rids.is_empty() {
            Encoding::SMALL
        } else {
            section.encoding_of(if is_rtx { repaired.or(rid)? } else { rid? })?
        };
        let announced_rtx = section
            .ssrcs
            .iter()
            .find(|(main, _)| *main == header.ssrc)
            .and_then(|(_, rtx)| *rtx);
        let is_simulcast = !section.rids.is_empty();
        let stream = &mut self.tracks[track].streams[encoding];
        if is_rtx {
            // Retransmissions make sense only of a stream that is there.
            stream.as_mut()?.rtx_ssrc = Some(header.ssrc);
        } else {
            // A stream that is under way is not replaced: two by turns would make everything anew each time.
            if stream
                .as_ref()
                .is_some_and(|stream| stream.meter.is_under_way(now))
            {
                return None;
            }
            let fresh = if track.is_video() {
                let cache = cache_for(encoding, is_simulcast);
                IncomingStream::video(key, header.ssrc, announced_rtx, cache)
            } else {
                IncomingStream::audio(key, header.ssrc)
            };
            if let Some(former) = stream.replace(fresh) {
                self.ssrcs.remove(&former.ssrc);
            }
        }
        let learned = SsrcUse {
            track,
            encoding,
            is_rtx,
        };
        self.ssrcs.insert(header.ssrc, learned);
        Some(learned)
    }
}

/// About a second of each: small encodings need less room.
fn cache_for(encoding: Encoding, is_simulcast: bool) -> PacketCache {
    match (is_simulcast, encoding) {
        (true, Encoding::SMALL) => PacketCache::new(128, 48 * 1_024),
        (true, Encoding::MIDDLE) => PacketCache::new(256, 128 * 1_024),
        (true, _) => PacketCache::new(512, 384 * 1_024),
        (false, _) => PacketCache::new(1_024, 768 * 1_024),
    }
}
