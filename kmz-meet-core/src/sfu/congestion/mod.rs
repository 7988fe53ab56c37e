//! How much a viewer's connection carries: send-side congestion control by the feedback of the viewer's browser.
//!
//! The design is that of Google Congestion Control (draft-ietf-rmcat-gcc-02): one controller by delay, one by loss. Two
//! things are different. The sign of too much is the length of the queue itself, not its slope: a queue that grows slowly
//! shows too. And the base delay is the least delay of the last seconds, as in LEDBAT (RFC 6817, section 4.2). Where a
//! constant comes from the draft its section is named; the others were found with the simulated connections of `tests`
//! and with real ones (`make lines`).
//!
//! The controller of `rtc-interceptor` is not used: it notices only connections that are far too narrow, and needs half a
//! minute and more to come back.
//!
//! - [`acked_bitrate`]: the rate at which packets arrive.
//! - [`queue`]: how long the queue at the bottleneck is.
//! - [`rate`]: increase and decrease of the target rate.
//! - [`delay`]: these three together, the delay-based estimator.
//! - [`random_loss`]: whether packets get lost by chance.
//! - [`loss`]: the loss-based estimator for browsers without transport-wide feedback.
//! - [`pacer`]: when pictures may leave, so that voices do not wait behind them.
//! - [`probe`]: how many bytes to send again to find out whether more is possible.
//! - [`audio`]: what voices take before pictures.
//! - [`estimate`]: what is left for pictures; the face of this folder.

pub mod acked_bitrate;
pub mod audio;
pub mod delay;
pub mod estimate;
pub mod limits;
pub mod loss;
pub mod pacer;
pub mod probe;
pub mod queue;
pub mod random_loss;
pub mod rate;
#[cfg(test)]
mod tests;
