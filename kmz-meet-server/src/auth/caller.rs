//! Who calls the API: a teacher at a browser, a school's integration with a key, or someone with a ticket.

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::session::{Callers, session_of};
use crate::audit::{self, Action, Actor};
use crate::clock::Timestamp;
use crate::credentials::Ticket;
use crate::credentials::api_key::{ApiKey, Scope};
use crate::http::Problem;
use crate::http::page::named_school;
use crate::store::SharedStore;
use crate::store::{Record, Room, School, User, UserRole};

/// The parameter of a path that names a school.
const IN_PATH: &str = "school_id";
/// Longer is no token of ours.
const MAX_TOKEN: usize = 2_048;

/// Who calls.
#[derive(Clone, Debug)]
pub enum Who {
    User(User),
    Key {
        id: String,
        scopes: Vec<Scope>,
    },
    /// A moderator of one room.
    Moderator(Ticket),
}

/// Someone whom the API knows; others get 401.
#[derive(Clone, Debug)]
pub struct Caller {
    /// In which they act: their own or, of an operator, the one that the request names.
    pub school: String,
    pub who: Who,
    /// Whether the request names the school.
    pub names_school: bool,
}

impl Caller {
    /// Whether they may do this at all.
    ///
    /// # Errors
    /// `not_permitted`, with what is missing.
    pub fn may(&self, scope: Scope) -> Result<(), Problem> {
        let permitted = match &self.who {
            Who::Key { scopes, .. } => scopes.contains(&scope),
            Who::User(user) => match user.role {
                UserRole::Operator | UserRole::SchoolAdmin => true,
                UserRole::Moderator => matches!(
                    scope,
                    Scope::RoomsRead
                        | Scope::RoomsWrite
                        | Scope::TicketsWrite
                        | Scope::ConferencesRead
                        | Scope::ConferencesWrite
                        | Scope::AttendanceRead
                        | Scope::AttendanceWrite
                ),
            },
            Who::Moderator(_) => matches!(scope, Scope::AttendanceRead | Scope::AttendanceWrite),
        };
        if permitted {
            Ok(())
        } else {
            Err(Problem::not_permitted(scope))
        }
    }

    /// The operator who calls: what concerns all schools is theirs alone. A role that was taken away ends here, because it is
    /// read with every request.
    ///
    /// # Errors
    /// `not_permitted`.
    pub fn operates(&self) -> Result<&User, Problem> {
        match &self.who {
            Who::User(user) if user.role == UserRole::Operator => Ok(user),
            _ => Err(Problem::operators_only()),
        }
    }

    /// The person who administers, signed in: of their school, or as an operator. What decides who signs in, and how, is for people
    /// alone: a key that leaks must not make administrators.
    ///
    /// # Errors
    /// `not_permitted`.
    pub fn person(&self) -> Result<&User, Problem> {
        match &self.who {
            Who::User(user) if user.role != UserRole::Moderator => Ok(user),
            _ => Err(Problem::people_only()),
        }
    }

    /// Whether they are signed in by this account.
    #[must_use]
    pub fn is(&self, user: &User) -> bool {
        matches!(&self.who, Who::User(by) if by.id == user.id)
    }

    /// The school with this id, in which they act and may do this: the one that the request names. Any other is not found.
    ///
    /// # Errors
    /// `not_permitted`, `not_found`, or when the store fails.
    pub async fn school(
        &self,
        store: &SharedStore,
        id: &str,
        scope: Scope,
    ) -> Result<School, Problem> {
        self.may(scope)?;
        if self.school != id {
            return Err(Problem::not_found());
        }
        store.school(id).await?.ok_or_else(Problem::not_found)
    }

    /// Who did something, as the history of an administrator's action names them: an account, or a key.
    pub fn actor(&self) -> String {
        match &self.who {
            Who::User(user) => user.id.clone(),
            _ => self.name(),
        }
    }

    /// What they see of the whole service: an operator who names no school sees all of them.
    pub fn one_school(&self) -> Option<&str> {
        let sees_all = self.operates().is_ok() && !self.names_school;
        (!sees_all).then_some(self.school.as_str())
    }

    /// Notes in the log of administrators' actions what they did in the school in which they act.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note(
        &self,
        store: &SharedStore,
        now: Timestamp,
        action: Action,
        target: &str,
    ) -> Result<(), Problem> {
        let what = (action, target);
        audit::note(store, now, &self.as_actor(), Some(&self.school), what).await?;
        Ok(())
    }

    /// As whom the log of administrators' actions has them.
    pub fn as_actor(&self) -> Actor {
        match &self.who {
            Who::User(user) => Actor::Account {
                id: user.id.clone(),
                name: user.name.clone(),
            },
            Who::Key { id, .. } => Actor::Key { id: id.clone() },
            // Moderators of a room administer nothing.
            Who::Moderator(ticket) => Actor::Account {
                id: ticket.identity.user.to_string(),
                name: String::new(),
            },
        }
    }

    /// Acts in the school that a request names. Operators do in every school, others in their own: any other is not found.
    async fn in_school(self, app: &Callers, named: Option<String>) -> Result<Self, Problem> {
        let Some(named) = named else {
            return Ok(self);
        };
        let is_own = named == self.school;
        if !is_own && (self.operates().is_err() || app.store.school(&named).await?.is_none()) {
            return Err(Problem::not_found());
        }
        Ok(Self {
            school: named,
            names_school: true,
            ..self
        })
    }

    /// What tells them from all other callers.
    pub fn name(&self) -> String {
        match &self.who {
            Who::User(user) => audit::user_label(&user.id),
            Who::Key { id, .. } => audit::key_label(id),
            Who::Moderator(ticket) => ticket_name(ticket),
        }
    }

    /// Whether they see the whole school, not only what is their own.
    pub fn sees_school(&self) -> bool {
        match &self.who {
            Who::Key { .. } => true,
            Who::User(user) => user.role != UserRole::Moderator,
            Who::Moderator(_) => false,
        }
    }

    /// Whether a room is theirs to look at.
    pub fn sees(&self, room: &Room) -> bool {
        if room.school != self.school {
            return false;
        }
        match &self.who {
            Who::User(user) if !self.sees_school() => room.owner.as_ref() == Some(&user.id),
            Who::Moderator(ticket) => ticket.room == room.id,
            _ => true,
        }
    }

    /// The room with this id if they see it: what belongs to others is not found.
    ///
    /// # Errors
    /// `not_found`, or when the store fails.
    pub async fn room(&self, store: &SharedStore, id: &str) -> Result<Room, Problem> {
        let (room, _) = self.room_with_version(store, id).await?;
        Ok(room)
    }

    /// The same with the number that a change of it names.
    ///
    /// # Errors
    /// `not_found`, or when the store fails.
    pub async fn room_with_version(
        &self,
        store: &SharedStore,
        id: &str,
    ) -> Result<(Room, i64), Problem> {
        let found = store.room_with_version(id).await?;
        found
            .filter(|(room, _)| self.sees(room))
            .ok_or_else(Problem::not_found)
    }
}

impl<S> FromRequestParts<S> for Caller
where
    Callers: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    /// Who calls is looked for once: what runs before the handler may have asked already.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let app = Callers::from_ref(state);
        let proof = proof_of(&app, parts).await?;
        let caller = proof
            .ok_or_else(Problem::not_signed_in)?
            .caller(&app)
            .await?
            .in_school(&app, school_of(parts).await?)
            .await?;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// The school that a request names: in its path or, where the path has none, in its query.
///
/// # Errors
/// `not_found` when the path is no text; `bad_request` when the query names several, another than the path, or what is no id.
async fn school_of(parts: &mut Parts) -> Result<Option<String>, Problem> {
    let in_path = match RawPathParams::from_request_parts(parts, &()).await {
        Ok(path) => {
            let mut named = path.iter().filter(|(name, _)| *name == IN_PATH);
            named.next().map(|(_, school)| school.to_owned())
        }
        Err(RawPathParamsRejection::MissingPathParams(_)) => None,
        Err(_) => return Err(Problem::not_found()),
    };
    let in_query = named_school(parts.uri.query())?;
    match (in_path, in_query) {
        (Some(path), Some(query)) if path != query => {
            Err(Problem::bad_request("school: the path names another one."))
        }
        (path, query) => Ok(path.or(query)),
    }
}

/// What a request proves, by what it carries alone. What it still permits, the store says.
enum Proof {
    Session(User),
    Key { id: String, school: String },
    Moderator(Ticket),
}

/// The `Authorization: Bearer` token, if there is such a header.
///
/// # Errors
/// `invalid_token` when there is one that is nothing of the kind.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= MAX_TOKEN
        })
        .map(|(_, token)| token.trim());
    match token {
        Some(token) if values.next().is_none() => Ok(Some(token)),
        _ => Err(Problem::invalid_token()),
    }
}

/// `None`: it carries nothing.
///
/// # Errors
/// `invalid_token` when the token is none of ours, or when the store fails.
async fn proof_of(app: &Callers, parts: &mut Parts) -> Result<Option<Proof>, Problem> {
    let Some(token) = bearer(&parts.headers)? else {
        let session = session_of(app, parts).await?;
        return Ok(session.map(|session| Proof::Session(session.user)));
    };
    let now = app.clock.now();
    if let Some((id, school)) = app.api_tokens.verify(token, now) {
        return Ok(Some(Proof::Key { id, school }));
    }
    let ticket = app.tickets.verify(token, now);
    // Attendance is of the school: a substitute moderates the lesson, and reads no lists of former ones.
    let ticket = ticket
        .filter(|ticket| ticket.identity.moderates() && !ticket.identity.user.is_substitute());
    let ticket = ticket.ok_or_else(Problem::invalid_token)?;
    Ok(Some(Proof::Moderator(ticket)))
}

impl Proof {
    /// Who it is, if they may still call.
    async fn caller(self, app: &Callers) -> Result<Caller, Problem> {
        match self {
            Self::Session(user) => Ok(Caller {
                school: user.school.clone(),
                who: Who::User(user),
                names_school: false,
            }),
            Self::Key { id, school } => {
                let now = app.clock.now();
                let key = Record::<ApiKey>::of_school(&app.store, &school, &id).await?;
                let key = key.filter(|key| key.expires_at.is_none_or(|at| at > now));
                let scopes = key.ok_or_else(Problem::invalid_token)?.data.scopes;
                Ok(Caller {
                    school,
                    who: Who::Key { id, scopes },
                    names_school: false,
                })
            }
            Self::Moderator(ticket) => {
                let room = app.store.room(&ticket.room).await?;
                Ok(Caller {
                    school: room.ok_or_else(Problem::invalid_token)?.school,
                    who: Who::Moderator(ticket),
                    names_school: false,
                })
            }
        }
    }
}

/// By what the requests of someone are counted who proved who they are: the same for all tokens of one person. `None`
/// where nothing was proved; what a key or a person may do is looked at later.
pub async fn verified_name(app: &Callers, parts: &mut Parts) -> Option<String> {
    Some(match proof_of(app, parts).await.ok()?? {
        Proof::Session(user) => audit::user_label(&user.id),
        Proof::Key { id, .. } => audit::key_label(&id),
        Proof::Moderator(ticket) => ticket_name(&ticket),
    })
}

fn ticket_name(ticket: &Ticket) -> String {
    format!("ticket {} {}", ticket.room, ticket.identity.user)
}
