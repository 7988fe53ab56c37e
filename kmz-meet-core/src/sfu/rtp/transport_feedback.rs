//! Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01), both ways:
//! what arrived here is told to the browser, and what browsers tell becomes reports for the estimator.

use std::time::{Duration, Instant};

use rtc_interceptor::convert_twcc;
use rtc_rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc,
    SymbolTypeTcc, TransportLayerCc,
};

use super::header::Unwrapper;
use super::report::OUR_SSRC;

/// Most packets in one feedback; the browser sends far fewer in the interval.
const MAX_REPORTED: usize = 1_000;
/// Microseconds of one delta.
const DELTA: i64 = 250;
/// Microseconds of one tick of the reference time.
const TICK: i64 = 64_000;

/// Arrival times of the packets that a browser sent.
#[derive(Default)]
pub struct ArrivalLog {
    numbers: Unwrapper,
    /// Number and microseconds, unsorted.
    pending: Vec<(u64, i64)>,
    next: Option<u64>,
    count: u8,
}

impl ArrivalLog {
    /// A packet arrived, `at` microseconds after some fixed instant.
    pub fn record(&mut self, number: u16, at: i64) {
        let number = self.numbers.unwrap(number);
        if self.pending.len() < MAX_REPORTED {
            self.pending.push((number, at));
        }
    }

    /// The feedback for all that arrived since the last one.
    pub fn feedback(&mut self, media_ssrc: u32) -> Option<TransportLayerCc> {
        if self.pending.is_empty() {
            return None;
        }
        self.pending.sort_unstable();
        self.pending.dedup_by_key(|(number, _)| *number);
        let first = self.pending[0].0;
        let last = self.pending[self.pending.len() - 1].0;
        // Gaps since the last feedback are reported as lost; a jump (or a late packet) starts anew.
        let mut base = match self.next {
            Some(next) if next <= first && first - next < 500 => next,
            _ => first,
        };
        if last - base >= MAX_REPORTED as u64 {
            base = last - (MAX_REPORTED as u64 - 1);
            self.pending.retain(|(number, _)| *number >= base);
        }
        let reference = self.pending[0].1.div_euclid(TICK);
        let mut clock = reference * TICK;
        let mut symbols = Vec::with_capacity((last - base) as usize + 1);
        let mut recv_deltas = Vec::with_capacity(self.pending.len());
        let mut arrived = self.pending.iter().peekable();
        for number in base..=last {
            let Some((_, at)) = arrived.next_if(|(this, _)| *this == number) else {
                symbols.push(SymbolTypeTcc::PacketNotReceived);
                continue;
            };
            let steps = ((at - clock) as f64 / DELTA as f64).round() as i64;
            let steps = steps.clamp(i64::from(i16::MIN), i64::from(i16::MAX));
            let symbol = if (0..=255).contains(&steps) {
                SymbolTypeTcc::PacketReceivedSmallDelta
            } else {
                SymbolTypeTcc::PacketReceivedLargeDelta
            };
            symbols.push(symbol);
            recv_deltas.push(RecvDelta {
                type_tcc_packet: symbol,
                delta: steps * DELTA,
            });
            clock += steps * DELTA;
        }
        let count = symbols.len();
        let packet_chunks = symbols
            .chunks(7)
            .map(|seven| {
                let mut symbol_list = seven.to_vec();
                symbol_list.resize(7, SymbolTypeTcc::PacketNotReceived);
                PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                    type_tcc: StatusChunkTypeTcc::StatusVectorChunk,
                    symbol_size: SymbolSizeTypeTcc::TwoBit,
                    symbol_list,
                })
            })
            .collect();
        self.pending.clear();
        self.next = Some(last + 1);
        let fb_pkt_count = self.count;
        self.count = self.count.wrapping_add(1);
        Some(TransportLayerCc {
            sender_ssrc: OUR_SSRC,
            media_ssrc,
            base_sequence_number: (base & 0xffff) as u16,
            packet_status_count: u16::try_from(count).unwrap_or(u16::MAX),
            reference_time: (reference & 0x00ff_ffff) as u32,
            fb_pkt_count,
            packet_chunks,
            recv_deltas,
        })
    }
}

/// Most packets that the feedback of one datagram may describe. Browsers send it every 50 to 100 ms.
pub const MAX_DESCRIBED: usize = 2_048;
/// Packets that can wait for their acknowledgement; a power of two.
const SENT: usize = 4_096;

/// What a viewer told of a packet that we sent.
#[derive(Clone, Copy, Debug)]
pub struct PacketReport {
    pub departure: Instant,
    /// Bytes.
    pub size: usize,
    pub arrived: bool,
    /// On a clock of the viewer's; `None` also where only the time is missing.
    pub arrival: Option<Duration>,
    /// The very same datagram was sent again unasked: it is lost only where all copies are, which says little of the line.
    pub is_repeated: bool,
}

#[derive(Clone, Copy)]
struct Sent {
    number: u16,
    size: u16,
    is_repeated: bool,
    /// Microseconds since the log was made; `u64::MAX`: empty or acknowledged.
    at: u64,
}

/// When each of the last packets to a viewer left, by transport-wide sequence number. Of fixed size.
pub struct SentLog {
    epoch: Instant,
    ring: Box<[Sent]>,
    next: u16,
    reports: Vec<PacketReport>,
    round_trip: Option<Duration>,
}

impl SentLog {
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            epoch: now,
            ring: vec![
                Sent {
                    number: 0,
                    size: 0,
                    is_repeated: false,
                    at: u64::MAX
                };
                SENT
            ]
            .into_boxed_slice(),
            next: 1,
            reports: Vec::new(),
            round_trip: None,
        }
    }

    /// Notes a packet of `size` bytes that leaves now, once or with repeats; gives its number.
    pub fn note(&mut self, now: Instant, size: usize, is_repeated: bool) -> u16 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.ring[usize::from(number) % SENT] = Sent {
            number,
            size: u16::try_from(size).unwrap_or(u16::MAX),
            is_repeated,
            at: now.saturating_duration_since(self.epoch).as_micros() as u64,
        };
        number
    }

    /// What a feedback says of the packets in the log, in order of sending.
    pub fn reports(&mut self, now: Instant, feedback: &TransportLayerCc) -> &[PacketReport] {
        self.reports.clear();
        if described_by(feedback) > MAX_DESCRIBED {
            return &self.reports;
        }
        for acknowledged in convert_twcc(feedback)
            .into_iter()
            .take(usize::from(feedback.packet_status_count))
        {
            let entry = &mut self.ring[usize::from(acknowledged.sequence_number) % SENT];
            if entry.at == u64::MAX || entry.number != acknowledged.sequence_number {
                continue;
            }
            let departure = self.epoch + Duration::from_micros(entry.at);
            if acknowledged.arrived {
                self.round_trip = Some(now.saturating_duration_since(departure));
                entry.at = u64::MAX;
            }
            self.reports.push(PacketReport {
                departure,
                size: usize::from(entry.size),
                arrived: acknowledged.arrived,
                arrival: acknowledged.arrival,
                is_repeated: entry.is_repeated,
            });
        }
        &self.reports
    }

    /// From sending a packet to the feedback on it: the path's round trip and the browser's feedback interval.
    #[allow(dead_code, reason = "nothing decides by it yet; tests hold it right")]
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }
}

/// Packets that a feedback describes. Run lengths are multiplied out by the library, so a small datagram could ask for
/// millions of entries.
#[must_use]
pub fn described_by(feedback: &TransportLayerCc) -> usize {
    feedback
        .packet_chunks
        .iter()
        .map(|chunk| match chunk {
            PacketStatusChunk::RunLengthChunk(run) => usize::from(run.run_length),
            PacketStatusChunk::StatusVectorChunk(vector) => vector.symbol_list.len(),
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc_rtcp::transport_feedbacks::transport_layer_cc::RunLengthChunk;
    use rtc_shared::marshal::{Marshal, Unmarshal};

    #[test]
    fn feedback_sent_over_the_wire_gives_reports() {
        let start = Instant::now();
        let mut sent = SentLog::new(start);
        let mut arrivals = ArrivalLog::default();
        for step in 0..20u64 {
            let number = sent.note(start + Duration::from_millis(step * 10), 1_000, step == 3);
            if step != 7 {
                arrivals.record(number, 5_000_000 + step as i64 * 10_000 + 3_000);
            }
        }
        let feedback = arrivals.feedback(9).expect("a feedback");
        let wire = feedback.marshal().expect("fits");
        let read = TransportLayerCc::unmarshal(&mut wire.clone()).expect("readable");
        let now = start + Duration::from_millis(250);
        let reports = sent.reports(now, &read).to_vec();
        assert_eq!(reports.len(), 20);
        assert_eq!(reports.iter().filter(|report| !report.arrived).count(), 1);
        assert!(!reports[7].arrived);
        assert!(reports.iter().position(|report| report.is_repeated) == Some(3));
        let spacing = reports[5].arrival.expect("a time") - reports[4].arrival.expect("a time");
        assert_eq!(spacing, Duration::from_millis(10));
        assert_eq!(sent.round_trip(), Some(Duration::from_millis(60)));
    }

    #[test]
    fn feedback_after_a_gap_reports_it_as_lost() {
        let mut arrivals = ArrivalLog::default();
        arrivals.record(10, 0);
        arrivals.feedback(1).expect("a feedback");
        arrivals.record(13, 1_000);
        let second = arrivals.feedback(1).expect("a feedback");
        assert_eq!(second.base_sequence_number, 11);
        assert_eq!(second.packet_status_count, 3);
        assert!(arrivals.feedback(1).is_none());
    }

    #[test]
    fn feedback_that_claims_too_many_packets_is_ignored() {
        let mut sent = SentLog::new(Instant::now());
        sent.note(Instant::now(), 100, false);
        let run = PacketStatusChunk::RunLengthChunk(RunLengthChunk {
            type_tcc: StatusChunkTypeTcc::RunLengthChunk,
            packet_status_symbol: SymbolTypeTcc::PacketReceivedWithoutDelta,
            run_length: 8_191,
        });
        let feedback = TransportLayerCc {
            packet_chunks: vec![run; 500],
            packet_status_count: 1,
            base_sequence_number: 1,
            ..TransportLayerCc::default()
        };
        assert!(sent.reports(Instant::now(), &feedback).is_empty());
    }
}
