//! Accounts of a school: who has one, a new one, locked ones, and the link by which somebody chooses a password.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::contract_documents::DocumentFile;
use super::teacher_imports::{AskedLanguage, not_invited};
use super::teachers::{changeable, must_be_of_another};
use crate::accounts::staff::{self, NoContract, NotMade};
use crate::accounts::{NotInvited, paper_link, password_purpose};
use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::given;
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::mail::{NotTaken, SharedMailer};
use crate::openid::SignInProvider;
use crate::state::sub_state;
use crate::store::{LinkPurpose, ListedAccount, Record, SharedStore, User, UserRole};
use crate::teacher_imports::credentials::Credential;
use crate::teacher_imports::letters::letters;

sub_state! {
    /// What handlers of accounts reach.
    pub struct TeacherAccounts {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        mailer: SharedMailer,
    }
}

/// Whether somebody looks after the school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TeacherRole {
    /// Looks after the school, and has rooms.
    SchoolAdmin,
    /// Has rooms.
    Moderator,
}

impl From<TeacherRole> for UserRole {
    fn from(role: TeacherRole) -> Self {
        match role {
            TeacherRole::SchoolAdmin => Self::SchoolAdmin,
            TeacherRole::Moderator => Self::Moderator,
        }
    }
}

/// An account of a school.
#[derive(Serialize, ToSchema)]
pub struct Teacher {
    id: String,
    name: String,
    username: String,
    /// Where mails reach them; `null` where none is known.
    email: Option<String>,
    role: TeacherRole,
    /// Whether they have chosen a password.
    has_password: bool,
    /// Whether a sign-in provider made it: it opens the account, which gets no password, and says who administers the school.
    made_by_provider: bool,
    has_second_factor: bool,
    /// Since when it is locked. Milliseconds since the Unix epoch.
    locked_at: Option<i64>,
    /// Rooms of theirs.
    rooms: u64,
    /// `null` where it was not noted. Milliseconds since the Unix epoch.
    created_at: Option<i64>,
}

impl From<ListedAccount> for Teacher {
    fn from(listed: ListedAccount) -> Self {
        let ListedAccount { user, .. } = listed;
        Self {
            role: match user.role {
                UserRole::SchoolAdmin => TeacherRole::SchoolAdmin,
                _ => TeacherRole::Moderator,
            },
            has_password: user.password_hash().is_some(),
            id: user.id,
            name: user.name,
            username: user.username,
            email: user.email.map(|email| email.to_string()),
            made_by_provider: listed.made_by_provider,
            has_second_factor: listed.has_second_factor,
            locked_at: listed.locked_at,
            rooms: listed.rooms,
            created_at: Some(user.created_at).filter(|at| *at > 0),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct TeacherList {
    teachers: Vec<Teacher>,
    /// `after` of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeacher {
    name: given::PersonName,
    /// Without one, the link for the password comes as a letter.
    #[serde(default)]
    #[schema(max_length = 254)]
    email: Option<String>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TeacherChange {
    /// Who is locked leaves all sessions and conferences at once. The rooms stay.
    locked: Option<bool>,
    /// For people alone, not for keys; and not of oneself.
    role: Option<TeacherRole>,
}

/// How a letter or a mail to one person is.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LanguageAsked {
    /// `de` (when absent) or `en`.
    #[serde(default)]
    #[param(inline)]
    language: Option<AskedLanguage>,
}

impl From<NotMade> for Problem {
    fn from(not_made: NotMade) -> Self {
        match not_made {
            NotMade::NoContract => Problem::no_contract(),
            NotMade::AddressTaken => Problem::address_taken(),
            NotMade::TooMany => Problem::too_many_accounts(),
            NotMade::NoName => Problem::not_now("All user names for this person are taken."),
            NotMade::Store(error) => error.into(),
        }
    }
}

async fn noted(
    app: &TeacherAccounts,
    caller: &Caller,
    action: Action,
    user: &User,
) -> Result<(), Problem> {
    let (now, by) = (app.clock.now(), caller.as_actor());
    audit::note(&app.store, now, &by, Some(&user.school), (action, &user.id)).await?;
    Ok(())
}

async fn listed(app: &TeacherAccounts, id: &str) -> Result<Teacher, Problem> {
    let listed = app.store.listed_account(id).await?;
    listed.map(Teacher::from).ok_or_else(Problem::not_found)
}

/// The accounts of a school
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/teachers", operation_id = "list_teachers", tag = "teachers",
    params(("school_id" = String, Path), Page),
    responses((status = 200, body = TeacherList), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn list(
    State(app): State<TeacherAccounts>,
    caller: Caller,
    Path(school_id): Path<String>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<TeacherList>, Problem> {
    let school = caller.school(&app.store, &school_id, Scope::TeachersRead);
    let school = school.await?;
    let limit = page.limit()?;
    let after = page.after.as_deref();
    let mut accounts = app
        .store
        .accounts_of_school(&school.id, after, limit + 1)
        .await?;
    let next = next(&mut accounts, limit, |listed| &listed.user.id);
    let teachers = accounts.into_iter().map(Teacher::from).collect();
    Ok(Json(TeacherList { teachers, next }))
}

/// Make an account for a teacher, who chooses the password by a link
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teachers", operation_id = "create_teacher",
    extensions(("x-repetition" = json!("refusal"))), tag = "teachers",
    request_body = NewTeacher, params(("school_id" = String, Path)),
    responses(
        (status = 201, body = Teacher),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`address_taken`; `too_many`"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn create(
    State(app): State<TeacherAccounts>,
    caller: Caller,
    Path(school_id): Path<String>,
    Body(new): Body<NewTeacher>,
) -> Result<(StatusCode, Json<Teacher>), Problem> {
    let school = caller.school(&app.store, &school_id, Scope::TeachersWrite);
    let school = school.await?;
    let name = String::from(new.name.read("name")?);
    let email = match new.email.filter(|email| !email.trim().is_empty()) {
        Some(email) => {
            let email = email.parse::<crate::email_address::EmailAddress>();
            let email = email.map_err(|error| Problem::invalid(format!("email: {error}.")))?;
            if !app.store.address_domains(&school).await?.permit(&email) {
                return Err(Problem::invalid(
                    "email: it is of none of the school's domains, or of another school's.",
                ));
            }
            Some(email)
        }
        None => None,
    };
    let user = staff::add(&app.store, app.clock.now(), &school.id, (&name, email)).await?;
    noted(&app, &caller, Action::TeacherMade, &user).await?;
    Ok((StatusCode::CREATED, Json(listed(&app, &user.id).await?)))
}

/// At the next sign-in an account follows the provider that made it: a change here would be gone without a word.
async fn must_be_decided_here(app: &TeacherAccounts, user: &User) -> Result<(), Problem> {
    let Some(provider) = app.store.provider_that_made(&user.id).await? else {
        return Ok(());
    };
    let provider = Record::<SignInProvider>::get(&app.store, &provider).await?;
    Err(Problem::not_now(
        match provider.and_then(|provider| provider.data.claims.role) {
            Some(claim) => format!(
                "A sign-in provider made the account, and its claim {claim} says the role at each sign-in. Change it at the provider."
            ),
            None => "A sign-in provider made the account, and without a claim for roles whoever it lets in is a teacher. Set `claims.role` of the provider.".to_owned(),
        },
    ))
}

/// Lock or unlock an account, or change whether it looks after the school
#[utoipa::path(
    patch, path = "/api/v1/schools/{school_id}/teachers/{id}", operation_id = "change_teacher", tag = "teachers",
    request_body = TeacherChange, params(("school_id" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, body = Teacher),
        (status = 403, body = Problem, description = "`no_contract`: nothing is unlocked then; `not_permitted`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: nobody does this to themselves; or a provider made the account, and says its role"),
    )
)]
pub async fn change(
    State(app): State<TeacherAccounts>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    Body(change): Body<TeacherChange>,
) -> Result<Json<Teacher>, Problem> {
    let user = changeable(&app.store, &caller, (&school_id, &id)).await?;
    if change.locked == Some(true) || change.role.is_some() {
        must_be_of_another(&caller, &user)?;
    }
    if change.role.is_some() {
        caller.person()?;
        must_be_decided_here(&app, &user).await?;
    }
    // What may be refused comes first: all of a change is made, or nothing of it.
    if let Some(locked) = change.locked {
        let set = staff::set_locked(&app.store, app.clock.now(), &user, locked);
        set.await?.map_err(|NoContract| Problem::no_contract())?;
        let action = if locked {
            Action::TeacherLocked
        } else {
            Action::TeacherUnlocked
        };
        noted(&app, &caller, action, &user).await?;
    }
    if let Some(role) = change.role {
        app.store.set_role(&user.id, role.into()).await?;
        noted(&app, &caller, Action::TeacherRoleChanged, &user).await?;
    }
    Ok(Json(listed(&app, &user.id).await?))
}

/// Mail somebody a one-time link for their password; former links are over
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teachers/{id}/mail", operation_id = "mail_password_link", tag = "teachers",
    params(("school_id" = String, Path), ("id" = String, Path), LanguageAsked),
    responses(
        (status = 204),
        (status = 403, body = Problem, description = "`no_contract`; `not_permitted`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`no_mail`: this server sends no mail; `not_now`: the account has no address, or a provider opens it, or it got several links within the hour"),
    )
)]
pub async fn mail(
    State(app): State<TeacherAccounts>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    QueryParams(asked): QueryParams<LanguageAsked>,
) -> Result<StatusCode, Problem> {
    let user = changeable(&app.store, &caller, (&school_id, &id)).await?;
    if !app.mailer.is_set_up() {
        return Err(Problem::no_mail());
    }
    let (now, language) = (app.clock.now(), asked.language.into());
    let mailed = staff::mail_password_link(&app.store, &app.mailer, now, &user, language);
    mailed.await.map_err(|error| match error {
        NotInvited::NoAddress => Problem::not_now("The account has no address. Print a letter."),
        NotInvited::Mail(NotTaken::TooMany) => {
            Problem::not_now(
                "The account got several links within the hour, by mail or letter. Use the last one, print a letter, which ends all former ones, or try again in an hour.",
            )
        }
        error => not_invited(error),
    })?;
    noted(&app, &caller, Action::TeacherLinked, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A letter with a one-time link by which somebody chooses a password; former links are over
///
/// The link to a first password is valid for 14 days, that to another password of an account in use for an hour. The latter is for
/// people alone, not for keys.
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/teachers/{id}/letter", operation_id = "print_password_letter", tag = "teachers",
    params(("school_id" = String, Path), ("id" = String, Path), LanguageAsked),
    responses(
        (status = 200, content_type = "application/pdf", body = DocumentFile),
        (status = 403, body = Problem, description = "`no_contract`; `not_permitted`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: a provider opens the account"),
    )
)]
pub async fn letter(
    State(app): State<TeacherAccounts>,
    caller: Caller,
    Path((school_id, id)): Path<(String, String)>,
    QueryParams(asked): QueryParams<LanguageAsked>,
) -> Result<Response, Problem> {
    let user = changeable(&app.store, &caller, (&school_id, &id)).await?;
    let school = app.store.school(&user.school).await?;
    let school = school.ok_or_else(Problem::not_found)?.name;
    let purpose = password_purpose(&app.store, &user).await?;
    if purpose == LinkPurpose::PasswordReset {
        // A key that could print it would have every account of the school.
        caller.person()?;
    }
    let (now, language) = (app.clock.now(), asked.language.into());
    let link = paper_link(&app.store, &app.public_url, now, &user, purpose).await;
    let link = link.map_err(not_invited)?;
    noted(&app, &caller, Action::TeacherLinked, &user).await?;
    let credential = Credential {
        number: 1,
        name: user.name,
        username: user.username,
        link,
        purpose,
    };
    let server = app.public_url.to_string();
    let pdf =
        tokio::task::spawn_blocking(move || letters(&school, &server, language, &[credential]));
    let pdf = pdf.await.map_err(|error| Problem::internal(&error))?;
    let pdf = pdf.map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"letter.pdf\"",
        ),
    ];
    Ok((headers, pdf).into_response())
}
