//! Jitsi's tokens: pages and plug-ins that embedded a Jitsi room move over with the tokens that they make already.
//!
//! Claims as prosody's `token_verification` reads them: `iss` the app id, `room` a room or `*`, `aud`, `exp`, and
//! `context.user`. Tokens for hosted Jitsi have `iss` "chat" and the app id in `sub`; they are always signed by RS256.
//! Each app has one algorithm and one key; a token cannot choose.

use jsonwebtoken::{Algorithm, Validation};
use kmz_meet_core::room::{clean, room_name, text};
use lti_bridge::{NumericDate, json, kept_id};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::app::{JitsiAlgorithm, JitsiApp, LEEWAY};
use crate::credentials::{Ticket, TicketRole, fingerprint};
use crate::state::App;
use crate::store::{Origin, Record, Room, StoreError, Taken};
use kmz_meet_core::signal::Policy;

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
    #[serde(default, deserialize_with = "json::object")]
    context: Option<Context>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    #[serde(deserialize_with = "json::object")]
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
    Ticket(Ticket),
    /// It is right, and its time has not come.
    NotYet,
    /// It is right, and apps of more than one school say that it is theirs.
    Disputed,
    Wrong,
}

/// What a token says about a person in a room of this name, as a ticket. The room is made when a moderator asks for it.
///
/// # Errors
/// When the store fails.
pub async fn ticket(app: &App, token: &str, room: &str) -> Result<JitsiToken, StoreError> {
    let Some((id, hosted)) = Some(token)
        .filter(|token| token.len() <= MAX_TOKEN)
        .and_then(app_id)
    else {
        return Ok(JitsiToken::Wrong);
    };
    // Several schools may have an app of this id. Whose token it is its signature tells.
    let verifying = JitsiApp::called(&app.store, &id)
        .await?
        .into_iter()
        .filter_map(|record| Some((verified(&record.data, token)?, record)));
    let (claims, record) = match whose(verifying.collect()) {
        Whose::One(found) => *found,
        Whose::Nobody => return Ok(JitsiToken::Wrong),
        Whose::Disputed(first, second) => {
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
    let ticket = of_claims(
        app,
        &record,
        &claims,
        &Asked {
            token,
            room,
            id,
            hosted,
        },
    )
    .await?;
    Ok(ticket.map_or(JitsiToken::Wrong, JitsiToken::Ticket))
}

/// To which app a token belongs.
enum Whose {
    One(Box<(Claims, Record<JitsiApp>)>),
    Nobody,
    /// Two of these, of different schools.
    Disputed(String, String),
}

/// Of the apps that verify a token the oldest, where all are of one school. Whoever showed that they can sign comes before
/// those who did not: a public key anybody may have copied.
fn whose(mut verifying: Vec<(Claims, Record<JitsiApp>)>) -> Whose {
    if verifying.iter().any(|(_, one)| one.data.is_proven()) {
        verifying.retain(|(_, one)| one.data.is_proven());
    }
    let Some((_, first)) = verifying.first() else {
        return Whose::Nobody;
    };
    let others = verifying.iter().find(|(_, one)| one.school != first.school);
    match others {
        Some((_, other)) => Whose::Disputed(first.id.clone(), other.id.clone()),
        None => Whose::One(Box::new(verifying.swap_remove(0))),
    }
}

/// What someone came with.
struct Asked<'a> {
    token: &'a str,
    room: &'a str,
    /// The app.
    id: String,
    hosted: bool,
}

async fn of_claims(
    app: &App,
    record: &Record<JitsiApp>,
    claims: &Claims,
    asked: &Asked<'_>,
) -> Result<Option<Ticket>, StoreError> {
    let Asked {
        token,
        room,
        id,
        hosted,
    } = asked;
    let Some(school) = record.school.clone() else {
        return Ok(None);
    };
    let named = if *hosted {
        claims.iss == HOSTED && claims.sub.as_str() == Some(id.as_str())
    } else {
        claims.iss == *id
    };
    if !named {
        return Ok(None);
    }
    let Some(name) = jitsi_name(room) else {
        return Ok(None);
    };
    if claims.room != "*" && jitsi_name(&claims.room).as_deref() != Some(name.as_str()) {
        return Ok(None);
    }
    let user = claims.context.as_ref().and_then(|one| one.user.clone());
    let user = user.unwrap_or_default();
    let moderates = is_true(&claims.moderator)
        || is_true(&user.moderator)
        || user.affiliation.as_str() == Some("owner");
    let external = format!("jitsi:{id}:{name}");
    let found = app
        .store
        .room_by_external(&school, Origin::Api, &external)
        .await?;
    // As the app wrote it, unless it lets into all rooms.
    let title = Some(claims.room.as_str()).filter(|room| *room != "*");
    let title = text::line(&decoded(last(title.unwrap_or(room))), MAX_ROOM);
    let room = match found {
        Some(room) => room,
        None if moderates => match new_room(app, &school, title, &external).await? {
            Some(room) => room,
            None => return Ok(None),
        },
        None => return Ok(None),
    };
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
    let anonymous = person.is_none();
    let person = match person {
        Some(person) => kept_id(&person),
        // The same token is the same person all the same.
        None => Some(format!("token {}", fingerprint(token))),
    };
    let Some(person) = person else {
        return Ok(None);
    };
    Ok(Some(Ticket {
        room: room.id,
        user: format!("jitsi:{id}:{person}"),
        name: user.name.as_str().and_then(clean),
        role,
        anonymous,
        starts: moderates,
        meeting: None,
        leave: None,
    }))
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

async fn new_room(
    app: &App,
    school: &str,
    title: Option<String>,
    external: &str,
) -> Result<Option<Room>, StoreError> {
    let room = Room {
        id: Uuid::new_v4().to_string(),
        school: school.to_owned(),
        owner: None,
        name: room_name::propose(),
        title,
        welcome: None,
        origin: Origin::Api,
        external: Some(external.to_owned()),
        policy: Policy {
            capacity: Policy::default().capacity.min(app.config.capacity),
            ..Policy::default()
        },
        password: None,
        created_at: app.clock.now(),
    };
    match app.store.add_room(&room).await? {
        Ok(()) => Ok(Some(room)),
        // Someone else was first.
        Err(Taken) => {
            app.store
                .room_by_external(school, Origin::Api, external)
                .await
        }
    }
}
