//! Seats: the signed right to come back into a conference.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kmz_meet_core::signal::{ConferenceId, ParticipantId};
use lti_bridge::NumericDate;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Longer than any conference; whether the conference still runs is checked when the seat is used.
const VALID_SECONDS: i64 = 24 * 60 * 60;
const AUDIENCE: &str = "seat";
const ISSUER: &str = "kmz-meet";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    exp: NumericDate,
    /// The conference.
    conference: String,
    /// The participant.
    sub: String,
}

/// Signs and reads seats. One key, one algorithm.
pub struct Seats {
    signing: EncodingKey,
    reading: DecodingKey,
    validation: Validation,
}

impl Seats {
    /// With the key of this server.
    pub fn new(key: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
        // Time is compared with our own clock below.
        validation.validate_exp = false;
        Self {
            signing: EncodingKey::from_secret(key),
            reading: DecodingKey::from_secret(key),
            validation,
        }
    }

    /// A seat for this person in this conference. Empty, and thereby never valid, if signing fails.
    pub fn sign(
        &self,
        conference: &ConferenceId,
        participant: &ParticipantId,
        now: Timestamp,
    ) -> String {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            exp: NumericDate(now / 1_000 + VALID_SECONDS),
            conference: conference.0.clone(),
            sub: participant.0.clone(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing).unwrap_or_else(
            |error| {
                tracing::error!(%error, "a seat cannot be signed");
                String::new()
            },
        )
    }

    /// Whose seat it is, if it is one.
    pub fn verify(&self, seat: &str, now: Timestamp) -> Option<(ConferenceId, ParticipantId)> {
        let claims = jsonwebtoken::decode::<Claims>(seat, &self.reading, &self.validation)
            .ok()?
            .claims;
        (claims.exp.seconds() > now / 1_000)
            .then_some((ConferenceId(claims.conference), ParticipantId(claims.sub)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn a_seat_names_conference_and_participant_for_a_day() {
        let seats = Seats::new(&KEY);
        let ids = (ConferenceId("c".into()), ParticipantId("p".into()));
        let seat = seats.sign(&ids.0, &ids.1, 0);
        assert_eq!(seats.verify(&seat, 1_000 * (VALID_SECONDS - 1)), Some(ids));
        assert_eq!(seats.verify(&seat, 1_000 * VALID_SECONDS), None);
        assert_eq!(Seats::new(&[8; 32]).verify(&seat, 0), None);
        assert_eq!(seats.verify(&seat[..seat.len() - 2], 0), None);
        assert_eq!(seats.verify("", 0), None);
    }

    #[test]
    fn every_claim_is_needed_and_the_algorithm_is_fixed() {
        let seats = Seats::new(&KEY);
        let whole =
            json!({"iss": ISSUER, "aud": AUDIENCE, "exp": 1_000, "conference": "c", "sub": "p"});
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
