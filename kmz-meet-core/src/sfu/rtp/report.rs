//! What all our RTCP packets have in common.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// SSRC under which our reports go out.
pub const OUR_SSRC: u32 = 1;
/// Seconds from 1900 to 1970.
const NTP_OFFSET: u64 = 2_208_988_800;

/// NTP time: seconds since 1900 as 32.32 fixed point (RFC 3550, section 4).
#[must_use]
pub fn ntp_time(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let seconds = since.as_secs().wrapping_add(NTP_OFFSET);
    (seconds << 32) | ((u64::from(since.subsec_nanos()) << 32) / 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntp_time_of_half_a_second_after_1970_has_the_high_bit_of_the_fraction() {
        let time = ntp_time(UNIX_EPOCH + Duration::from_millis(500));
        assert_eq!(time, (NTP_OFFSET << 32) | 0x8000_0000);
    }
}
