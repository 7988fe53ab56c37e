//! What reception reports say of an incoming stream (RFC 3550, section 6.4 and appendix A).

use std::time::Instant;

use rtc_rtcp::reception_report::ReceptionReport;

/// See the module.
#[derive(Debug)]
pub struct Reception {
    /// Ticks of the RTP timestamp in a second.
    clock_rate: f64,
    first: Option<u64>,
    received: u64,
    expected_before: u64,
    received_before: u64,
    jitter: f64,
    transit: Option<f64>,
    /// The middle bits of the NTP time in the last sender report, and when it came.
    sender_report: Option<(u32, Instant)>,
    loss: f64,
}

impl Reception {
    #[must_use]
    pub fn new(clock_rate: f64) -> Self {
        Self {
            clock_rate,
            first: None,
            received: 0,
            expected_before: 0,
            received_before: 0,
            jitter: 0.0,
            transit: None,
            sender_report: None,
            loss: 0.0,
        }
    }

    /// A packet with this number came.
    pub fn received(&mut self, number: u64) {
        self.received += 1;
        self.first.get_or_insert(number);
    }

    /// It came `arrival` seconds after some fixed instant.
    pub fn timed(&mut self, arrival: f64, timestamp: u32) {
        // Only differences matter, so the wrap of the timestamp shows as one outlier, which is left out.
        let transit = arrival * self.clock_rate - f64::from(timestamp);
        if let Some(last) = self.transit.replace(transit) {
            let step = (transit - last).abs();
            if step < self.clock_rate {
                self.jitter += (step - self.jitter) / 16.0;
            }
        }
    }

    /// A sender report with this NTP time arrived.
    pub fn sender_report(&mut self, now: Instant, ntp_time: u64) {
        self.sender_report = Some(((ntp_time >> 16) as u32, now));
    }

    /// Share of packets lost on the way to us since the last report.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The report since the last call; `newest`: the newest number of the stream.
    pub fn report(&mut self, now: Instant, ssrc: u32, newest: u64) -> Option<ReceptionReport> {
        let expected = newest + 1 - self.first?;
        let expected_now = expected.saturating_sub(self.expected_before);
        let received_now = self.received.saturating_sub(self.received_before);
        self.expected_before = expected;
        self.received_before = self.received;
        let lost_now = expected_now.saturating_sub(received_now);
        self.loss = if expected_now == 0 {
            0.0
        } else {
            lost_now as f64 / expected_now as f64
        };
        let (last_sender_report, delay) = self.sender_report.map_or((0, 0), |(middle, at)| {
            let delay = now.saturating_duration_since(at).as_secs_f64() * 65_536.0;
            (middle, delay as u32)
        });
        Some(ReceptionReport {
            ssrc,
            fraction_lost: (self.loss * 256.0).min(255.0) as u8,
            total_lost: expected.saturating_sub(self.received).min(0x7f_ffff) as u32,
            // The first cycle is ours (see Unwrapper), not the sender's.
            last_sequence_number: (newest - 0x1_0000) as u32,
            jitter: self.jitter as u32,
            last_sender_report,
            delay,
        })
    }
}
