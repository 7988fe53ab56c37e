//! The one answer to a participant's one offer, and what the media thread has to know of it.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use crate::sfu::ids::{AudioSlot, VideoSlot};
use crate::sfu::random::token;
use crate::sfu::rtp::payload_types::PayloadTypes;
use crate::sfu::sdp::extensions::{AUDIO_LEVEL, MID, REPAIRED_RID, RID, TRANSPORT_CC};
use crate::sfu::sdp::offer::{Credentials, Offer};
use crate::sfu::sdp::section::{Codecs, Extensions, Section, Use};

/// SSRCs and payload types of one slot.
#[derive(Clone, Copy, Debug)]
pub struct SlotPlan {
    pub ssrc: u32,
    pub rtx_ssrc: u32,
    pub codecs: Codecs,
    /// Id of the transport-wide sequence number, where the browser knows it.
    pub transport_cc: Option<u8>,
}

/// What the media thread needs for one media session.
#[derive(Debug)]
pub struct Plan {
    /// Our ICE user fragment: how a browser's first packet is recognised.
    pub ufrag: String,
    pub password: String,
    pub fingerprint: String,
    /// How the browser recognises our checks.
    pub credentials: Option<Credentials>,
    pub extensions: Extensions,
    /// The sections in which the browser sends.
    pub sources: Vec<Section>,
    pub audio_slots: Vec<SlotPlan>,
    pub video_slots: Vec<SlotPlan>,
    pub screen_slot: Option<SlotPlan>,
}

impl Plan {
    /// Payload types under which voices are sent.
    #[must_use]
    pub fn voices(&self) -> PayloadTypes {
        self.audio_slots
            .iter()
            .flat_map(|slot| [Some(slot.codecs.main), slot.codecs.red])
            .flatten()
            .fold(PayloadTypes::default(), PayloadTypes::with)
    }
}

/// Where browsers reach us and how they recognise us.
#[derive(Clone, Debug)]
pub struct Announcement {
    pub addresses: Vec<IpAddr>,
    /// Each of them at each of the addresses; the first one is preferred.
    pub ports: Vec<u16>,
    pub fingerprint: String,
}

impl Announcement {
    /// Where browsers reach us, in our order of preference: all addresses at the first port, then at the next.
    pub fn places(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.ports.iter().flat_map(|port| self.at(*port))
    }

    /// Where the media plane is for clients that come over TCP: one way to each address is enough, since it leads through
    /// this process anyway.
    pub fn relayed_to(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.ports
            .first()
            .into_iter()
            .flat_map(|port| self.at(*port))
    }

    fn at(&self, port: u16) -> impl Iterator<Item = SocketAddr> + '_ {
        self.addresses
            .iter()
            .map(move |address| SocketAddr::new(*address, port))
    }
}

/// Answers an offer with this user fragment of ours: SDP for the browser, plan for the media thread.
#[must_use]
pub fn answer(offer: &Offer, announcement: &Announcement, ufrag: String) -> (String, Plan) {
    let mut plan = Plan {
        ufrag,
        password: token(24),
        fingerprint: offer.fingerprint.clone(),
        credentials: offer.credentials.clone(),
        extensions: offer.extensions,
        sources: Vec::new(),
        audio_slots: Vec::new(),
        video_slots: Vec::new(),
        screen_slot: None,
    };
    let bundled: Vec<&str> = offer
        .sections
        .iter()
        .filter(|section| section.used != Use::Unused)
        .map(|section| section.mid.as_str())
        .collect();
    let mut sdp = String::with_capacity(16 * 1024);
    let session: u32 = rand::random_range(1..=u32::MAX / 2);
    line(&mut sdp, format_args!("v=0"));
    line(&mut sdp, format_args!("o=- {session} 2 IN IP4 0.0.0.0"));
    line(&mut sdp, format_args!("s=-"));
    line(&mut sdp, format_args!("t=0 0"));
    line(&mut sdp, format_args!("a=ice-lite"));
    line(
        &mut sdp,
        format_args!("a=group:BUNDLE {}", bundled.join(" ")),
    );
    line(&mut sdp, format_args!("a=extmap-allow-mixed"));
    line(&mut sdp, format_args!("a=msid-semantic: WMS *"));
    let mut slots = Slots::default();
    for section in &offer.sections {
        write_section(&mut sdp, section, announcement, &mut plan, &mut slots);
    }
    slots.audio.sort_by_key(|(slot, _)| slot.index());
    slots.video.sort_by_key(|(slot, _)| slot.index());
    plan.audio_slots = slots.audio.into_iter().map(|(_, plan)| plan).collect();
    plan.video_slots = slots.video.into_iter().map(|(_, plan)| plan).collect();
    (sdp, plan)
}

/// The slots in the order of the offer's sections, which need not be theirs.
#[derive(Default)]
struct Slots {
    audio: Vec<(AudioSlot, SlotPlan)>,
    video: Vec<(VideoSlot, SlotPlan)>,
}

fn write_section(
    sdp: &mut String,
    section: &Section,
    announcement: &Announcement,
    plan: &mut Plan,
    slots: &mut Slots,
) {
    let kind = if section.video { "video" } else { "audio" };
    if section.used == Use::Unused {
        line(sdp, format_args!("m={}", section.refusal));
        line(sdp, format_args!("c=IN IP4 0.0.0.0"));
        line(sdp, format_args!("a=mid:{}", section.mid));
        line(sdp, format_args!("a=inactive"));
        return;
    }
    let codecs = section.codecs;
    // RED stands first so that browsers which have it send it.
    let formats: Vec<String> = [codecs.red, Some(codecs.main), codecs.rtx]
        .into_iter()
        .flatten()
        .map(|format| format.to_string())
        .collect();
    line(
        sdp,
        format_args!("m={kind} 9 UDP/TLS/RTP/SAVPF {}", formats.join(" ")),
    );
    line(sdp, format_args!("c=IN IP4 0.0.0.0"));
    line(sdp, format_args!("a=rtcp:9 IN IP4 0.0.0.0"));
    line(sdp, format_args!("a=ice-ufrag:{}", plan.ufrag));
    line(sdp, format_args!("a=ice-pwd:{}", plan.password));
    line(
        sdp,
        format_args!("a=fingerprint:sha-256 {}", announcement.fingerprint),
    );
    line(sdp, format_args!("a=setup:passive"));
    line(sdp, format_args!("a=mid:{}", section.mid));
    line(sdp, format_args!("a=rtcp-mux"));
    line(sdp, format_args!("a=rtcp-rsize"));
    write_codecs(sdp, section);
    write_extensions(sdp, section);
    if section.used.is_source() {
        line(sdp, format_args!("a=recvonly"));
        for rid in &section.rids {
            line(sdp, format_args!("a=rid:{rid} recv"));
        }
        if !section.rids.is_empty() {
            line(
                sdp,
                format_args!("a=simulcast:recv {}", section.rids.join(";")),
            );
        }
        plan.sources.push(section.clone());
    } else {
        let slot_plan = SlotPlan {
            ssrc: rand::random_range(1..u32::MAX / 2),
            rtx_ssrc: rand::random_range(u32::MAX / 2..u32::MAX),
            codecs,
            transport_cc: section.extensions.transport_cc,
        };
        let name = match section.used {
            Use::AudioSlot(slot) => {
                slots.audio.push((slot, slot_plan));
                format!("audio{}", slot.index())
            }
            Use::VideoSlot(slot) => {
                slots.video.push((slot, slot_plan));
                format!("video{}", slot.index())
            }
            _ => {
                plan.screen_slot = Some(slot_plan);
                "screen".to_owned()
            }
        };
        line(sdp, format_args!("a=sendonly"));
        line(sdp, format_args!("a=msid:{name} {name}"));
        if codecs.rtx.is_some() {
            line(
                sdp,
                format_args!("a=ssrc-group:FID {} {}", slot_plan.ssrc, slot_plan.rtx_ssrc),
            );
        }
        line(sdp, format_args!("a=ssrc:{} cname:{name}", slot_plan.ssrc));
        if codecs.rtx.is_some() {
            line(
                sdp,
                format_args!("a=ssrc:{} cname:{name}", slot_plan.rtx_ssrc),
            );
        }
    }
    for (index, place) in announcement.places().enumerate() {
        // RFC 8445, section 5.1.2.1: host candidate, the places in our order of preference. Each has a foundation of its
        // own, so that a browser does not wait for the answer of one port before it tries the next (section 6.1.4.2).
        let preference = 65_535 - u32::try_from(index).unwrap_or(65_535).min(65_535);
        let priority = (126 << 24) + (preference << 8) + 255;
        line(
            sdp,
            format_args!(
                "a=candidate:{} 1 udp {priority} {} {} typ host",
                index + 1,
                place.ip(),
                place.port()
            ),
        );
    }
    line(sdp, format_args!("a=end-of-candidates"));
}

fn write_codecs(sdp: &mut String, section: &Section) {
    let codecs = section.codecs;
    let main = codecs.main;
    if section.video {
        line(sdp, format_args!("a=rtpmap:{main} VP8/90000"));
        // We send again under RTX only: a second packet under the same number would break the protection of the first.
        if section.used.is_source() || codecs.rtx.is_some() {
            line(sdp, format_args!("a=rtcp-fb:{main} nack"));
        }
        for feedback in ["nack pli", "ccm fir", "transport-cc"] {
            line(sdp, format_args!("a=rtcp-fb:{main} {feedback}"));
        }
        if let Some(rtx) = codecs.rtx {
            line(sdp, format_args!("a=rtpmap:{rtx} rtx/90000"));
            line(sdp, format_args!("a=fmtp:{rtx} apt={main}"));
        }
        return;
    }
    if let Some(red) = codecs.red {
        line(sdp, format_args!("a=rtpmap:{red} red/48000/2"));
        line(sdp, format_args!("a=fmtp:{red} {main}/{main}"));
    }
    line(sdp, format_args!("a=rtpmap:{main} opus/48000/2"));
    let stereo = if section.used == Use::ScreenAudio {
        ";stereo=1"
    } else {
        ""
    };
    line(
        sdp,
        format_args!("a=fmtp:{main} minptime=10;useinbandfec=1{stereo}"),
    );
    line(sdp, format_args!("a=rtcp-fb:{main} transport-cc"));
}

fn write_extensions(sdp: &mut String, section: &Section) {
    let extensions = &section.extensions;
    let source = section.used.is_source();
    let wanted = [
        (extensions.mid, MID, source),
        (extensions.rid, RID, source && section.video),
        (
            extensions.repaired_rid,
            REPAIRED_RID,
            source && section.video,
        ),
        (
            extensions.audio_level,
            AUDIO_LEVEL,
            source && !section.video,
        ),
        (extensions.transport_cc, TRANSPORT_CC, true),
    ];
    for (id, uri, wanted) in wanted {
        if let (Some(id), true) = (id, wanted) {
            line(sdp, format_args!("a=extmap:{id} {uri}"));
        }
    }
}

fn line(sdp: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = sdp.write_fmt(text);
    sdp.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sfu::sdp::error::OfferError;
    use crate::sfu::testing::Offering;
    use crate::signal::Sections;

    fn answered(sdp: &str, sections: &Sections) -> Result<String, OfferError> {
        let announcement = Announcement {
            addresses: Vec::new(),
            ports: vec![1],
            fingerprint: "AA".into(),
        };
        Ok(answer(&Offer::parse(sdp, sections)?, &announcement, "ours".into()).0)
    }

    #[test]
    fn answer_with_several_ports_prefers_the_first_at_every_address() {
        let Offering { sdp, sections, .. } = Offering::new(1);
        let announcement = Announcement {
            addresses: vec!["192.0.2.1".parse().expect("v4"), "::1".parse().expect("v6")],
            ports: vec![10_000, 443],
            fingerprint: "AA".into(),
        };
        let offer = Offer::parse(&sdp, &sections).expect("an offer");
        let answer = answer(&offer, &announcement, "ours".into()).0;
        let camera = section(&answer, sections.camera.as_deref().expect("a camera"));
        let candidates: Vec<Vec<&str>> = camera
            .lines()
            .filter_map(|line| line.strip_prefix("a=candidate:"))
            .map(|line| line.split(' ').collect())
            .collect();
        let places: Vec<String> = candidates
            .iter()
            .map(|words| format!("{} {}", words[4], words[5]))
            .collect();
        assert_eq!(
            places,
            ["192.0.2.1 10000", "::1 10000", "192.0.2.1 443", "::1 443"]
        );
        let priorities: Vec<u32> = candidates
            .iter()
            .map(|words| words[3].parse().expect("a priority"))
            .collect();
        assert!(priorities.is_sorted_by(|one, next| one > next));
        let mut foundations: Vec<&str> = candidates.iter().map(|words| words[0]).collect();
        foundations.dedup();
        assert_eq!(foundations.len(), 4);
    }

    /// The lines of the section with this mid.
    fn section<'a>(sdp: &'a str, mid: &str) -> &'a str {
        let mid = format!("a=mid:{mid}\r\n");
        let at = sdp.find(&mid).expect("the section");
        let start = sdp[..at].rfind("m=").expect("a media line");
        let end = sdp[at..].find("\r\nm=").map_or(sdp.len(), |end| at + end);
        &sdp[start..end]
    }

    #[test]
    fn answer_to_a_data_channel_refuses_its_own_media_line() {
        let Offering { sdp, sections, .. } = Offering::new(1);
        let sdp = format!(
            "{sdp}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:data\r\n\
             m=video 9 UDP/TLS/RTP/SAVPF 45 46\r\nc=IN IP4 0.0.0.0\r\na=mid:more\r\n"
        );
        let answer = answered(&sdp, &sections).expect("an answer");
        assert!(
            section(&answer, "data")
                .starts_with("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n")
        );
        assert!(section(&answer, "more").starts_with("m=video 0 UDP/TLS/RTP/SAVPF 45 46\r\n"));
    }

    #[test]
    fn answer_without_an_rtx_format_offers_no_nack() {
        let Offering { sdp, sections, .. } = Offering::new(1);
        let slot = &sections.video_slots[0];
        let camera = sections.camera.as_deref().expect("a camera");
        let with = answered(&sdp, &sections).expect("an answer");
        assert!(section(&with, slot).contains(" nack\r\n"));
        let sdp = sdp.replace("a=fmtp:97 apt=96\r\n", "");
        let without = answered(&sdp, &sections).expect("an answer");
        assert!(!section(&without, slot).contains(" nack\r\n"));
        assert!(section(&without, slot).contains(" nack pli\r\n"));
        assert!(section(&without, camera).contains(" nack\r\n"), "we ask");
    }

    #[test]
    fn answer_to_rids_with_dashes_takes_them() {
        let Offering { sdp, sections, .. } = Offering::new(1);
        let sdp = sdp
            .replace("a=rid:q send", "a=rid:low-res_1 send")
            .replace("send q;h;f", "send low-res_1;h;f");
        let answer = answered(&sdp, &sections).expect("an answer");
        assert!(answer.contains("a=simulcast:recv low-res_1;h;f\r\n"));
    }

    #[test]
    fn answer_to_a_screen_with_simulcast_takes_it() {
        let Offering { sdp, sections, .. } = Offering::new(1);
        let screen = sections.screen.as_deref().expect("a screen");
        let lines = format!("a=mid:{screen}\r\n");
        let with = format!("{lines}a=rid:h send\r\na=rid:f send\r\na=simulcast:send h;f\r\n");
        let answer = answered(&sdp.replace(&lines, &with), &sections).expect("an answer");
        assert!(section(&answer, screen).contains("a=simulcast:recv h;f\r\n"));
    }

    #[test]
    fn offer_with_several_fingerprints_is_read_by_its_sha_256() {
        let Offering { sdp, sections, .. } = Offering::new(1);
        let line = sdp
            .lines()
            .find(|line| line.starts_with("a=fingerprint:"))
            .expect("a fingerprint");
        let digest = line.rsplit(' ').next().expect("a digest");
        let without = sdp.replace(&format!("{line}\r\n"), "");
        let parsed = |sdp: &str| Offer::parse(sdp, &sections).map(|offer| offer.fingerprint);
        let upper = sdp.replace(
            line,
            &format!("a=fingerprint:sha-1 AB:CD\r\na=fingerprint:SHA-256 {digest}"),
        );
        assert_eq!(parsed(&upper).as_deref(), Ok(digest));
        let media = format!("{without}a=fingerprint:sha-256 {digest}\r\n");
        assert_eq!(parsed(&media).as_deref(), Ok(digest));
        assert!(parsed(&without).is_err());
        let other = format!("{without}a=fingerprint:sha-1 AB:CD\r\n");
        assert!(parsed(&other).is_err());
    }
}
