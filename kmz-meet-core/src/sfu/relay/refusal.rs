//! Why a request is refused.

use rtc_stun::attributes::AttrType;

/// An error answer: what is wrong with a request (RFC 8656, section 19; RFC 8489, section 14.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    BadRequest,
    Unauthorized,
    Forbidden,
    UnknownAttribute(AttrType),
    Mismatch,
    StaleNonce,
    AddressFamily,
    WrongCredentials,
    Transport,
    PeerFamily,
    Quota,
    Capacity,
}

impl Refusal {
    /// The code of the answer.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::UnknownAttribute(_) => 420,
            Self::Mismatch => 437,
            Self::StaleNonce => 438,
            Self::AddressFamily => 440,
            Self::WrongCredentials => 441,
            Self::Transport => 442,
            Self::PeerFamily => 443,
            Self::Quota => 486,
            Self::Capacity => 508,
        }
    }
}
