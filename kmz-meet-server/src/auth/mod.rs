//! Who someone is: passwords, sessions, devices, addresses, seats.

mod address;
mod api_key;
mod backoff;
mod caller;
mod cookies;
mod debts;
mod device;
mod jitsi;
mod jitsi_key;
mod known;
mod new_password;
mod origin;
mod password;
mod queue;
mod seat;
mod session;
mod signed;
mod ticket;
mod user_agent;

pub use address::{ClientAddress, Connection};
pub use api_key::{ApiKey, ApiTokens, Scope};
pub use backoff::Backoff;
pub use caller::{Caller, Who, verified_name};
pub use cookies::{Cookies, Device};
pub use device::{AGED, Devices};
pub use jitsi::{
    JitsiAlgorithm, JitsiApp, JitsiPass, JitsiToken, MOST_CALLED_ALIKE, verify as verify_jitsi,
};
pub use jitsi_key::{BadProof, Claimant, JitsiKey, PROOF_FOR};
pub use known::KnownBrowsers;
pub use new_password::{Weak, check_new_password, new_password};
pub use origin::{check_origin, origin_permitted};
pub use password::{Compared, HashError, Passwords};
pub use queue::Asker;
pub use seat::Seats;
pub use session::{
    Guesser, MaybeSession, MaybeSignedIn, NewSession, OwnSession, Whence, session_id, sign_in,
    sign_out,
};
pub use signed::SigningFailed;
pub use ticket::{
    LONGEST_LEAVE, LONGEST_SECONDS as LONGEST_TICKET_SECONDS, Ticket, TicketRole, Tickets,
    VALID_SECONDS as TICKET_SECONDS,
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// An unguessable text of `N` random bytes, usable in cookies and URLs.
pub fn random_token<const N: usize>() -> String {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// By what a token is known without being kept. It has random bits enough for a fast hash.
fn fingerprint(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}
