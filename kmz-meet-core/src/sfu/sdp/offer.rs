//! A browser's offer (RFC 8829, RFC 8866), reduced to what the forwarder needs. Parsed in the caller's task, off the media thread.

use std::collections::HashMap;
use std::io::Cursor;

use rtc_sdp::description::media::MediaDescription;
use rtc_sdp::description::session::SessionDescription;

use crate::sfu::sdp::error::OfferError;
use crate::sfu::sdp::extensions::{AUDIO_LEVEL, MID, REPAIRED_RID, RID, TRANSPORT_CC};
use crate::signal::{MAX_SDP_BYTES, Sections};

/// Most media sections in an offer: 49 video slots, 5 audio slots, one screen slot, four sources, and some to spare.
pub const MAX_SECTIONS: usize = 64;

/// What a media section is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Microphone,
    Camera,
    Screen,
    ScreenAudio,
    AudioSlot(usize),
    VideoSlot(usize),
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

/// A whole offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// SHA-256 of the browser's certificate.
    pub fingerprint: String,
    /// The browser's ICE user fragment and password: how it recognises our checks.
    pub credentials: Option<Credentials>,
    pub extensions: Extensions,
    pub sections: Vec<Section>,
}

impl Offer {
    /// Reads an offer.
    ///
    /// # Errors
    /// [`OfferError::TooLarge`] beyond the limits, [`OfferError::Unusable`] with what is missing.
    pub fn parse(sdp: &str, uses: &Sections) -> Result<Self, OfferError> {
        if sdp.len() > MAX_SDP_BYTES {
            return Err(OfferError::TooLarge);
        }
        // Counted before the parser allocates anything for them.
        if sdp.lines().filter(|line| line.starts_with("m=")).count() > MAX_SECTIONS {
            return Err(OfferError::TooLarge);
        }
        let description = SessionDescription::unmarshal(&mut Cursor::new(sdp.as_bytes()))
            .map_err(|_| OfferError::Unusable("it is not a session description"))?;
        let session = |key: &str| {
            description
                .attributes
                .iter()
                .find(|attribute| attribute.key == key)
                .and_then(|attribute| attribute.value.as_deref())
        };
        let first = description
            .media_descriptions
            .first()
            .ok_or(OfferError::Unusable("it has no media section"))?;
        let fingerprint = fingerprint(&description)?;
        let setup = session("setup")
            .or_else(|| first.attribute("setup").flatten())
            .unwrap_or("actpass");
        if !matches!(setup, "actpass" | "active") {
            return Err(OfferError::Unusable(
                "the browser must be able to be the DTLS client",
            ));
        }
        let mut extensions = Extensions::default();
        let mut sections = Vec::with_capacity(description.media_descriptions.len());
        for media in &description.media_descriptions {
            sections.push(section(media, uses, &mut extensions)?);
        }
        check(&sections, uses)?;
        Ok(Self {
            fingerprint,
            credentials: credentials(&description),
            extensions,
            sections,
        })
    }
}

/// Longest user fragment or password (RFC 8839, section 5.4).
const MAX_CREDENTIAL: usize = 256;

/// What an ICE agent is spoken to with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub ufrag: String,
    pub password: String,
}

/// Those of the bundle, which stand for the whole session or in the first section.
fn credentials(description: &SessionDescription) -> Option<Credentials> {
    let find = |key: &str| {
        let media = description
            .media_descriptions
            .iter()
            .find_map(|media| values(media, key).next());
        let session = || {
            description
                .attributes
                .iter()
                .find(|attribute| attribute.key == key)
                .and_then(|attribute| attribute.value.as_deref())
        };
        media
            .or_else(session)
            .map(str::trim)
            .filter(|value| (4..=MAX_CREDENTIAL).contains(&value.len()))
            .map(str::to_owned)
    };
    Some(Credentials {
        ufrag: find("ice-ufrag")?,
        password: find("ice-pwd")?,
    })
}

/// The SHA-256 of the browser's certificate. There may be others beside it, for the whole session or for each section
/// (RFC 8122, section 5).
fn fingerprint(description: &SessionDescription) -> Result<String, OfferError> {
    let session = description
        .attributes
        .iter()
        .filter(|attribute| attribute.key == "fingerprint")
        .filter_map(|attribute| attribute.value.as_deref());
    let media = description
        .media_descriptions
        .iter()
        .flat_map(|media| values(media, "fingerprint"));
    let mut error = "it has no fingerprint";
    for value in session.chain(media) {
        match value.trim().split_once(' ') {
            Some((hash, digest)) if hash.eq_ignore_ascii_case("sha-256") => {
                return Ok(digest.trim().to_owned());
            }
            _ => error = "the fingerprint must be SHA-256",
        }
    }
    Err(OfferError::Unusable(error))
}

fn check(sections: &[Section], uses: &Sections) -> Result<(), OfferError> {
    let found = sections
        .iter()
        .filter(|section| section.used != Use::Unused)
        .count();
    let named = [
        &uses.microphone,
        &uses.camera,
        &uses.screen,
        &uses.screen_sound,
        &uses.screen_slot,
    ]
    .into_iter()
    .flatten()
    .count()
        + uses.audio_slots.len()
        + uses.video_slots.len();
    if found != named {
        return Err(OfferError::Unusable(
            "each entry of `sections` must name one media section of its kind",
        ));
    }
    if found == 0 {
        return Err(OfferError::Unusable("no media section is used"));
    }
    Ok(())
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
        Use::AudioSlot(index)
    } else if let Some(index) = at(&uses.video_slots) {
        Use::VideoSlot(index)
    } else {
        Use::Unused
    }
}

fn section(
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

fn values<'a>(media: &'a MediaDescription, key: &'a str) -> impl Iterator<Item = &'a str> {
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
