//! Jitsi's tokens: pages and plug-ins that embedded a Jitsi room move over with the tokens that they make already.
//!
//! Claims as prosody's `token_verification` reads them: `iss` the app id, `room` a room or `*`, `aud`, `exp`, and
//! `context.user`. Tokens for hosted Jitsi have `iss` "chat" and the app id in `sub`; they are always signed by RS256.
//! Each app has one algorithm and one key; a token cannot choose.

use jsonwebtoken::{Algorithm, Validation};
use kmz_meet_core::room::{clean, text};
use lti_bridge::{NumericDate, kept_id};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::app::{JitsiAlgorithm, JitsiApp, LEEWAY};
use crate::credentials::{Ticket, TicketRole, fingerprint};
use crate::rooms::{self, NewRoom};
use crate::state::App;
use crate::store::{Record, RoomSource, StoreError};
use crate::user_id::UserId;

/// Longest name of a room in a token or a URL.
const MAX_ROOM: usize = 200;
/// The issuer of all tokens for hosted Jitsi: their app stands in `sub`.
const HOSTED: &str = "chat";
/// Longest token that is looked at.
const MAX_TOKEN: usize = 8_192;

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

/// Before the signature is checked only the app is looked up by these: the app id, and whether `sub` has it.
fn app_id(token: &str) -> Option<(String, bool)> {
    use base64::Engine;
    let payload = token.split('.').nth(1)?;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let issuer = claims.get("iss")?.as_str()?;
    // An app of one's own may be called so too; such tokens have the domain, or anything, in `sub`.
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

/// What a token is worth here and now.
pub enum JitsiToken {
    Valid(Box<JitsiPass>),
    /// It is right, and its time has not come.
    NotYet,
    /// It is right, and apps of more than one school say that it is theirs.
    Disputed,
    Wrong,
}

/// What a right token says about a person in one room. The room may not be there yet: reading a token makes none.
#[derive(Clone, Debug)]
pub struct JitsiPass {
    school: String,
    /// The room, unique in its school.
    external: String,
    title: Option<String>,
    name: Option<String>,
    pub user: UserId,
    pub role: TicketRole,
    /// The token names nobody, so `user` is another one with each token.
    pub unidentified: bool,
}

impl JitsiPass {
    /// The room as limits may count it, whether it is there or not.
    pub fn room_key(&self) -> &str {
        &self.external
    }

    /// The ticket to its room. The room is made when a moderator asks for it; `None` where there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ticket(&self, app: &App) -> Result<Option<Ticket>, StoreError> {
        let new = NewRoom {
            title: self.title.clone(),
            external: Some(self.external.clone()),
            ..NewRoom::new(
                &self.school,
                RoomSource::Api,
                rooms::default_policy(app.config.capacity),
            )
        };
        let moderates = self.role == TicketRole::Moderator;
        let room = if moderates {
            // Who gets no room tries again.
            rooms::find_or_create(&app.store, app.clock.now(), new)
                .await?
                .ok()
        } else {
            rooms::by_external(&app.store, &new).await?
        };
        Ok(room.map(|room| Ticket {
            room: room.id,
            user: self.user.clone(),
            name: self.name.clone(),
            role: self.role,
            unidentified: self.unidentified,
            may_start: moderates,
            meeting: None,
            return_url: None,
        }))
    }
}

/// What a token says about a person in a room of this name. Changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn verify(app: &App, token: &str, room: &str) -> Result<JitsiToken, StoreError> {
    let Some((id, hosted)) = Some(token)
        .filter(|token| token.len() <= MAX_TOKEN)
        .and_then(app_id)
    else {
        return Ok(JitsiToken::Wrong);
    };
    // Several schools may have an app with this id. The signature tells whose token it is.
    let verifying = JitsiApp::called(&app.store, &id)
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
    let now = app.clock.now() / 1_000;
    if claims.exp.seconds() <= now - LEEWAY {
        return Ok(JitsiToken::Wrong);
    }
    if claims.nbf.is_some_and(|from| from.seconds() > now + LEEWAY) {
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

/// To which app a token belongs.
enum TokenOwner {
    One(Box<(Claims, Record<JitsiApp>)>),
    Nobody,
    /// Two of these, of different schools.
    Disputed(String, String),
}

/// Of the apps that verify a token the oldest, where all are of one school. Whoever showed that they can sign comes before
/// those who did not: a public key anybody may have copied.
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

/// What someone came with.
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
    // As the app wrote it, unless it lets into all rooms.
    let title = Some(claims.room.as_str()).filter(|room| *room != "*");
    let title = text::line(&decoded(last(title.unwrap_or(room))), MAX_ROOM);
    let person = match &user.id {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    let role = match (moderates, &person) {
        (true, _) => TicketRole::Moderator,
        (false, Some(_)) => TicketRole::Member,
        // Without an id nobody is known, so the door decides: who was removed would only get another token.
        (false, None) => TicketRole::Guest,
    };
    let unidentified = person.is_none();
    let person = match person {
        Some(person) => kept_id(&person)?,
        // The same token is the same person all the same.
        None => format!("token {}", fingerprint(token)),
    };
    Some(JitsiPass {
        school,
        external: format!("jitsi:{id}:{name}"),
        title,
        name: user.name.as_str().and_then(clean),
        user: UserId::of_jitsi(id, &person),
        role,
        unidentified,
    })
}

fn verified(app: &JitsiApp, token: &str) -> Option<Claims> {
    let mut validation = Validation::new(match app.algorithm {
        JitsiAlgorithm::HS256 => Algorithm::HS256,
        JitsiAlgorithm::RS256 => Algorithm::RS256,
    });
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.validate_aud = false;
    validation.validate_exp = false;
    validation.validate_nbf = false;
    // Time is compared with our own clock by the caller.
    let key = app.decoding_key()?;
    jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .ok()
        .map(|token| token.claims)
}

/// A room's name behind the tenant's.
fn last(room: &str) -> &str {
    room.rsplit('/').next().unwrap_or(room)
}

/// A name as it was written before someone encoded it for an address. A plus sign is a space only beside other signs of
/// that encoding: there is a language of that name.
fn decoded(room: &str) -> String {
    let spaced = room.replace('+', " ");
    let read = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .ok()
            .filter(|read| *read != *text)
            .map(std::borrow::Cow::into_owned)
    };
    // `read` gives nothing where nothing is encoded.
    read(&spaced).unwrap_or_else(|| room.to_owned())
}

/// Jitsi compares names of rooms in lower case.
fn jitsi_name(room: &str) -> Option<String> {
    let name: String = decoded(last(room)).trim().to_lowercase().nfc().collect();
    let fits = !name.is_empty() && name.len() <= MAX_ROOM && !name.chars().any(char::is_control);
    fits.then_some(name)
}
