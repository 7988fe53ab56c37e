//! Key frames that the forwarder asks for.
//!
//! The crate hands no RTCP to the application unless an interceptor says so, and would deliver a compound packet to the
//! source that its first part is about. So requests are read here, inside the chain of interceptors.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

/// Whether a key frame is wanted, by SSRC of the layer.
#[derive(Clone, Default)]
pub(super) struct KeyFrames(Arc<HashMap<u32, AtomicBool>>);

impl KeyFrames {
    /// Every stream starts with a key frame.
    pub(super) fn of(streams: impl Iterator<Item = u32>) -> Self {
        Self(Arc::new(
            streams.map(|ssrc| (ssrc, AtomicBool::new(true))).collect(),
        ))
    }

    /// Whether a key frame is wanted now; it counts as sent then.
    pub(super) fn take(&self, ssrc: u32) -> bool {
        self.0
            .get(&ssrc)
            .is_some_and(|wanted| wanted.swap(false, Ordering::Relaxed))
    }

    fn ask(&self, ssrc: u32) {
        if let Some(wanted) = self.0.get(&ssrc) {
            wanted.store(true, Ordering::Relaxed);
        }
    }
}

/// The interceptor: lets everything pass and notes requests.
pub(super) struct KeyFrameListener {
    key_frames: KeyFrames,
    read: VecDeque<TaggedPacket>,
    written: VecDeque<TaggedPacket>,
}

impl KeyFrameListener {
    pub(super) fn new(key_frames: KeyFrames) -> Self {
        Self {
            key_frames,
            read: VecDeque::new(),
            written: VecDeque::new(),
        }
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for KeyFrameListener {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(packets) = &message.message.packet {
            for packet in packets {
                let any = packet.as_any();
                if let Some(pli) = any.downcast_ref::<PictureLossIndication>() {
                    self.key_frames.ask(pli.media_ssrc);
                } else if let Some(fir) = any.downcast_ref::<FullIntraRequest>() {
                    for entry in &fir.fir {
                        self.key_frames.ask(entry.ssrc);
                    }
                }
            }
        }
        self.read.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.written.push_back(message);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.written.pop_front()
    }
}

impl Interceptor for KeyFrameListener {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}
