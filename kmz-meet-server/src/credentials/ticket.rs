//! Tickets: a signed right to come into one room as one person. Courses, the BigBlueButton API and integrators issue
//! them. A ticket says who somebody is, not that they are in the room.

use std::time::Duration;

use kmz_meet_core::room::DisplayName;
use serde::{Deserialize, Serialize};

use super::identity::{Identity, TicketRole};
use super::signed::{self, Signed, SigningFailed};
use crate::clock::{Timestamp, millis};
use crate::store::OpenSchool;
use crate::user_id::UserId;

/// How long a ticket is valid by default: people check their devices before they join, and may take a break.
pub const TICKET_LIFETIME: Duration = Duration::from_hours(1);
/// The longest lifetime that anybody may ask for.
pub const MAX_TICKET_LIFETIME: Duration = Duration::from_hours(24);
/// A ticket lives for at least as long as its expiry, in whole seconds, can say.
const MIN_TICKET_LIFETIME: Duration = Duration::from_secs(1);
/// The longest return URL, in bytes; we leave a longer one out.
pub const MAX_RETURN_URL_BYTES: usize = 2_000;

/// Who may enter which room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The room's id.
    pub room: String,
    pub identity: Identity,
    /// Absent when the platform keeps names to itself: then the person types one.
    pub name: Option<String>,
    /// Whether they may start the conference. Moderators may in any case.
    pub may_start: bool,
    /// The meeting that the ticket is for, if a platform opens rooms for a time. The ticket is void when that meeting ends.
    pub meeting: Option<String>,
    /// Where a person goes when they leave. It is signed, so that nobody can send people from our page to theirs.
    pub return_url: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    room: String,
    sub: UserId,
    name: Option<String>,
    role: TicketRole,
    #[serde(rename = "anonymous", default)]
    unidentified: bool,
    #[serde(rename = "starts")]
    may_start: bool,
    meeting: Option<String>,
    #[serde(rename = "leave", default, skip_serializing_if = "Option::is_none")]
    return_url: Option<String>,
}

impl signed::Claims for Claims {
    const AUDIENCE: &'static str = "ticket";
}

/// Signs and verifies tickets.
pub struct Tickets(Signed<Claims>);

impl Tickets {
    /// Takes the key of this server.
    pub fn new(key: &[u8]) -> Self {
        Self(Signed::new(key))
    }

    /// Signs a ticket to a room of a school whose contract holds. It is valid for this time, at most [`MAX_TICKET_LIFETIME`].
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(
        &self,
        _school: &OpenSchool,
        ticket: &Ticket,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<String, SigningFailed> {
        let claims = Claims {
            room: ticket.room.clone(),
            sub: ticket.identity.user.clone(),
            name: ticket.name.clone(),
            role: ticket.identity.role,
            unidentified: ticket.identity.unidentified,
            may_start: ticket.may_start,
            meeting: ticket.meeting.clone(),
            // Browsers and proxies accept links of a limited length.
            return_url: ticket
                .return_url
                .clone()
                .filter(|url| url.len() <= MAX_RETURN_URL_BYTES),
        };
        let lifetime = lifetime.clamp(MIN_TICKET_LIFETIME, MAX_TICKET_LIFETIME);
        self.0.sign(&claims, now + millis(lifetime))
    }

    /// The ticket in a token, if the token is one and has not expired.
    pub fn verify(&self, ticket: &str, now: Timestamp) -> Option<Ticket> {
        let claims = self.0.verify(ticket, now)?;
        Some(Ticket {
            room: claims.room,
            identity: Identity {
                user: claims.sub,
                role: claims.role,
                unidentified: claims.unidentified,
            },
            // The one place that cleans and cuts the name, whoever issued the ticket.
            name: claims
                .name
                .as_deref()
                .and_then(DisplayName::of)
                .map(String::from),
            may_start: claims.may_start,
            meeting: claims.meeting,
            return_url: claims.return_url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    const KEY: [u8; 32] = [7; 32];
    const MINUTE: Duration = Duration::from_mins(1);

    fn signed(claims: &Value, algorithm: Algorithm, key: &[u8]) -> String {
        let key = EncodingKey::from_secret(key);
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn ticket() -> Ticket {
        Ticket {
            room: "r".into(),
            identity: Identity {
                user: UserId::of_api("s", "4"),
                role: TicketRole::Member,
                unidentified: true,
            },
            name: Some("Anna".into()),
            may_start: false,
            meeting: Some("m".into()),
            return_url: Some("https://moodle.example/course?id=7".into()),
        }
    }

    #[test]
    fn ticket_until_it_expires_comes_back_as_it_was() {
        let tickets = Tickets::new(&KEY);
        let text = tickets
            .sign(&OpenSchool::for_test("s"), &ticket(), 5_000, MINUTE)
            .unwrap();
        assert_eq!(tickets.verify(&text, 64_000), Some(ticket()));
        assert_eq!(tickets.verify(&text, 65_000), None);
        assert_eq!(Tickets::new(&[8; 32]).verify(&text, 5_000), None);
        let long = tickets
            .sign(&OpenSchool::for_test("s"), &ticket(), 0, Duration::MAX)
            .unwrap();
        assert_eq!(tickets.verify(&long, millis(MAX_TICKET_LIFETIME)), None);
    }

    #[test]
    fn ticket_with_too_long_a_return_url_leaves_it_out() {
        let tickets = Tickets::new(&KEY);
        let url = |length: usize| format!("https://moodle.example/{}", "a".repeat(length - 23));
        let with = |url: String| Ticket {
            return_url: Some(url),
            ..ticket()
        };
        let text = tickets
            .sign(
                &OpenSchool::for_test("s"),
                &with(url(MAX_RETURN_URL_BYTES)),
                0,
                MINUTE,
            )
            .unwrap();
        assert!(text.len() < 3_500, "{}", text.len());
        assert_eq!(
            tickets.verify(&text, 0),
            Some(with(url(MAX_RETURN_URL_BYTES))),
            "the longest one"
        );
        let text = tickets
            .sign(
                &OpenSchool::for_test("s"),
                &with(url(MAX_RETURN_URL_BYTES + 1)),
                0,
                MINUTE,
            )
            .unwrap();
        assert_eq!(tickets.verify(&text, 0).unwrap().return_url, None);
    }

    #[test]
    fn ticket_of_another_form_or_key_is_refused() {
        let tickets = Tickets::new(&KEY);
        let whole = json!({"iss": "kmz-meet", "aud": "ticket", "exp": 1_000, "room": "r", "sub": "p", "name": null,
            "role": "guest", "starts": false});
        assert!(
            tickets
                .verify(&signed(&whole, Algorithm::HS256, &KEY), 0)
                .is_some()
        );
        let mut forged = vec![
            signed(&whole, Algorithm::HS384, &KEY),
            signed(&whole, Algorithm::HS256, b"other"),
        ];
        for claim in ["iss", "aud", "exp", "room", "sub", "role", "starts"] {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(claim);
            forged.push(signed(&without, Algorithm::HS256, &KEY));
        }
        let others = [
            ("iss", json!("x")),
            ("aud", json!("seat")),
            ("exp", json!("1000")),
            ("exp", json!(1e30)),
            ("role", json!("operator")),
            ("more", json!(1)),
            ("starts", json!("yes")),
        ];
        for (claim, value) in others {
            let mut other = whole.clone();
            other[claim] = value;
            forged.push(signed(&other, Algorithm::HS256, &KEY));
        }
        for text in forged {
            assert_eq!(tickets.verify(&text, 0), None, "{text}");
        }
    }
}
