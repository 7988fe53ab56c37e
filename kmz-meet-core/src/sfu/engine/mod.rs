//! A media thread. Here, and nowhere else, stands `impl Worker`: what is `pub(super)` below belongs to all files of this
//! folder and to nothing else.
//!
//! - [`worker`]: the state and the loop. [`guard`]: whose step runs, and what a panic costs. [`table`]: places and keys.
//! - [`receive`]: from a datagram to its member. [`forward`]: the walk of an RTP packet. [`copy`]: its fan-out. [`rtcp_in`]: what browsers report.
//! - [`retransmit`]: packets sent again. [`rtcp_out`]: what we ask for and report.
//! - [`neighbours`]: the other media threads, and who is at which address. [`hand_over`]: what is theirs, and what they give.
//! - [`traffic`]: what a conference as a whole may send and be sent, where that has a limit.
//! - [`commands`]: what conferences want. [`allocate`]: who is seen how large. [`audio`]: who is heard.
//! - [`watched`]: what senders need not send, because nobody looks at it.
//! - [`tick`]: what is done by the clock. [`status`]: what conferences are told.

pub mod allocate;
pub mod audio;
pub mod commands;
pub mod conference_media;
pub mod copy;
pub mod forward;
pub mod guard;
pub mod hand_over;
pub mod member;
pub mod neighbours;
pub mod ready_set;
pub mod receive;
pub mod relay;
pub mod retransmit;
mod rtcp_in;
pub mod rtcp_out;
pub mod scratch;
pub mod status;
pub mod table;
pub mod tick;
pub mod timers;
pub mod traffic;
pub mod watched;
pub mod worker;
