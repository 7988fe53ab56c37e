//! Reports and feedback of a participant: what was decrypted is still written by a stranger.
#![no_main]

use std::time::{Duration, Instant};

use bytes::Bytes;
use kmz_meet_core::sfu::internals::{SendSideEstimate, SentLog};
use libfuzzer_sys::fuzz_target;
use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;

fuzz_target!(|datagram: &[u8]| {
    let Ok(packets) = rtc_rtcp::packet::unmarshal(&mut Bytes::copy_from_slice(datagram)) else { return };
    let start = Instant::now();
    let mut sent = SentLog::new(start);
    let mut estimate = SendSideEstimate::default();
    for number in 0..64_u64 {
        sent.note(start + Duration::from_millis(number), 1_100, number % 3 == 0);
    }
    for (index, packet) in packets.iter().enumerate() {
        let Some(feedback) = packet.as_any().downcast_ref::<TransportLayerCc>() else { continue };
        let now = start + Duration::from_millis(100 + index as u64);
        let reports = sent.reports(now, feedback);
        estimate.on_feedback(now, reports);
        assert!(estimate.for_pictures(now).pictures.is_finite());
    }
});
