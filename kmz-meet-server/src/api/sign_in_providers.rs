//! Providers by which the people of a school sign in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use guarded_http::GuardedClient;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::{Body, object, object_or_null};
use crate::http::page::QueryParams;
use crate::http::path::Path;
use crate::integrations::oidc::{BEGIN, CALLBACK, SIGNED_OUT};
use crate::limits::KeyedLock;
use crate::openid::{
    self, Claims, MAX_PROVIDERS_OF_SCHOOL, Shown, SignInProvider, SigningAlgorithm,
    TooManyProviders, sealed_secret,
};
use crate::sealing::Sealing;
use crate::state::sub_state;
use crate::store::{Record, RecordFilter, SharedStore};

sub_state! {
    /// What handlers of sign-in providers reach.
    pub struct SignInProviders {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        outgoing: GuardedClient,
        sign_in_sealing: Arc<Sealing>,
        shown_providers: Arc<Shown>,
        room_changes: Arc<KeyedLock>,
    }
}

/// Values of a claim that mean something here.
const MAX_VALUES: usize = 20;
/// Asked for where nothing is said.
const USUAL_SCOPE: &str = "profile email";
/// Strangers see so many providers at once; they find others by the name of their school.
const MAX_SHOWN_AT_ONCE: usize = 8;
/// The longest name of a school that is searched for.
const MAX_QUERY_CHARS: usize = 200;

/// What is on a button, in both languages.
#[derive(Serialize, ToSchema)]
pub struct ButtonLabel {
    de: String,
    en: String,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewButtonLabel {
    de: given::Label,
    en: given::Label,
}

/// In which claims the provider says what.
#[derive(Serialize, ToSchema)]
pub struct ClaimNames {
    name: String,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    teachers: Vec<String>,
    administrators: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    schools: Vec<String>,
}

#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewClaimNames {
    /// `name` when absent. Dots lead into objects: `realm_access.roles`.
    name: Option<given::Label>,
    /// `email` when absent. An address counts only where `email_verified` is true, which speaks of `email` alone: that of another
    /// claim is never confirmed.
    address: Option<given::Label>,
    /// Whose values say what somebody is. When absent, whoever the provider lets in is a teacher.
    role: Option<given::Label>,
    /// Values of `role` that make a teacher: a text, or one in a list.
    #[schema(max_items = 20)]
    teachers: Vec<given::ForeignId>,
    /// Values of `role` that make an administrator of the school. There are no operators by a provider.
    #[schema(max_items = 20)]
    administrators: Vec<given::ForeignId>,
    /// Which names the school, where the provider has several.
    school: Option<given::Label>,
    /// Values of `school` that mean this school.
    #[schema(max_items = 20)]
    schools: Vec<given::ForeignId>,
}

/// A provider, without its secret.
#[derive(Serialize, ToSchema)]
pub struct SignInProviderEntry {
    id: String,
    issuer: String,
    client_id: String,
    algorithms: Vec<SigningAlgorithm>,
    scope: String,
    label: ButtonLabel,
    shown: bool,
    makes_accounts: bool,
    links_by_address: bool,
    claims: ClaimNames,
    /// Where people begin, at this server.
    sign_in_url: String,
    /// The provider has to know it as `redirect_uri`.
    redirect_uri: String,
    /// The provider has to know it as `post_logout_redirect_uri`.
    signed_out_uri: String,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct SignInProviderList {
    providers: Vec<SignInProviderEntry>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignInProvider {
    /// The address of the provider, exactly as it calls itself: `/.well-known/openid-configuration` follows it.
    issuer: given::OutgoingAddress,
    client_id: given::ForeignId,
    /// It is never shown again.
    client_secret: given::ForeignId,
    /// How the provider signs ID tokens; `RS256` when absent. Others are refused.
    #[schema(min_items = 1, max_items = 9)]
    algorithms: Option<Vec<SigningAlgorithm>>,
    /// Asked for beside `openid`; `profile email` when absent.
    scope: Option<given::Label>,
    #[serde(deserialize_with = "object")]
    label: NewButtonLabel,
    /// Whether the sign-in page shows it to everybody; true when absent.
    shown: Option<bool>,
    /// Whether who comes for the first time gets an account; true when absent. Only while the contract holds, and only with an
    /// address in one of the school's domains, where it has some.
    makes_accounts: Option<bool>,
    /// Whether a confirmed address is enough to link a teacher's account; false when absent: its holder signs in by the
    /// password once.
    links_by_address: Option<bool>,
    #[serde(default, deserialize_with = "object_or_null")]
    claims: Option<NewClaimNames>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignInProviderChange {
    client_id: Option<given::ForeignId>,
    client_secret: Option<given::ForeignId>,
    #[schema(min_items = 1, max_items = 9)]
    algorithms: Option<Vec<SigningAlgorithm>>,
    scope: Option<given::Label>,
    #[serde(deserialize_with = "object_or_null")]
    label: Option<NewButtonLabel>,
    shown: Option<bool>,
    makes_accounts: Option<bool>,
    links_by_address: Option<bool>,
    /// All of them anew.
    #[serde(deserialize_with = "object_or_null")]
    claims: Option<NewClaimNames>,
}

/// A button of the sign-in page.
#[derive(Serialize, ToSchema)]
pub struct ShownProvider {
    /// The name of the school.
    school: String,
    label: ButtonLabel,
    /// A path of this server. `?next=` and a path is where it leads in the end.
    sign_in_path: String,
}

#[derive(Serialize, ToSchema)]
pub struct ShownProviderList {
    providers: Vec<ShownProvider>,
    /// Whether there are more: search for one.
    more: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShownQuery {
    /// A part of the name of a school or of a button.
    #[serde(default)]
    #[param(max_length = 200)]
    q: Option<String>,
}

fn to_response(app: &SignInProviders, record: Record<SignInProvider>) -> SignInProviderEntry {
    let SignInProvider {
        issuer,
        client_id,
        sealed_secret: _,
        algorithms,
        scopes,
        label_de: de,
        label_en: en,
        shown,
        makes_accounts,
        links_by_address,
        claims,
    } = record.data;
    SignInProviderEntry {
        issuer,
        client_id,
        algorithms,
        scope: scopes.join(" "),
        label: ButtonLabel { de, en },
        shown,
        makes_accounts,
        links_by_address,
        claims: ClaimNames {
            name: claims.name,
            address: claims.address,
            role: claims.role,
            teachers: claims.teachers,
            administrators: claims.administrators,
            school: claims.school,
            schools: claims.schools,
        },
        sign_in_url: format!("{}{BEGIN}/{}", app.public_url, record.id),
        redirect_uri: format!("{}{CALLBACK}", app.public_url),
        signed_out_uri: format!("{}{SIGNED_OUT}", app.public_url),
        created_at: record.created_at,
        id: record.id,
    }
}

fn read_algorithms(
    given: Option<Vec<SigningAlgorithm>>,
) -> Result<Option<Vec<SigningAlgorithm>>, Problem> {
    let Some(given) = given else { return Ok(None) };
    let mut algorithms = Vec::new();
    for one in given {
        if !algorithms.contains(&one) {
            algorithms.push(one);
        }
    }
    if algorithms.is_empty() {
        return Err(Problem::invalid("algorithms: name one at least."));
    }
    Ok(Some(algorithms))
}

fn read_values(given: Vec<given::ForeignId>, field: &str) -> Result<Vec<String>, Problem> {
    if given.len() > MAX_VALUES {
        return Err(Problem::invalid(format!(
            "{field}: there are more than {MAX_VALUES}."
        )));
    }
    let values = given.into_iter();
    values
        .map(|one| one.read(field).map(String::from))
        .collect()
}

fn read_claims(given: NewClaimNames) -> Result<Claims, Problem> {
    let name = |given, field, usual: &str| {
        let given = read(given, field)?.map(String::from);
        Ok::<_, Problem>(given.unwrap_or_else(|| usual.to_owned()))
    };
    let role = read(given.role, "claims.role")?.map(String::from);
    let school = read(given.school, "claims.school")?.map(String::from);
    Ok(Claims {
        name: name(given.name, "claims.name", "name")?,
        address: name(given.address, "claims.address", "email")?,
        role,
        teachers: read_values(given.teachers, "claims.teachers")?,
        administrators: read_values(given.administrators, "claims.administrators")?,
        school,
        schools: read_values(given.schools, "claims.schools")?,
    })
}

fn read_scopes(given: Option<given::Label>) -> Result<Option<Vec<String>>, Problem> {
    let scope = read(given, "scope")?.map(String::from);
    Ok(scope.map(|scope| scopes(&scope)))
}

fn scopes(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| *word != "openid");
    words.map(str::to_owned).collect()
}

fn read_label(given: NewButtonLabel) -> Result<(String, String), Problem> {
    let de = given.de.read("label.de")?.into();
    let en = given.en.read("label.en")?.into();
    Ok((de, en))
}

/// Who signs in by a provider, and as what, is for people alone to decide.
async fn load_changeable(
    app: &SignInProviders,
    caller: &Caller,
    path: &(String, String),
) -> Result<Record<SignInProvider>, Problem> {
    caller.person()?;
    load_visible(app, caller, path).await
}

async fn load_visible(
    app: &SignInProviders,
    caller: &Caller,
    (school, id): &(String, String),
) -> Result<Record<SignInProvider>, Problem> {
    let school = caller
        .school(&app.store, school, Scope::SchoolWrite)
        .await?;
    let provider = Record::<SignInProvider>::of_school(&app.store, &school.id, id).await?;
    provider.ok_or_else(Problem::not_found)
}

async fn note(
    app: &SignInProviders,
    caller: &Caller,
    provider: &Record<SignInProvider>,
    action: Action,
) -> Result<(), Problem> {
    let (by, what) = (caller.as_actor(), (action, provider.id.as_str()));
    let school = provider.school.as_deref();
    audit::note(&app.store, app.clock.now(), &by, school, what).await?;
    Ok(())
}

/// Providers that the sign-in page shows
#[utoipa::path(
    get, path = "/api/v1/sign-in-providers", security(()), tag = "session", params(ShownQuery),
    responses((status = 200, body = ShownProviderList))
)]
pub async fn list_shown(
    State(app): State<SignInProviders>,
    QueryParams(query): QueryParams<ShownQuery>,
) -> Result<Json<ShownProviderList>, Problem> {
    let typed = query.q.unwrap_or_default();
    if typed.chars().count() > MAX_QUERY_CHARS {
        return Err(Problem::bad_request("q: it is too long."));
    }
    let (found, more) = app
        .shown_providers
        .called(&typed, MAX_SHOWN_AT_ONCE)
        .await?;
    let providers = found.into_iter().map(|one| ShownProvider {
        school: one.school,
        label: ButtonLabel {
            de: one.label_de,
            en: one.label_en,
        },
        sign_in_path: format!("{BEGIN}/{}", one.id),
    });
    Ok(Json(ShownProviderList {
        providers: providers.collect(),
        more,
    }))
}

/// The providers by which the school's people sign in
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/sign-in-providers", tag = "sign_in_providers",
    params(("school_id" = String, Path)), responses((status = 200, body = SignInProviderList))
)]
pub async fn list(
    State(app): State<SignInProviders>,
    caller: Caller,
    Path(school): Path<String>,
) -> Result<Json<SignInProviderList>, Problem> {
    let school = caller
        .school(&app.store, &school, Scope::SchoolWrite)
        .await?;
    let filter = RecordFilter {
        school: Some(&school.id),
        limit: MAX_PROVIDERS_OF_SCHOOL,
        ..RecordFilter::default()
    };
    let providers = Record::<SignInProvider>::list(&app.store, filter).await?;
    let providers = providers.into_iter();
    let providers = providers.map(|one| to_response(&app, one)).collect();
    Ok(Json(SignInProviderList { providers }))
}

/// Let the school's people sign in by a provider. For people who administer the school, not for keys
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/sign-in-providers", extensions(("x-repetition" = json!("same_answer"))),
    tag = "sign_in_providers", params(("school_id" = String, Path)), request_body = NewSignInProvider,
    responses(
        (status = 201, body = SignInProviderEntry),
        (status = 403, body = Problem, description = "`not_permitted`"),
        (status = 409, body = Problem, description = "`too_many`: a school has at most five"),
    )
)]
pub async fn create(
    State(app): State<SignInProviders>,
    caller: Caller,
    Path(school): Path<String>,
    Body(new): Body<NewSignInProvider>,
) -> Result<(StatusCode, Json<SignInProviderEntry>), Problem> {
    caller.person()?;
    let school = caller
        .school(&app.store, &school, Scope::SchoolWrite)
        .await?;
    let (label_de, label_en) = read_label(new.label)?;
    let secret = String::from(new.client_secret.read("client_secret")?);
    let data = SignInProvider {
        issuer: new.issuer.text_permitted("issuer", &app.outgoing)?,
        client_id: new.client_id.read("client_id")?.into(),
        sealed_secret: String::new(),
        algorithms: read_algorithms(new.algorithms)?
            .unwrap_or_else(|| vec![SigningAlgorithm::RS256]),
        scopes: read_scopes(new.scope)?.unwrap_or_else(|| scopes(USUAL_SCOPE)),
        label_de,
        label_en,
        shown: new.shown.unwrap_or(true),
        makes_accounts: new.makes_accounts.unwrap_or(true),
        links_by_address: new.links_by_address.unwrap_or(false),
        claims: read_claims(new.claims.unwrap_or_default())?,
    };
    let mut record = Record::new(school.id.clone(), app.clock.now(), data);
    let sealed = sealed_secret(&app.sign_in_sealing, &record.id, &secret);
    record.data.sealed_secret = sealed.map_err(|error| Problem::internal(&error))?;
    let lock = format!("sign-in providers of {}", school.id);
    let _one_at_a_time = app.room_changes.lock(&lock).await;
    match openid::add(&app.store, &caller.actor(), record).await? {
        Ok(record) => {
            note(&app, &caller, &record, Action::ProviderMade).await?;
            app.shown_providers.forget();
            Ok((StatusCode::CREATED, Json(to_response(&app, record))))
        }
        Err(TooManyProviders) => Err(Problem::too_many(format!(
            "The school has {MAX_PROVIDERS_OF_SCHOOL} providers already. Delete one that is not needed any more."
        ))),
    }
}

/// A provider
#[utoipa::path(
    get, path = "/api/v1/schools/{school_id}/sign-in-providers/{id}", tag = "sign_in_providers",
    params(("school_id" = String, Path), ("id" = String, Path)), responses((status = 200, body = SignInProviderEntry))
)]
pub async fn show(
    State(app): State<SignInProviders>,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<Json<SignInProviderEntry>, Problem> {
    let record = load_visible(&app, &caller, &path).await?;
    Ok(Json(to_response(&app, record)))
}

/// Change a provider. Its issuer stays: another one is another provider
#[utoipa::path(
    patch, path = "/api/v1/schools/{school_id}/sign-in-providers/{id}", tag = "sign_in_providers",
    params(("school_id" = String, Path), ("id" = String, Path)), request_body = SignInProviderChange,
    responses((status = 200, body = SignInProviderEntry))
)]
pub async fn change(
    State(app): State<SignInProviders>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Body(change): Body<SignInProviderChange>,
) -> Result<Json<SignInProviderEntry>, Problem> {
    let record = load_changeable(&app, &caller, &path).await?;
    let client_id = read(change.client_id, "client_id")?.map(String::from);
    let secret = read(change.client_secret, "client_secret")?.map(String::from);
    let sealed = secret.map(|secret| sealed_secret(&app.sign_in_sealing, &record.id, &secret));
    let sealed = sealed
        .transpose()
        .map_err(|error| Problem::internal(&error))?;
    let algorithms = read_algorithms(change.algorithms)?;
    let scopes = read_scopes(change.scope)?;
    let label = change.label.map(read_label).transpose()?;
    let claims = change.claims.map(read_claims).transpose()?;
    let set = |provider: &mut SignInProvider| {
        replace(&mut provider.client_id, client_id.as_ref());
        replace(&mut provider.sealed_secret, sealed.as_ref());
        replace(&mut provider.algorithms, algorithms.as_ref());
        replace(&mut provider.scopes, scopes.as_ref());
        replace(&mut provider.label_de, label.as_ref().map(|(de, _)| de));
        replace(&mut provider.label_en, label.as_ref().map(|(_, en)| en));
        replace(&mut provider.shown, change.shown.as_ref());
        replace(&mut provider.makes_accounts, change.makes_accounts.as_ref());
        replace(
            &mut provider.links_by_address,
            change.links_by_address.as_ref(),
        );
        replace(&mut provider.claims, claims.as_ref());
    };
    let changed = openid::change(&app.store, &caller.actor(), &record.id, set).await?;
    app.shown_providers.forget();
    let changed = changed.ok_or_else(Problem::not_found)?;
    note(&app, &caller, &changed, Action::ProviderChanged).await?;
    Ok(Json(to_response(&app, changed)))
}

fn replace<T: Clone>(former: &mut T, given: Option<&T>) {
    if let Some(given) = given {
        former.clone_from(given);
    }
}

/// Nobody signs in by this provider any more; the accounts stay
#[utoipa::path(
    delete, path = "/api/v1/schools/{school_id}/sign-in-providers/{id}", tag = "sign_in_providers",
    params(("school_id" = String, Path), ("id" = String, Path)), responses((status = 204))
)]
pub async fn delete(
    State(app): State<SignInProviders>,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let record = load_changeable(&app, &caller, &path).await?;
    openid::delete(&app.store, &caller.actor(), &record).await?;
    note(&app, &caller, &record, Action::ProviderDeleted).await?;
    app.shown_providers.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Unlink an account from what a provider calls its holder: whoever comes next is linked anew
#[utoipa::path(
    delete, path = "/api/v1/schools/{school_id}/sign-in-providers/{id}/links/{user_id}", tag = "sign_in_providers",
    params(("school_id" = String, Path), ("id" = String, Path), ("user_id" = String, Path)),
    responses((status = 204))
)]
pub async fn unlink(
    State(app): State<SignInProviders>,
    caller: Caller,
    Path((school, id, user)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let record = load_changeable(&app, &caller, &(school, id)).await?;
    if openid::unlink(&app.store, &caller.actor(), &record, &user).await? {
        note(&app, &caller, &record, Action::ProviderUnlinked).await?;
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found())
    }
}
