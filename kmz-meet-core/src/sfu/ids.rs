//! The names of things in the media thread. Each is a type of its own: a viewer cannot be taken for a slot, nor a track for
//! an encoding.

use std::ops::{Index, IndexMut};

/// Voices that are heard at the same time.
pub const AUDIO_SLOTS: usize = 5;

/// Media threads that there may be: as many as there are letters ([`ThreadIndex::letter`]).
pub const MAX_THREADS: usize = 26;

/// One of the media threads.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ThreadIndex(u8);

impl ThreadIndex {
    /// Of those below [`MAX_THREADS`].
    #[must_use]
    pub fn from_index(index: usize) -> Self {
        Self(index.min(MAX_THREADS - 1) as u8)
    }

    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// How it is written where browsers give it back.
    #[must_use]
    pub fn letter(self) -> char {
        char::from(b'A' + self.0)
    }

    /// The thread of this letter.
    #[must_use]
    pub fn of_letter(letter: u8) -> Option<Self> {
        letter.is_ascii_uppercase().then(|| Self(letter - b'A'))
    }
}

/// A member's place in the worker's table. It is given to somebody else after the member has left: who keeps one for longer
/// compares the [`StreamKey`] too.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemberKey(u32);

/// A conference's place in the worker's table.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConferenceKey(u32);

macro_rules! place {
    ($key:ident) => {
        impl $key {
            #[must_use]
            pub fn from_index(index: usize) -> Self {
                Self(index as u32)
            }

            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

place!(MemberKey);
place!(ConferenceKey);

impl MemberKey {
    /// For where it goes over the wire and comes back.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    #[must_use]
    pub fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }
}

/// An incoming stream. Unique in the process: what was bound to another stream under the same SSRC notices.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamKey(u64);

impl StreamKey {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    #[cfg(test)]
    #[must_use]
    pub fn of(number: u64) -> Self {
        Self(number)
    }
}

/// What a participant sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Track {
    Microphone,
    Camera,
    Screen,
    ScreenAudio,
}

impl Track {
    pub const ALL: [Self; 4] = [
        Self::Microphone,
        Self::Camera,
        Self::Screen,
        Self::ScreenAudio,
    ];

    #[must_use]
    pub fn is_video(self) -> bool {
        matches!(self, Self::Camera | Self::Screen)
    }
}

/// One value for each track.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerTrack<T>(pub [T; Track::ALL.len()]);

impl<T> Index<Track> for PerTrack<T> {
    type Output = T;

    fn index(&self, track: Track) -> &T {
        &self.0[track as usize]
    }
}

impl<T> IndexMut<Track> for PerTrack<T> {
    fn index_mut(&mut self, track: Track) -> &mut T {
        &mut self.0[track as usize]
    }
}

/// One simulcast stream of a track (RFC 8853), counted from the smallest. A track without simulcast has the smallest only.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Encoding(u8);

impl Encoding {
    pub const COUNT: usize = 3;
    pub const SMALL: Self = Self(0);
    pub const MIDDLE: Self = Self(1);
    pub const LARGE: Self = Self(2);

    /// From the smallest to the largest.
    pub const ALL: [Self; Self::COUNT] = [Self::SMALL, Self::MIDDLE, Self::LARGE];

    /// The one with this number; `None`: there are not so many.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Those above this one up to `best`, from the smaller to the larger.
    pub fn above(self, best: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.0 + 1..=best.0).map(Self)
    }
}

/// One value for each encoding of a track.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerEncoding<T>(pub [T; Encoding::COUNT]);

impl<T> PerEncoding<T> {
    /// Made from the smallest to the largest.
    pub fn from_fn(make: impl FnMut(Encoding) -> T) -> Self {
        Self(Encoding::ALL.map(make))
    }
}

impl<T> Index<Encoding> for PerEncoding<T> {
    type Output = T;

    fn index(&self, encoding: Encoding) -> &T {
        &self.0[usize::from(encoding.0)]
    }
}

impl<T> IndexMut<Encoding> for PerEncoding<T> {
    fn index_mut(&mut self, encoding: Encoding) -> &mut T {
        &mut self.0[usize::from(encoding.0)]
    }
}

/// An incoming stream and where to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamRef {
    pub member: MemberKey,
    pub track: Track,
    pub encoding: Encoding,
    pub key: StreamKey,
}

impl StreamRef {
    /// Whose voice it is, if it is one.
    #[must_use]
    pub fn voice(self) -> VoiceId {
        VoiceId {
            member: self.member,
            track: self.track,
        }
    }
}

/// A sound that can take an audio slot: a member's microphone, or the audio of their screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoiceId {
    pub member: MemberKey,
    pub track: Track,
}

/// One of the audio slots, of a conference or of a viewer.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioSlot(pub u8);

/// One of a viewer's video slots.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoSlot(pub u8);

macro_rules! slot {
    ($slot:ident) => {
        impl $slot {
            /// An offer has fewer sections than a byte counts.
            #[must_use]
            pub fn from_index(index: usize) -> Self {
                Self(index as u8)
            }

            #[must_use]
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    };
}

slot!(AudioSlot);
slot!(VideoSlot);

/// One of a viewer's slots: a fixed media section in which the viewer receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotId {
    Audio(AudioSlot),
    Video(VideoSlot),
    Screen,
}

/// A slot of a viewer that shows a stream or waits for its key frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscriber {
    pub viewer: MemberKey,
    pub slot: SlotId,
}
