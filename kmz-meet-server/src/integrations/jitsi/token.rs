//! Jitsi tokens: pages and plug-ins that embedded a Jitsi room move over with the tokens that they make already.
//!
//! The claims are those that prosody's `token_verification` reads: `iss` is the app id, `room` a room or `*`; then `aud`, `exp`
//! and `context.user`. Tokens for hosted Jitsi have `iss` "chat" and the app id in `sub`; they are always signed by RS256.
//! Each app has one algorithm and one key; a token cannot choose.

use jsonwebtoken::{Algorithm, Validation};
use kmz_meet_core::room::{clean, text};
use lti_bridge::{NumericDate, kept_id};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::app::{JitsiAlgorithm, JitsiApp, MAX_CLOCK_SKEW};
use crate::clock::{Timestamp, seconds};
use crate::credentials::{Identity, Ticket, TicketRole, fingerprint};
use crate::rooms::{self, NewRoom};
use crate::schools::may_open;
use crate::store::{Record, RoomSource, SharedStore, StoreError};
use crate::user_id::UserId;

/// The longest name of a room in a token or a URL, in bytes.
const MAX_ROOM_BYTES: usize = 200;
/// The issuer of all tokens for hosted Jitsi; `sub` has their app.
const HOSTED: &str = "chat";
/// The longest token that is read, in bytes.
const MAX_TOKEN_BYTES: usize = 8_192;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    sub: Value,
    exp: NumericDate,
    #[serde(default)]
    nbf: Option<NumericDate>,
    room: String,
    #[serde(default)]
    moderator: Value,
    #[serde(default, deserialize_with = "lti_bridge::json::object")]
    context: Option<Context>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    #[serde(deserialize_with = "lti_bridge::json::object")]
    user: Option<Person>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Person {
    id: Value,
    name: Value,
    affiliation: Value,
    moderator: Value,
}

fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || value.as_str() == Some("true")
}

/// The app id, and whether `sub` has it. These are not verified yet: they only find the app whose key verifies the token.
fn app_id(token: &str) -> Option<(String, bool)> {
    use base64::Engine;
    let payload = token.split('.').nth(1)?;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let issuer = claims.get("iss")?.as_str()?;
    // A school's own app may have this id too; its tokens have the domain, or anything, in `sub`.
    let rs256 =
        jsonwebtoken::decode_header(token).is_ok_and(|header| header.alg == Algorithm::RS256);
    let hosted = issuer == HOSTED && rs256;
    let id = if hosted {
        claims.get("sub")?.as_str()?
    } else {
        issuer
    };
    Some((id.to_owned(), hosted))
}

/// What the verification of a token gave.
pub enum JitsiToken {
    Valid(Box<JitsiPass>),
    /// It is valid, but its time has not come.
    NotYet,
    /// It is valid, but apps of more than one school have its key.
    Disputed,
    Wrong,
}

/// What a valid token says about a person in one room. The room may not exist yet: reading a token creates none.
#[derive(Clone, Debug)]
pub struct JitsiPass {
    school: String,
    /// The room, unique in its school.
    external: String,
    title: Option<String>,
    name: Option<String>,
    pub identity: Identity,
}

impl JitsiPass {
    /// A name of the room for limits, whether the room exists or not.
    pub fn room_key(&self) -> &str {
        &self.external
    }

    /// Whether it would make the room if the contract of the school held.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lacks_contract(
        &self,
        store: &SharedStore,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let moderates = self.identity.moderates();
        Ok(moderates && may_open(store, now, &self.school).await?.is_none())
    }

    /// The ticket to its room. A moderator's token creates the room if the contract of
    /// their school holds; `None`: there is no room. `max_capacity`: what a
    /// conference of this server can have.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ticket(
        &self,
        store: &SharedStore,
        now: Timestamp,
        max_capacity: u32,
    ) -> Result<Option<Ticket>, StoreError> {
        let moderates = self.identity.moderates();
        let school = if moderates {
            may_open(store, now, &self.school).await?
        } else {
            None
        };
        let room = if let Some(school) = school {
            let new = NewRoom {
                title: self.title.clone(),
                external: Some(self.external.clone()),
                ..NewRoom::new(
                    &school,
                    RoomSource::Api,
                    rooms::default_policy(max_capacity),
                )
            };
            // Without a room the client tries again.
            rooms::find_or_create(store, now, new).await?.ok()
        } else {
            let external = Some(self.external.as_str());
            rooms::by_external(store, &self.school, RoomSource::Api, external).await?
        };
        Ok(room.map(|room| Ticket {
            room: room.id,
            identity: self.identity.clone(),
            name: self.name.clone(),
            may_start: moderates,
            meeting: None,
            return_url: None,
        }))
    }
}

/// Verifies a token for a room of this name. Changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn verify(
    store: &SharedStore,
    now: Timestamp,
    token: &str,
    room: &str,
) -> Result<JitsiToken, StoreError> {
    let Some((id, hosted)) = Some(token)
        .filter(|token| token.len() <= MAX_TOKEN_BYTES)
        .and_then(app_id)
    else {
        return Ok(JitsiToken::Wrong);
    };
    // Several schools may have an app with this id. The signature tells which of them signed the token.
    let verifying = JitsiApp::called(store, &id)
        .await?
        .into_iter()
        .filter_map(|record| Some((verified(&record.data, token)?, record)));
    let (claims, record) = match app_of_token(verifying.collect()) {
        TokenOwner::One(found) => *found,
        TokenOwner::Nobody => return Ok(JitsiToken::Wrong),
        TokenOwner::Disputed(first, second) => {
            tracing::warn!(
                %first,
                %second,
                "apps of two schools have the same key, so its tokens let nobody in: delete one of these records, or let \
                 the school that can sign register its app anew, with a proof"
            );
            return Ok(JitsiToken::Disputed);
        }
    };
    let now = now / 1_000;
    if claims.exp.seconds() <= now - seconds(MAX_CLOCK_SKEW) {
        return Ok(JitsiToken::Wrong);
    }
    let latest = now + seconds(MAX_CLOCK_SKEW);
    if claims.nbf.is_some_and(|from| from.seconds() > latest) {
        return Ok(JitsiToken::NotYet);
    }
    let request = TokenRequest {
        token,
        room,
        id,
        hosted,
    };
    let pass = pass(&record, &claims, &request);
    Ok(pass.map_or(JitsiToken::Wrong, |pass| JitsiToken::Valid(Box::new(pass))))
}

/// The app to which a token belongs.
enum TokenOwner {
    One(Box<(Claims, Record<JitsiApp>)>),
    Nobody,
    /// Two of them, of different schools.
    Disputed(String, String),
}

/// The oldest of the apps that verify a token, if all belong to one school. Apps with a proof go before those without: anybody
/// can copy a public key.
fn app_of_token(mut verifying: Vec<(Claims, Record<JitsiApp>)>) -> TokenOwner {
    if verifying.iter().any(|(_, one)| one.data.is_proven()) {
        verifying.retain(|(_, one)| one.data.is_proven());
    }
    let Some((_, first)) = verifying.first() else {
        return TokenOwner::Nobody;
    };
    let others = verifying.iter().find(|(_, one)| one.school != first.school);
    match others {
        Some((_, other)) => TokenOwner::Disputed(first.id.clone(), other.id.clone()),
        None => TokenOwner::One(Box::new(verifying.swap_remove(0))),
    }
}

/// A token and the room for which it came.
struct TokenRequest<'a> {
    token: &'a str,
    room: &'a str,
    /// The app.
    id: String,
    hosted: bool,
}

fn pass(
    record: &Record<JitsiApp>,
    claims: &Claims,
    request: &TokenRequest<'_>,
) -> Option<JitsiPass> {
    let TokenRequest {
        token,
        room,
        id,
        hosted,
    } = request;
    let school = record.school.clone()?;
    let named = if *hosted {
        claims.iss == HOSTED && claims.sub.as_str() == Some(id.as_str())
    } else {
        claims.iss == *id
    };
    if !named {
        return None;
    }
    let name = jitsi_name(room)?;
    if claims.room != "*" && jitsi_name(&claims.room).as_deref() != Some(name.as_str()) {
        return None;
    }
    let user = claims.context.as_ref().and_then(|one| one.user.clone());
    let user = user.unwrap_or_default();
    let moderates = is_true(&claims.moderator)
        || is_true(&user.moderator)
        || user.affiliation.as_str() == Some("owner");
    // The room as the app wrote it, unless the token opens all rooms.
    let title = Some(claims.room.as_str()).filter(|room| *room != "*");
    let title = text::line(&decoded(last(title.unwrap_or(room))), MAX_ROOM_BYTES);
    let person = match &user.id {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    let role = match (moderates, &person) {
        (true, _) => TicketRole::Moderator,
        (false, Some(_)) => TicketRole::Member,
        // Without an id the person is unknown, so the door decides: after a removal they would only fetch another token.
        (false, None) => TicketRole::Guest,
    };
    let unidentified = person.is_none();
    let person = match person {
        Some(person) => kept_id(&person)?,
        // The same token still means the same person.
        None => format!("token {}", fingerprint(token)),
    };
    Some(JitsiPass {
        school,
        external: format!("jitsi:{id}:{name}"),
        title,
        name: user.name.as_str().and_then(clean),
        identity: Identity {
            user: UserId::of_jitsi(id, &person),
            role,
            unidentified,
        },
    })
}

/// The claims of a token, if this app signed it.
fn verified(app: &JitsiApp, token: &str) -> Option<Claims> {
    let mut validation = Validation::new(match app.algorithm {
        JitsiAlgorithm::HS256 => Algorithm::HS256,
        JitsiAlgorithm::RS256 => Algorithm::RS256,
    });
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.validate_aud = false;
    validation.validate_exp = false;
    validation.validate_nbf = false;
    // The caller compares times with our own clock.
    let key = app.decoding_key()?;
    jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .ok()
        .map(|token| token.claims)
}

/// The name of a room without the tenant's.
fn last(room: &str) -> &str {
    room.rsplit('/').next().unwrap_or(room)
}

/// A name as it was before somebody encoded it for a URL. A plus sign is a space only beside other signs of that encoding: a
/// room may be called "C++".
fn decoded(room: &str) -> String {
    let spaced = room.replace('+', " ");
    let read = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .ok()
            .filter(|read| *read != *text)
            .map(std::borrow::Cow::into_owned)
    };
    // `read` gives nothing if nothing is encoded.
    read(&spaced).unwrap_or_else(|| room.to_owned())
}

/// The name of a room as Jitsi compares it: in lower case.
fn jitsi_name(room: &str) -> Option<String> {
    let name: String = decoded(last(room)).trim().to_lowercase().nfc().collect();
    let fits =
        !name.is_empty() && name.len() <= MAX_ROOM_BYTES && !name.chars().any(char::is_control);
    fits.then_some(name)
}
