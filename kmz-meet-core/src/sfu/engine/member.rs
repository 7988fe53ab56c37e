//! A participant as the media thread sees them: tracks that come in, slots that go out.

use std::time::Instant;

use rustc_hash::FxHashMap;
use tokio::sync::mpsc::UnboundedSender;

use crate::sfu::allocation::allocator::LayerHysteresis;
use crate::sfu::allocation::speakers::Loudness;
use crate::sfu::api::{MediaEvent, Permit};
use crate::sfu::engine::conference_media::{AUDIO_SLOTS, Voice};
use crate::sfu::forward::incoming_stream::{Layer, SlotId};
use crate::sfu::forward::key_frame_limiter::KeyFrameLimiter;
use crate::sfu::forward::outgoing_stream::Slot;
use crate::sfu::forward::packet_cache::PacketCache;
use crate::sfu::rtp::header::Header;
use crate::sfu::sdp::answer::Plan;
use crate::sfu::sdp::offer::{Extensions, Section, Use};
use crate::sfu::transport::session::Transport;
use crate::signal::{ParticipantId, QualityLevel};

pub const MICROPHONE: usize = 0;
pub const CAMERA: usize = 1;
pub const SCREEN: usize = 2;
pub const SOUND: usize = 3;
const TRACKS: usize = 4;
/// SSRCs that one participant may use: seven streams with retransmissions, and some for restarts.
const MAX_STREAMS: usize = 24;

/// One track: a section of the offer and its incoming streams, the smallest layer first.
#[derive(Default)]
pub struct Track {
    pub section: Option<Section>,
    pub layers: [Option<Layer>; 3],
}

/// What an SSRC is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    pub track: usize,
    pub layer: usize,
    /// It carries retransmissions.
    pub repair: bool,
}

/// See the module.
pub struct Member {
    pub id: ParticipantId,
    pub stage: usize,
    pub events: UnboundedSender<MediaEvent>,
    pub permit: Permit,
    pub transport: Option<Transport>,
    /// `Connected` was reported.
    pub announced: bool,
    extensions: Extensions,
    pub tracks: [Track; TRACKS],
    streams: FxHashMap<u32, Stream>,
    pub audio_slots: Vec<Slot>,
    /// Whose voices are in the audio slots, by code; empty where these are those of the stage, because there are as many.
    pub voices: Vec<Option<usize>>,
    pub video_slots: Vec<Slot>,
    pub screen_slot: Option<Slot>,
    /// Whom each video slot is for.
    pub holders: Vec<Option<usize>>,
    /// What the client shows: members and physical pixel heights.
    pub view: Vec<(usize, u32)>,
    pub pinned: Option<usize>,
    pub loudness: Loudness,
    pub sound: Loudness,
    pub slots_changed: bool,
    pub told: Option<MediaEvent>,
    pub slots_told: Option<Instant>,
    pub quality: QualityLevel,
    pub quality_since: Instant,
    pub steady: LayerHysteresis,
    /// Key frames that were asked for, for this viewer.
    pub asking: KeyFrameLimiter,
    /// Pictures that the line has no room for.
    pub paused: usize,
    /// … and the most important one is among them.
    pub starves: bool,
}

impl Member {
    #[must_use]
    pub fn new(
        id: ParticipantId,
        stage: usize,
        events: UnboundedSender<MediaEvent>,
        now: Instant,
    ) -> Self {
        Self {
            id,
            stage,
            events,
            permit: Permit::default(),
            transport: None,
            announced: false,
            extensions: Extensions::default(),
            tracks: Default::default(),
            streams: FxHashMap::default(),
            audio_slots: Vec::new(),
            voices: Vec::new(),
            video_slots: Vec::new(),
            screen_slot: None,
            holders: Vec::new(),
            view: Vec::new(),
            pinned: None,
            loudness: Loudness::default(),
            sound: Loudness::default(),
            slots_changed: false,
            told: None,
            slots_told: None,
            quality: QualityLevel::Good,
            quality_since: now,
            steady: LayerHysteresis::default(),
            asking: KeyFrameLimiter::default(),
            paused: 0,
            starves: false,
        }
    }

    /// Starts a media session anew: what was there before is gone.
    pub fn renew(&mut self, plan: Plan, transport: Transport) {
        self.transport = Some(transport);
        self.announced = false;
        self.extensions = plan.extensions;
        self.streams.clear();
        self.tracks = Default::default();
        for section in plan.sources {
            let track = match section.used {
                Use::Microphone => MICROPHONE,
                Use::Camera => CAMERA,
                Use::Screen => SCREEN,
                _ => SOUND,
            };
            self.tracks[track].section = Some(section);
        }
        self.audio_slots = plan
            .audio_slots
            .into_iter()
            .map(|plan| Slot::new(plan, 48_000))
            .collect();
        let few = Some(self.audio_slots.len()).filter(|slots| *slots < AUDIO_SLOTS);
        self.voices = vec![None; few.unwrap_or(0)];
        self.video_slots = plan
            .video_slots
            .into_iter()
            .map(|plan| Slot::new(plan, 90_000))
            .collect();
        self.screen_slot = plan.screen_slot.map(|plan| Slot::new(plan, 90_000));
        self.holders = vec![None; self.video_slots.len()];
        self.slots_changed = true;
        self.told = None;
        self.steady = LayerHysteresis::default();
    }

    /// The audio slot for a voice that has this one on the stage. Who offered fewer slots than the stage has gets the
    /// loudest voices in them.
    pub fn place_of(&mut self, voice: Voice, on_stage: usize) -> Option<usize> {
        if self.voices.is_empty() {
            return Some(on_stage);
        }
        let at = |wanted| self.voices.iter().position(|one| *one == wanted);
        let place = at(Some(voice.code())).or_else(|| at(None))?;
        self.voices[place] = Some(voice.code());
        Some(place)
    }

    /// Whether this track may be forwarded.
    #[must_use]
    pub fn may(&self, track: usize) -> bool {
        match track {
            MICROPHONE => self.permit.microphone,
            CAMERA => self.permit.camera,
            _ => self.permit.screen,
        }
    }

    pub fn slot_mut(&mut self, id: SlotId) -> Option<&mut Slot> {
        match id {
            SlotId::Video(index) => self.video_slots.get_mut(index),
            SlotId::Screen => self.screen_slot.as_mut(),
        }
    }

    pub fn layer(&self, track: usize, layer: usize) -> Option<&Layer> {
        self.tracks.get(track)?.layers.get(layer)?.as_ref()
    }

    pub fn layer_mut(&mut self, track: usize, layer: usize) -> Option<&mut Layer> {
        self.tracks.get_mut(track)?.layers.get_mut(layer)?.as_mut()
    }

    /// All incoming streams.
    pub fn layers_mut(&mut self) -> impl Iterator<Item = &mut Layer> {
        self.tracks
            .iter_mut()
            .flat_map(|track| track.layers.iter_mut().flatten())
    }

    /// The stream with this SSRC, if it is known.
    #[must_use]
    pub fn known(&self, ssrc: u32) -> Option<Stream> {
        self.streams.get(&ssrc).copied()
    }

    /// Finds out what a new SSRC is, by the identification extensions or by the offer, and starts it.
    /// `packet` must be authentic. `key` is taken for a new layer.
    pub fn learn(
        &mut self,
        now: Instant,
        packet: &[u8],
        header: &Header,
        key: u64,
    ) -> Option<Stream> {
        if self.streams.len() >= MAX_STREAMS {
            return None;
        }
        let text = |id: Option<u8>| {
            id.and_then(|id| header.extension(packet, id))
                .and_then(|value| std::str::from_utf8(value).ok())
        };
        let mid = text(self.extensions.mid);
        let rid = text(self.extensions.rid);
        let repaired = text(self.extensions.repaired_rid);
        let (track, section) = self.tracks.iter().enumerate().find_map(|(index, track)| {
            let section = track.section.as_ref()?;
            let announced = section
                .ssrcs
                .iter()
                .any(|(main, rtx)| *main == header.ssrc || *rtx == Some(header.ssrc));
            let named = mid.is_some_and(|mid| mid == section.mid);
            (named || (mid.is_none() && announced)).then_some((index, section))
        })?;
        let repair = section.codecs.rtx == Some(header.payload_type);
        let fits = repair
            || header.payload_type == section.codecs.main
            || section.codecs.red == Some(header.payload_type);
        if !fits {
            return None;
        }
        let layer = if section.rids.is_empty() {
            0
        } else {
            layer_of(&section.rids, if repair { repaired.or(rid)? } else { rid? })?
        };
        let announced_rtx = section
            .ssrcs
            .iter()
            .find(|(main, _)| *main == header.ssrc)
            .and_then(|(_, rtx)| *rtx);
        let stream = Stream {
            track,
            layer,
            repair,
        };
        if repair {
            // Retransmissions make sense only of a layer that is there.
            let layer = self.tracks[track].layers[layer].as_mut()?;
            layer.rtx_ssrc = Some(header.ssrc);
        } else {
            // A layer that is under way is not replaced: two streams by turns would make everything anew each time.
            if self.tracks[track].layers[layer]
                .as_ref()
                .is_some_and(|layer| layer.is_under_way(now))
            {
                return None;
            }
            let fresh = if matches!(track, MICROPHONE | SOUND) {
                Layer::audio(key, header.ssrc)
            } else {
                Layer::video(
                    key,
                    header.ssrc,
                    announced_rtx,
                    history_for(layer, self.tracks[track].section.as_ref()),
                )
            };
            if let Some(former) = self.tracks[track].layers[layer].replace(fresh) {
                self.streams.remove(&former.ssrc);
            }
        }
        self.streams.insert(header.ssrc, stream);
        Some(stream)
    }
}

/// Layers are numbered from the smallest: our client calls them q, h and f; other names count in the order of the offer.
fn layer_of(rids: &[String], rid: &str) -> Option<usize> {
    match rid {
        "q" => Some(0),
        "h" => Some(1),
        "f" => Some(2),
        _ => rids
            .iter()
            .position(|one| one == rid)
            .filter(|index| *index < 3),
    }
}

/// About a second of each: small layers need less room.
fn history_for(layer: usize, section: Option<&Section>) -> PacketCache {
    let simulcast = section.is_some_and(|section| !section.rids.is_empty());
    match (simulcast, layer) {
        (true, 0) => PacketCache::new(128, 48 * 1_024),
        (true, 1) => PacketCache::new(256, 128 * 1_024),
        (true, _) => PacketCache::new(512, 384 * 1_024),
        (false, _) => PacketCache::new(1_024, 768 * 1_024),
    }
}
