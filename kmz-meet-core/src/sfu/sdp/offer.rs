//! A browser's offer (RFC 8829, RFC 8866), reduced to what the forwarder needs. Parsed in the caller's task, off the media thread.

use std::io::Cursor;

use rtc_sdp::description::session::SessionDescription;

use crate::sfu::sdp::error::OfferError;
use crate::sfu::sdp::section::{Extensions, Section, Use, section, values};
use crate::signal::{MAX_SDP_BYTES, Sections};

/// Most media sections in an offer: 49 video slots, 5 audio slots, one screen slot, four sources, and some to spare.
pub const MAX_SECTIONS: usize = 64;

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
