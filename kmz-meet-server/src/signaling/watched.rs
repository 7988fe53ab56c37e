//! Bounds the time and the length of each message of a WebSocket, before the library assembles its frames. Otherwise a message
//! of many fragments could stay unfinished for ever, while control frames between them keep the connection alive.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use kmz_meet_core::signal::MAX_MESSAGE_BYTES;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A message must be complete this long after its first byte.
const MAX_MESSAGE_TIME: Duration = Duration::from_secs(15);
/// The longest message before the client has joined, in bytes: `join` with a token of another platform.
const MAX_SHORT_MESSAGE_BYTES: u64 = 16 * 1_024;

/// A stream with a watch over the frames that it reads.
pub(super) struct Watched<S> {
    stream: S,
    frames: Frames,
    max_bytes: u64,
    timer: Pin<Box<Sleep>>,
    /// When the message began for which the timer runs.
    timed: Option<Instant>,
}

/// The position of the stream in its frames.
#[derive(Default)]
struct Frames {
    /// The part of a frame's head that was read.
    head: Vec<u8>,
    /// How many bytes of the payload are still to come.
    left: u64,
    is_control: bool,
    is_last: bool,
    /// Bytes of the message so far, once it has begun.
    message: Option<u64>,
    /// When the first byte of the unfinished message or frame came.
    since: Option<Instant>,
}

/// The message is too long.
#[derive(Debug, PartialEq, Eq)]
struct TooLong;

impl Frames {
    fn feed(&mut self, mut bytes: &[u8], max_bytes: u64, now: Instant) -> Result<(), TooLong> {
        while !bytes.is_empty() {
            self.since.get_or_insert(now);
            if self.left > 0 {
                let length =
                    usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
                self.left -= length as u64;
                bytes = &bytes[length..];
            } else {
                self.head.push(bytes[0]);
                bytes = &bytes[1..];
                if !self.read_head(max_bytes)? {
                    continue;
                }
            }
            if self.left == 0 {
                self.frame_ended();
            }
        }
        Ok(())
    }

    /// Reads a frame's head. Says whether it is complete.
    fn read_head(&mut self, max_bytes: u64) -> Result<bool, TooLong> {
        let [first, second, rest @ ..] = self.head.as_slice() else {
            return Ok(false);
        };
        let of_length = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let of_mask = if second & 0x80 == 0 { 0 } else { 4 };
        if rest.len() < of_length + of_mask {
            return Ok(false);
        }
        let length = match of_length {
            0 => u64::from(second & 0x7f),
            _ => rest[..of_length]
                .iter()
                .fold(0, |length, byte| (length << 8) | u64::from(*byte)),
        };
        self.is_last = first & 0x80 != 0;
        self.is_control = first & 0x08 != 0;
        self.left = length;
        self.head.clear();
        let so_far = if self.is_control {
            0
        } else {
            *self
                .message
                .insert(self.message.unwrap_or(0).saturating_add(length))
        };
        // A control frame has at most 125 bytes (RFC 6455, 5.5); the library refuses a longer one that gets here.
        if so_far > max_bytes || (self.is_control && length > max_bytes) {
            return Err(TooLong);
        }
        Ok(true)
    }

    fn frame_ended(&mut self) {
        if !self.is_control && self.is_last {
            self.message = None;
        }
        // A control frame between the fragments of a message does not prolong its time.
        if self.message.is_none() {
            self.since = None;
        }
    }
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            frames: Frames::default(),
            max_bytes: MAX_SHORT_MESSAGE_BYTES,
            timer: Box::pin(sleep(MAX_MESSAGE_TIME)),
            timed: None,
        }
    }

    /// Permits long messages: somebody who has joined sends offers.
    pub(super) fn permit_long(&mut self) {
        self.max_bytes = MAX_MESSAGE_BYTES as u64;
    }

    /// Fails if a message has been unfinished for too long.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let Some(since) = self.frames.since else {
            return Ok(());
        };
        if self.timed != Some(since) {
            self.timed = Some(since);
            self.timer.as_mut().reset(since + MAX_MESSAGE_TIME);
        }
        if self.timer.as_mut().poll(context).is_ready() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer)?;
        if polled.is_ready() {
            let max_bytes = self.max_bytes;
            let new = &buffer.filled()[before..];
            if self.frames.feed(new, max_bytes, Instant::now()).is_err() {
                return Poll::Ready(Err(io::Error::other("a message is too long")));
            }
        }
        self.check(context)?;
        polled.map(Ok)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame, as clients send it.
    fn frame(opcode: u8, last: bool, length: usize) -> Vec<u8> {
        let mut bytes = vec![opcode | if last { 0x80 } else { 0 }];
        if length < 126 {
            bytes.push(0x80 | length as u8);
        } else if let Ok(length) = u16::try_from(length) {
            bytes.push(0x80 | 126);
            bytes.extend(length.to_be_bytes());
        } else {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
        bytes.extend([0; 4]);
        bytes.extend(vec![0; length]);
        bytes
    }

    fn fed(parts: &[Vec<u8>], step: usize) -> Result<Frames, TooLong> {
        let mut frames = Frames::default();
        let bytes = parts.concat();
        for part in bytes.chunks(step) {
            frames.feed(part, MAX_SHORT_MESSAGE_BYTES, Instant::now())?;
        }
        Ok(frames)
    }

    #[tokio::test]
    async fn frames_in_pieces_of_any_size_end_their_messages() {
        let parts = [
            frame(1, true, 10),
            frame(9, true, 0),
            frame(2, false, 200),
            frame(10, true, 5),
            frame(0, true, 3_000),
            frame(1, true, 0),
        ];
        for step in [1, 2, 3, 7, 1_000, 100_000] {
            let frames = fed(&parts, step).unwrap();
            assert!(frames.since.is_none() && frames.message.is_none(), "{step}");
        }
    }

    #[tokio::test]
    async fn message_longer_than_permitted_in_one_frame_or_many_is_refused() {
        assert!(fed(&[frame(1, true, MAX_SHORT_MESSAGE_BYTES as usize)], 1_000).is_ok());
        assert!(
            fed(
                &[frame(1, true, MAX_SHORT_MESSAGE_BYTES as usize + 1)],
                1_000
            )
            .is_err()
        );
        assert!(fed(&[frame(1, true, 100_000)], 1).is_err());
        let mut parts = vec![frame(1, false, 1_000)];
        parts.extend((0..20).map(|_| frame(0, false, 1_000)));
        assert!(fed(&parts, 1_000).is_err());
        let many: Vec<_> = (0..50).map(|_| frame(1, true, 1_000)).collect();
        assert!(fed(&many, 1_000).is_ok(), "each is short");
    }

    #[tokio::test(start_paused = true)]
    async fn message_in_fragments_with_pongs_between_them_gets_no_more_time() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
        let (mut client, server) = duplex(1_024);
        let mut watched = Watched::new(server);
        let reading = tokio::spawn(async move {
            let start = Instant::now();
            let mut buffer = [0; 64];
            while watched.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
            start.elapsed()
        });
        client.write_all(&frame(1, false, 5)).await.unwrap();
        while client.write_all(&frame(10, true, 0)).await.is_ok() && !reading.is_finished() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if !reading.is_finished() {
                let _ = client.write_all(&frame(0, false, 1)).await;
            }
        }
        let time = reading.await.unwrap();
        assert!(
            time >= MAX_MESSAGE_TIME && time < 2 * MAX_MESSAGE_TIME,
            "{time:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn client_that_sends_only_pongs_stays_connected() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
        let (mut client, server) = duplex(1_024);
        let mut watched = Watched::new(server);
        let reading = tokio::spawn(async move {
            let mut buffer = [0; 64];
            while watched.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        });
        for _ in 0..100 {
            client.write_all(&frame(10, true, 0)).await.unwrap();
            tokio::time::sleep(Duration::from_secs(10)).await;
            assert!(!reading.is_finished());
        }
    }
}
