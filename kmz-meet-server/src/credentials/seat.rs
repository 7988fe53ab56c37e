//! Seats: the signed right to come back into a conference.

use std::time::Duration;

use kmz_meet_core::signal::{ConferenceId, ParticipantId};
use serde::{Deserialize, Serialize};

use super::signed::{self, Signed, SigningFailed};
use crate::clock::{Timestamp, millis};

/// Longer than any conference. Coming back by a seat also requires that its conference still runs.
const SEAT_LIFETIME: Duration = Duration::from_hours(24);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// The conference.
    conference: String,
    /// The participant.
    sub: String,
}

impl signed::Claims for Claims {
    const AUDIENCE: &'static str = "seat";
}

/// Signs and verifies seats.
pub struct Seats(Signed<Claims>);

impl Seats {
    /// Takes the key of this server.
    pub fn new(key: &[u8]) -> Self {
        Self(Signed::new(key))
    }

    /// Signs a seat for this participant in this conference.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(
        &self,
        conference: &ConferenceId,
        participant: &ParticipantId,
        now: Timestamp,
    ) -> Result<String, SigningFailed> {
        let claims = Claims {
            conference: conference.0.clone(),
            sub: participant.0.clone(),
        };
        self.0.sign(&claims, now + millis(SEAT_LIFETIME))
    }

    /// The conference and the participant of a seat, if it is ours and has not expired.
    pub fn verify(&self, seat: &str, now: Timestamp) -> Option<(ConferenceId, ParticipantId)> {
        let claims = self.0.verify(seat, now)?;
        Some((ConferenceId(claims.conference), ParticipantId(claims.sub)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    const KEY: [u8; 32] = [7; 32];

    fn signed(claims: &Value, algorithm: Algorithm, key: &[u8]) -> String {
        jsonwebtoken::encode(
            &Header::new(algorithm),
            claims,
            &EncodingKey::from_secret(key),
        )
        .unwrap()
    }

    #[test]
    fn seat_for_a_day_names_conference_and_participant() {
        let seats = Seats::new(&KEY);
        let ids = (ConferenceId("c".into()), ParticipantId("p".into()));
        let seat = seats.sign(&ids.0, &ids.1, 0).unwrap();
        assert_eq!(
            seats.verify(&seat, millis(SEAT_LIFETIME) - 1_000),
            Some(ids)
        );
        assert_eq!(seats.verify(&seat, millis(SEAT_LIFETIME)), None);
        assert_eq!(Seats::new(&[8; 32]).verify(&seat, 0), None);
        assert_eq!(seats.verify(&seat[..seat.len() - 2], 0), None);
        assert_eq!(seats.verify("", 0), None);
    }

    #[test]
    fn seat_without_a_claim_or_by_another_algorithm_is_refused() {
        let seats = Seats::new(&KEY);
        let whole =
            json!({"iss": "kmz-meet", "aud": "seat", "exp": 1_000, "conference": "c", "sub": "p"});
        assert!(
            seats
                .verify(&signed(&whole, Algorithm::HS256, &KEY), 0)
                .is_some()
        );
        assert!(
            seats
                .verify(&signed(&whole, Algorithm::HS384, &KEY), 0)
                .is_none()
        );
        for claim in ["iss", "aud", "exp", "conference", "sub"] {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(claim);
            assert!(
                seats
                    .verify(&signed(&without, Algorithm::HS256, &KEY), 0)
                    .is_none(),
                "{claim}"
            );
        }
        for (claim, wrong) in [("iss", "other"), ("aud", "session")] {
            let mut other = whole.clone();
            other[claim] = json!(wrong);
            assert!(
                seats
                    .verify(&signed(&other, Algorithm::HS256, &KEY), 0)
                    .is_none(),
                "{claim}"
            );
        }
    }
}
