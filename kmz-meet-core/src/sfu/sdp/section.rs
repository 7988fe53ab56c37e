//! One media section of an offer (RFC 8829, RFC 8866): what it is for, and what it offers.

use std::collections::HashMap;

use rtc_sdp::description::media::MediaDescription;

use crate::sfu::ids::{AudioSlot, Encoding, VideoSlot};
use crate::sfu::sdp::error::OfferError;
use crate::sfu::sdp::extensions::{AUDIO_LEVEL, MID, REPAIRED_RID, RID, TRANSPORT_CC};
use crate::signal::Sections;

/// What a media section is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Microphone,
    Camera,
    Screen,
    ScreenAudio,
    AudioSlot(AudioSlot),
    VideoSlot(VideoSlot),
    ScreenSlot,
    /// Not named in [`Sections`]: answered with port 0.
    Unused,
}

impl Use {
    /// Whether the browser sends in it.
    #[must_use]
    pub fn is_source(self) -> bool {
        matches!(
            self,
            Self::Microphone | Self::Camera | Self::Screen | Self::ScreenAudio
        )
    }
}

/// Payload types of one section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codecs {
    /// Opus or VP8.
    pub main: u8,
    /// RTX for VP8.
    pub rtx: Option<u8>,
    /// RED for Opus.
    pub red: Option<u8>,
}

/// Ids of the header extensions; the same in all sections of a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    pub mid: Option<u8>,
    pub rid: Option<u8>,
    pub repaired_rid: Option<u8>,
    pub audio_level: Option<u8>,
    pub transport_cc: Option<u8>,
}

impl Extensions {
    fn learn(&mut self, other: Self) {
        self.mid = self.mid.or(other.mid);
        self.rid = self.rid.or(other.rid);
        self.repaired_rid = self.repaired_rid.or(other.repaired_rid);
        self.audio_level = self.audio_level.or(other.audio_level);
        self.transport_cc = self.transport_cc.or(other.transport_cc);
    }
}

/// One media section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub mid: String,
    pub video: bool,
    pub used: Use,
    /// Its `m=` line with port 0: how it is refused (RFC 3264, section 6).
    pub refusal: String,
    pub codecs: Codecs,
    /// What this section offers; the ids are those of the whole bundle.
    pub extensions: Extensions,
    /// Simulcast stream ids in the order of the offer; empty without simulcast.
    pub rids: Vec<String>,
    /// Announced SSRCs with the one of their retransmissions.
    pub ssrcs: Vec<(u32, Option<u32>)>,
}

impl Section {
    /// Encodings are numbered from the smallest: our client calls them q, h and f; other names count in the order of the
    /// offer.
    #[must_use]
    pub fn encoding_of(&self, rid: &str) -> Option<Encoding> {
        match rid {
            "q" => Some(Encoding::SMALL),
            "h" => Some(Encoding::MIDDLE),
            "f" => Some(Encoding::LARGE),
            _ => Encoding::from_index(self.rids.iter().position(|one| one == rid)?),
        }
    }

    /// The encodings up to this one by their names; the smallest in any case.
    #[must_use]
    pub fn rids_up_to(&self, best: Encoding) -> Vec<String> {
        let smallest = self
            .rids
            .iter()
            .filter_map(|rid| self.encoding_of(rid))
            .min();
        let best = smallest.map_or(best, |smallest| smallest.max(best));
        self.rids
            .iter()
            .filter(|rid| {
                self.encoding_of(rid)
                    .is_some_and(|encoding| encoding <= best)
            })
            .cloned()
            .collect()
    }
}

fn use_of(mid: &str, uses: &Sections) -> Use {
    let is = |one: &Option<String>| one.as_deref() == Some(mid);
    let at = |list: &[String]| list.iter().position(|one| one == mid);
    if is(&uses.microphone) {
        Use::Microphone
    } else if is(&uses.camera) {
        Use::Camera
    } else if is(&uses.screen) {
        Use::Screen
    } else if is(&uses.screen_sound) {
        Use::ScreenAudio
    } else if is(&uses.screen_slot) {
        Use::ScreenSlot
    } else if let Some(index) = at(&uses.audio_slots) {
        Use::AudioSlot(AudioSlot::from_index(index))
    } else if let Some(index) = at(&uses.video_slots) {
        Use::VideoSlot(VideoSlot::from_index(index))
    } else {
        Use::Unused
    }
}

pub(super) fn section(
    media: &MediaDescription,
    uses: &Sections,
    extensions: &mut Extensions,
) -> Result<Section, OfferError> {
    let mid = media
        .attribute("mid")
        .flatten()
        .ok_or(OfferError::Unusable("a media section has no mid"))?;
    // It is written into the answer.
    if mid.is_empty() || mid.len() > 32 || !mid.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(OfferError::Unusable("a mid is malformed"));
    }
    let video = media.media_name.media == "video";
    let name = &media.media_name;
    let refusal = format!(
        "{} 0 {} {}",
        name.media,
        name.protos.join("/"),
        name.formats.join(" ")
    );
    if !refusal
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic())
    {
        return Err(OfferError::Unusable("a media line is malformed"));
    }
    let mut section = Section {
        mid: mid.to_owned(),
        video,
        used: use_of(mid, uses),
        refusal,
        codecs: Codecs::default(),
        extensions: Extensions::default(),
        rids: Vec::new(),
        ssrcs: Vec::new(),
    };
    let wants_video = matches!(
        section.used,
        Use::Camera | Use::Screen | Use::VideoSlot(_) | Use::ScreenSlot
    );
    if section.used == Use::Unused {
        return Ok(section);
    }
    if wants_video != video || (!video && media.media_name.media != "audio") {
        return Err(OfferError::Unusable(
            "a section is of another kind than `sections` says",
        ));
    }
    let wanted = if section.used.is_source() {
        "sendonly"
    } else {
        "recvonly"
    };
    if !media.has_attribute(wanted) {
        return Err(OfferError::Unusable(
            "a section has another direction than its use",
        ));
    }
    section.codecs = codecs(media, video)?;
    for value in values(media, "extmap") {
        read_extension(value, &mut section.extensions);
    }
    extensions.learn(section.extensions);
    if matches!(section.used, Use::Camera | Use::Screen) {
        section.rids = simulcast(media);
    }
    section.ssrcs = ssrcs(media);
    Ok(section)
}

pub(super) fn values<'a>(
    media: &'a MediaDescription,
    key: &'a str,
) -> impl Iterator<Item = &'a str> {
    media
        .attributes
        .iter()
        .filter(move |attribute| attribute.key == key)
        .filter_map(|attribute| attribute.value.as_deref())
}

fn codecs(media: &MediaDescription, video: bool) -> Result<Codecs, OfferError> {
    let mut names: HashMap<u8, String> = HashMap::new();
    for value in values(media, "rtpmap") {
        if let Some((number, name)) = value.split_once(' ')
            && let Ok(number) = number.parse::<u8>()
            && number < 128
        {
            names.insert(number, name.to_ascii_lowercase());
        }
    }
    let find = |wanted: &str| {
        media
            .media_name
            .formats
            .iter()
            .filter_map(|format| format.parse::<u8>().ok())
            .find(|number| {
                names
                    .get(number)
                    .is_some_and(|name| name.starts_with(wanted))
            })
    };
    if !video {
        let main = find("opus/48000/2").ok_or(OfferError::Unusable("Opus is not offered"))?;
        let red = find("red/48000/2").filter(|red| {
            values(media, "fmtp").any(|value| value.starts_with(&format!("{red} {main}/{main}")))
        });
        return Ok(Codecs {
            main,
            rtx: None,
            red,
        });
    }
    let main = find("vp8/90000").ok_or(OfferError::Unusable("VP8 is not offered"))?;
    let rtx = values(media, "fmtp").find_map(|value| {
        let (number, parameters) = value.split_once(' ')?;
        let number = number.parse::<u8>().ok()?;
        let for_main = parameters
            .split(';')
            .any(|parameter| parameter.trim() == format!("apt={main}"));
        (for_main && names.get(&number)?.starts_with("rtx/90000")).then_some(number)
    });
    Ok(Codecs {
        main,
        rtx,
        red: None,
    })
}

fn read_extension(value: &str, extensions: &mut Extensions) {
    let mut words = value.split_whitespace();
    let (Some(id), Some(uri)) = (words.next(), words.next()) else {
        return;
    };
    // One-byte headers know the ids 1 to 14 (RFC 8285); larger ones are of no use to us.
    let Some(id) = id
        .split('/')
        .next()
        .and_then(|id| id.parse::<u8>().ok())
        .filter(|id| (1..=14).contains(id))
    else {
        return;
    };
    let field = match uri {
        MID => &mut extensions.mid,
        RID => &mut extensions.rid,
        REPAIRED_RID => &mut extensions.repaired_rid,
        AUDIO_LEVEL => &mut extensions.audio_level,
        TRANSPORT_CC => &mut extensions.transport_cc,
        _ => return,
    };
    field.get_or_insert(id);
}

fn simulcast(media: &MediaDescription) -> Vec<String> {
    let Some(line) = media.attribute("simulcast").flatten() else {
        return Vec::new();
    };
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        if word == "send" {
            return words
                .next()
                .unwrap_or_default()
                .split(';')
                .filter_map(|rid| rid.split(',').next())
                .map(|rid| rid.trim_start_matches('~').to_owned())
                .filter(|rid| {
                    (1..=16).contains(&rid.len())
                        && rid
                            .bytes()
                            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
                })
                .take(3)
                .collect();
        }
    }
    Vec::new()
}

fn ssrcs(media: &MediaDescription) -> Vec<(u32, Option<u32>)> {
    let mut all: Vec<u32> = Vec::new();
    for value in values(media, "ssrc") {
        if let Some(ssrc) = value.split(' ').next().and_then(|ssrc| ssrc.parse().ok())
            && !all.contains(&ssrc)
            && all.len() < 8
        {
            all.push(ssrc);
        }
    }
    let pairs: Vec<(u32, u32)> = values(media, "ssrc-group")
        .filter_map(|value| value.strip_prefix("FID "))
        .filter_map(|pair| {
            let mut pair = pair.split_whitespace().map(str::parse);
            Some((pair.next()?.ok()?, pair.next()?.ok()?))
        })
        .collect();
    all.iter()
        .filter(|ssrc| !pairs.iter().any(|(_, rtx)| rtx == *ssrc))
        .map(|ssrc| {
            let rtx = pairs
                .iter()
                .find(|(main, _)| main == ssrc)
                .map(|(_, rtx)| *rtx);
            (*ssrc, rtx)
        })
        .collect()
}
