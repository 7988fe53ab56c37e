//! Connectivity checks (RFC 8445, section 7): what is sent on a path, and what comes back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc_crypto::RTCCryptoProvider;
use rtc_stun::attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USERNAME};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter, TransactionId};
use rtc_stun::textattrs::TextAttribute;

/// What proofs are made with.
pub type Crypto = Arc<dyn RTCCryptoProvider>;

/// Our own ICE user fragment.
pub const UFRAG: &str = "probe";
/// Checks on one path.
pub const COUNT: usize = 50;
/// Between two checks: as voices are sent.
pub const INTERVAL: Duration = Duration::from_millis(20);
/// How long the last answer is waited for.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// Of a peer-reflexive candidate (RFC 8445, section 5.1.2.1).
const PRIORITY: u32 = 1_862_270_975;

/// The server's side of a connection: what its checks are made with.
#[derive(Clone, Debug)]
pub struct Ice {
    pub ufrag: String,
    pub password: String,
}

/// The checks on one path.
pub struct Checks {
    ice: Ice,
    crypto: Crypto,
    waiting: HashMap<TransactionId, Instant>,
    sent: usize,
    round_trips: Vec<Duration>,
}

impl Checks {
    pub fn new(ice: &Ice, crypto: &Crypto) -> Self {
        Self {
            ice: ice.clone(),
            crypto: crypto.clone(),
            waiting: HashMap::new(),
            sent: 0,
            round_trips: Vec::new(),
        }
    }

    /// Whether all are sent.
    pub fn are_sent(&self) -> bool {
        self.sent >= COUNT
    }

    /// Whether there is nothing to wait for.
    pub fn are_done(&self) -> bool {
        self.are_sent() && self.waiting.is_empty()
    }

    /// The next one; `None`: there is none.
    pub fn next(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.are_sent() {
            return None;
        }
        let id = TransactionId(rand::random());
        let mut check = Message {
            typ: BINDING_REQUEST,
            transaction_id: id,
            ..Message::default()
        };
        check.write_header();
        TextAttribute::new(ATTR_USERNAME, format!("{}:{UFRAG}", self.ice.ufrag))
            .add_to(&mut check)
            .ok()?;
        check.add(ATTR_PRIORITY, &PRIORITY.to_be_bytes());
        check.add(ATTR_ICE_CONTROLLING, &id.0[4..]);
        let password = self.ice.password.clone();
        MessageIntegrity::new_short_term_integrity_with_provider(password, self.crypto.crypto())
            .add_to(&mut check)
            .ok()?;
        FINGERPRINT.add_to(&mut check).ok()?;
        self.waiting.insert(id, now);
        self.sent += 1;
        Some(check.raw)
    }

    /// Takes what came back. What no server of ours made does not count.
    pub fn take(&mut self, now: Instant, datagram: &[u8]) {
        let mut answer = Message {
            raw: datagram.to_vec(),
            ..Message::default()
        };
        if answer.decode().is_err() || answer.typ != BINDING_SUCCESS {
            return;
        }
        let id = answer.transaction_id;
        let password = self.ice.password.as_bytes();
        if MessageIntegrity::check(&mut answer, password, self.crypto.crypto()).is_err() {
            return;
        }
        if let Some(sent) = self.waiting.remove(&id) {
            self.round_trips.push(now.saturating_duration_since(sent));
        }
    }

    /// Answers, and checks that were sent.
    pub fn answered(&self) -> (usize, usize) {
        (self.round_trips.len(), self.sent)
    }

    /// The median of the round trip times.
    pub fn round_trip(&self) -> Option<Duration> {
        let mut times = self.round_trips.clone();
        times.sort_unstable();
        times.get(times.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Checks {
        let ice = Ice {
            ufrag: "server".into(),
            password: "a password of the server".into(),
        };
        Checks::new(&ice, &rtc_crypto::default_provider().unwrap())
    }

    /// What a server with this password answers.
    fn answer(check: &[u8], password: &str) -> Vec<u8> {
        let mut request = Message {
            raw: check.to_vec(),
            ..Message::default()
        };
        request.decode().unwrap();
        let mut answer = Message {
            typ: BINDING_SUCCESS,
            transaction_id: request.transaction_id,
            ..Message::default()
        };
        answer.write_header();
        let crypto = rtc_crypto::default_provider().unwrap();
        MessageIntegrity::new_short_term_integrity_with_provider(password.into(), crypto.crypto())
            .add_to(&mut answer)
            .unwrap();
        answer.raw
    }

    #[test]
    fn answer_counts_once_and_only_with_the_servers_password() {
        let mut checks = checks();
        let start = Instant::now();
        let check = checks.next(start).unwrap();
        let later = start + Duration::from_millis(7);
        checks.take(later, &answer(&check, "another password"));
        assert_eq!(checks.answered(), (0, 1));
        let right = answer(&check, "a password of the server");
        for length in 0..right.len() {
            checks.take(later, &right[..length]);
        }
        assert_eq!(checks.answered(), (0, 1));
        checks.take(later, &right);
        checks.take(later, &right);
        assert_eq!(checks.answered(), (1, 1));
        assert_eq!(checks.round_trip(), Some(Duration::from_millis(7)));
    }

    #[test]
    fn checks_end_after_their_number() {
        let mut checks = checks();
        let now = Instant::now();
        while checks.next(now).is_some() {}
        assert_eq!(checks.answered(), (0, COUNT));
        assert!(checks.are_sent() && !checks.are_done());
    }
}
