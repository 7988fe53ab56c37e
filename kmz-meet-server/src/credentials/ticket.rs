//! Tickets: a signed right to come into one room as one person. Courses, the BigBlueButton API and integrators hand
//! them out; they say who someone is, not that they are inside.

use kmz_meet_core::room::DisplayName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::signed::{self, Signed, SigningFailed};
use crate::clock::Timestamp;
use crate::user_id::UserId;

/// How long a ticket is valid by default: people check their devices before they join, and may take a break.
pub const VALID_SECONDS: i64 = 60 * 60;
/// The longest validity that anyone may ask for, in seconds.
pub const MAX_TICKET_SECONDS: i64 = 24 * 60 * 60;
/// The longest return URL, in bytes; we leave a longer one out.
pub const MAX_RETURN_URL_BYTES: usize = 2_000;

/// As what a person comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketRole {
    /// Moderates this room.
    Moderator,
    /// Belongs to the room: neither password nor lobby stands in the way.
    Member,
    /// Neither password nor lobby stands in the way, but the person is on no list, and nobody vouches for the name.
    Invited,
    /// Like a stranger whose name is known.
    Guest,
}

/// Who may enter which room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The room's id.
    pub room: String,
    pub user: UserId,
    /// Absent when the platform keeps names to itself: then the person types one.
    pub name: Option<String>,
    pub role: TicketRole,
    /// The platform did not say who this is: `user` differs with each ticket.
    pub unidentified: bool,
    /// Whether they may start the conference. Moderators may in any case.
    pub may_start: bool,
    /// The meeting that it is for, where a platform opens rooms for a time. The ticket is void when that meeting ends.
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
    /// With the key of this server.
    pub fn new(key: &[u8]) -> Self {
        Self(Signed::new(key))
    }

    /// A ticket, valid for this many seconds, a day at the most.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(
        &self,
        ticket: &Ticket,
        now: Timestamp,
        valid_seconds: i64,
    ) -> Result<String, SigningFailed> {
        let claims = Claims {
            room: ticket.room.clone(),
            sub: ticket.user.clone(),
            name: ticket.name.clone(),
            role: ticket.role,
            unidentified: ticket.unidentified,
            may_start: ticket.may_start,
            meeting: ticket.meeting.clone(),
            // A link has to fit into what browsers and proxies take.
            return_url: ticket
                .return_url
                .clone()
                .filter(|url| url.len() <= MAX_RETURN_URL_BYTES),
        };
        let valid_seconds = valid_seconds.clamp(1, MAX_TICKET_SECONDS);
        self.0.sign(&claims, now + valid_seconds * 1_000)
    }

    /// The ticket, if it is one and still valid.
    pub fn verify(&self, ticket: &str, now: Timestamp) -> Option<Ticket> {
        let claims = self.0.verify(ticket, now)?;
        Some(Ticket {
            room: claims.room,
            user: claims.sub,
            // Whatever way it came by, it is cleaned and cut here.
            name: claims
                .name
                .as_deref()
                .and_then(DisplayName::of)
                .map(String::from),
            role: claims.role,
            unidentified: claims.unidentified,
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

    fn signed(claims: &Value, algorithm: Algorithm, key: &[u8]) -> String {
        let key = EncodingKey::from_secret(key);
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn ticket() -> Ticket {
        Ticket {
            room: "r".into(),
            user: UserId::of_api("s", "4"),
            name: Some("Anna".into()),
            role: TicketRole::Member,
            unidentified: true,
            may_start: false,
            meeting: Some("m".into()),
            return_url: Some("https://moodle.example/course?id=7".into()),
        }
    }

    #[test]
    fn a_ticket_comes_back_as_it_was_until_its_time_is_up() {
        let tickets = Tickets::new(&KEY);
        let text = tickets.sign(&ticket(), 5_000, 60).unwrap();
        assert_eq!(tickets.verify(&text, 64_000), Some(ticket()));
        assert_eq!(tickets.verify(&text, 65_000), None);
        assert_eq!(Tickets::new(&[8; 32]).verify(&text, 5_000), None);
        let long = tickets.sign(&ticket(), 0, i64::MAX).unwrap();
        assert_eq!(tickets.verify(&long, 1_000 * MAX_TICKET_SECONDS), None);
    }

    #[test]
    fn a_link_stays_short_whatever_the_way_back_is() {
        let tickets = Tickets::new(&KEY);
        let url = |length: usize| format!("https://moodle.example/{}", "a".repeat(length - 23));
        let with = |url: String| Ticket {
            return_url: Some(url),
            ..ticket()
        };
        let text = tickets
            .sign(&with(url(MAX_RETURN_URL_BYTES)), 0, 60)
            .unwrap();
        assert!(text.len() < 3_500, "{}", text.len());
        assert_eq!(
            tickets.verify(&text, 0),
            Some(with(url(MAX_RETURN_URL_BYTES))),
            "the longest one"
        );
        let text = tickets
            .sign(&with(url(MAX_RETURN_URL_BYTES + 1)), 0, 60)
            .unwrap();
        assert_eq!(tickets.verify(&text, 0).unwrap().return_url, None);
    }

    #[test]
    fn no_other_form_of_it_is_taken() {
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
