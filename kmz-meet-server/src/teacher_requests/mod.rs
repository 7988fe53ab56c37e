//! Teachers who ask for an account: their address is proved by a mailed link, the school's administrator or an operator
//! decides, and only then there is an account.
//!
//! Strangers learn nothing by asking: whoever has an account already, asks too often, or has an address of another domain, gets
//! the same answer as everybody else.

mod mails;
mod proof;
mod register;

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

pub use crate::store::{KeptRequest, RequestState};
pub use mails::{Mail, send};
pub(crate) use proof::FOLDER as PROOFS_FOLDER;
pub use proof::{MAX_PROOF_BYTES, NoProof, ProofKind, Proofs};
pub use register::{NoRegister, Register};

use crate::audit::{self, Action, Actor};
use crate::clock::{Timestamp, millis};
use crate::credentials::{fingerprint, random_token};
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::limits::FilePlaces;
use crate::limits::rate::{Rate, RateLimiter};
use crate::schools::may_open;
use crate::store::{
    AuditEntry, Database, Decision, NotMade, RequestBounds, School, StoreError, User, UserRole,
};
use crate::usernames;

/// For so long a request is kept, decided or not.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// Limits count what was asked in this time.
const DAY: Duration = Duration::from_hours(24);
/// Requests for one address in a day: who mistypes, asks again.
pub const MAX_OF_ADDRESS: u64 = 3;
/// Requests at one school in a day from people who proved their address: a large school whose teachers all come at once.
pub const MAX_OF_SCHOOL: u64 = 300;
/// Requests at one school in a day that prove nothing. They take no place of those above: anybody can make them.
pub const MAX_UNCONFIRMED_OF_SCHOOL: u64 = 3_000;
/// Names that are tried for one person.
const MAX_NAMES: u32 = 40;
/// What an administrator says, and what a teacher answers.
pub const MAX_NOTE_CHARS: usize = 1_000;

/// What somebody asks for.
pub struct NewRequest<'a> {
    pub school: &'a School,
    /// As a display name.
    pub name: &'a str,
    pub email: &'a EmailAddress,
    pub language: Language,
}

/// Why something is not done with a request.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the school has no data-processing agreement that holds now")]
    NoContract,
    #[error("the request was decided already")]
    NotNow,
    #[error("there is an account with this address")]
    AddressTaken,
    #[error("the school has as many accounts as it may have")]
    TooMany,
    #[error(transparent)]
    Proof(#[from] NoProof),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Notes a request, and gives it with the mail that is to be sent, if any.
///
/// # Errors
/// When the store fails.
pub async fn ask(
    store: &Database,
    now: Timestamp,
    register: &Register,
    asked: &NewRequest<'_>,
) -> Result<Option<(KeptRequest, Mail)>, StoreError> {
    let NewRequest { school, email, .. } = asked;
    let domains = store.address_domains(school).await?;
    if may_open(store, now, &school.id).await?.is_none() || !domains.permit(email) {
        return Ok(None);
    }
    let known = store.schools_of_addresses(&[*email]).await?;
    let token = random_token::<32>();
    let has_account = !known.is_empty();
    let request = KeptRequest {
        id: Uuid::now_v7().to_string(),
        school: school.id.clone(),
        state: RequestState::Unconfirmed,
        name: asked.name.to_owned(),
        email: email.to_string(),
        language: asked.language.tag().to_owned(),
        // It is counted all the same.
        token_hash: (!has_account).then(|| fingerprint(&token)),
        proof: None,
        known: register.knows(email),
        note: None,
        answer: None,
        decided_by: None,
        created_at: now,
        confirmed_at: None,
        expires_at: now + millis(mails::UNCONFIRMED),
        user: None,
    };
    let most = RequestBounds {
        since: now - millis(DAY),
        of_address: MAX_OF_ADDRESS,
        confirmed: MAX_OF_SCHOOL,
        unconfirmed: MAX_UNCONFIRMED_OF_SCHOOL,
    };
    if !store.add_teacher_request(&request, most).await? {
        return Ok(None);
    }
    let mail = if has_account {
        Mail::HasAccount
    } else {
        Mail::ConfirmAddress { token }
    };
    Ok(Some((request, mail)))
}

/// The request that this link was mailed for.
///
/// # Errors
/// When the store fails.
pub async fn by_token(
    store: &Database,
    now: Timestamp,
    token: &str,
) -> Result<Option<KeptRequest>, StoreError> {
    store
        .teacher_request_by_token(&fingerprint(token), now)
        .await
}

/// The address is proved: from now on somebody has to decide. To prove it again changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn confirm(
    store: &Database,
    now: Timestamp,
    request: &KeptRequest,
) -> Result<KeptRequest, StoreError> {
    let expires_at = now + millis(KEPT);
    let confirmed = store
        .confirm_teacher_request(&request.id, now, expires_at)
        .await?;
    Ok(if confirmed {
        KeptRequest {
            state: RequestState::Waiting,
            confirmed_at: Some(now),
            expires_at,
            ..request.clone()
        }
    } else {
        request.clone()
    })
}

/// Adds the file that proves employment, in place of a former one.
///
/// # Errors
/// When it is no such file, or the request was decided.
pub async fn add_proof(
    store: &Database,
    proofs: &Proofs,
    request: &KeptRequest,
    file: Vec<u8>,
) -> Result<(), Refused> {
    may_add_proof(request)?;
    let kind = proofs.keep(&request.id, file).await?;
    if store.set_proof(&request.id, kind.as_str()).await? {
        return Ok(());
    }
    // Somebody decided meanwhile.
    proofs.delete(&request.id).await?;
    Err(Refused::NotNow)
}

/// The file that proves employment. `by` reads it, and is in the log before they have it.
///
/// # Errors
/// When there is none, or the store fails.
pub async fn read_proof(
    store: &Database,
    now: Timestamp,
    proofs: &Proofs,
    request: &KeptRequest,
    by: &Actor,
) -> Result<Vec<u8>, Refused> {
    let file = proofs.read(&request.id).await?;
    let noted = entry(now, by, request, Action::RequestProofRead);
    store.add_audit_entry(&noted).await?;
    Ok(file)
}

/// Of a request that was decided. It stays decided where the disk fails: housekeeping deletes what is left.
async fn delete_proof(proofs: &Proofs, request: &KeptRequest) {
    if let Err(error) = proofs.delete(&request.id).await {
        tracing::warn!(%error, "the proof of a request that was decided is not deleted yet");
    }
}

/// Whether a proof is taken now.
///
/// # Errors
/// When the address is not proved, or the request was decided.
pub fn may_add_proof(request: &KeptRequest) -> Result<(), Refused> {
    if is_open(request.state) {
        Ok(())
    } else {
        Err(Refused::NotNow)
    }
}

/// Notes what the teacher answers to the question, in place of a former answer.
///
/// # Errors
/// When nothing was asked, or the request was decided.
pub async fn answer(store: &Database, request: &KeptRequest, text: &str) -> Result<(), Refused> {
    let changed = store.answer_teacher_request(&request.id, text).await?;
    changed.then_some(()).ok_or(Refused::NotNow)
}

fn is_open(state: RequestState) -> bool {
    matches!(state, RequestState::Waiting | RequestState::AskedBack)
}

/// A line of the log about a request.
fn entry(now: Timestamp, by: &Actor, request: &KeptRequest, action: Action) -> AuditEntry {
    let what = (action, request.id.as_str());
    audit::entry(now, by, Some(&request.school), what)
}

/// Makes the account, and gives the mail that brings its link. `by` decides.
///
/// # Errors
/// When the school has no contract, the request was decided, or somebody has the address by now.
pub async fn accept(
    store: &Database,
    now: Timestamp,
    proofs: &Proofs,
    request: &KeptRequest,
    by: &Actor,
) -> Result<Mail, Refused> {
    let open = may_open(store, now, &request.school).await?;
    let open = open.ok_or(Refused::NoContract)?;
    let email: EmailAddress = request.email.parse().map_err(|_| Refused::NotNow)?;
    if !is_open(request.state) {
        return Err(Refused::NotNow);
    }
    let (first_name, surname) = request.name.rsplit_once(' ').unwrap_or(("", &request.name));
    let name = usernames::of(first_name, surname, Some(&email));
    let noted = entry(now, by, request, Action::RequestAccepted);
    let by = &by.label();
    let decision = Decision { by, noted: &noted };
    for tries in 0..MAX_NAMES {
        let teacher = User {
            id: Uuid::new_v4().to_string(),
            school: request.school.clone(),
            username: usernames::candidate(&name, tries),
            name: request.name.clone(),
            role: UserRole::Moderator,
            password_hash: String::new(),
            email: Some(email.clone()),
            created_at: now,
        };
        let made = store.accept_teacher_request(&open, &request.id, &teacher, &decision);
        match made.await? {
            Ok(()) => {
                delete_proof(proofs, request).await;
                return Ok(Mail::Accepted {
                    user: Box::new(teacher),
                });
            }
            Err(NotMade::UsernameTaken) => {}
            Err(NotMade::AddressTaken) => return Err(Refused::AddressTaken),
            Err(NotMade::Already) => return Err(Refused::NotNow),
            Err(NotMade::TooMany) => return Err(Refused::TooMany),
        }
    }
    Err(Refused::NotNow)
}

/// Asks the teacher something.
///
/// # Errors
/// When the request was decided.
pub async fn ask_back(
    store: &Database,
    now: Timestamp,
    request: &KeptRequest,
    question: &str,
    by: &Actor,
) -> Result<Mail, Refused> {
    // The former token is known to nobody here: the mail brings a new one.
    let token = random_token::<32>();
    let hash = fingerprint(&token);
    let noted = entry(now, by, request, Action::RequestAskedBack);
    let by = &by.label();
    let decision = Decision { by, noted: &noted };
    let asked = (question, hash.as_str());
    let changed = store.ask_back(&request.id, asked, &decision).await?;
    changed
        .then(|| Mail::AskedBack {
            question: question.to_owned(),
            token,
        })
        .ok_or(Refused::NotNow)
}

/// Refuses, with the reason. What proved employment is deleted.
///
/// # Errors
/// When the request was decided.
pub async fn refuse(
    store: &Database,
    now: Timestamp,
    proofs: &Proofs,
    request: &KeptRequest,
    reason: &str,
    by: &Actor,
) -> Result<Mail, Refused> {
    let noted = entry(now, by, request, Action::RequestRefused);
    let by = &by.label();
    let decision = Decision { by, noted: &noted };
    if !store
        .refuse_teacher_request(&request.id, reason, &decision)
        .await?
    {
        return Err(Refused::NotNow);
    }
    delete_proof(proofs, request).await;
    Ok(Mail::Refused {
        reason: reason.to_owned(),
    })
}

/// Deletes every proof that nobody waits for: of requests that were decided, whose time is up, or that are gone, and what a crash
/// left behind.
///
/// # Errors
/// When the store or the disk fails. The others are deleted all the same.
pub async fn delete_old_proofs(
    store: &Database,
    now: Timestamp,
    proofs: &Proofs,
) -> Result<(), Refused> {
    let ids = proofs.list().await?;
    let open = store.open_teacher_requests(&ids, now).await?;
    let mut result = Ok(());
    for id in ids.iter().filter(|id| !open.contains(*id)) {
        result = result.and(proofs.delete(id).await);
    }
    proofs.delete_unfinished().await?;
    Ok(result?)
}

/// Requests of one network in a row, and then one in each [`EACH`]: some twenty a day.
const RATE: Rate = Rate {
    at_once: 20,
    each: EACH,
};
const EACH: Duration = Duration::from_mins(72);

/// Proofs that are in memory at the same time.
const MAX_FILES: usize = 4;

/// What a server has for requests beside the store.
pub struct TeacherRequests {
    pub proofs: Proofs,
    /// Places for proofs that are read.
    pub files: FilePlaces,
    pub register: Register,
    networks: Mutex<RateLimiter<IpAddr>>,
}

impl TeacherRequests {
    /// Opens the proofs in the data directory.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(data_dir: &Path) -> std::io::Result<Self> {
        Ok(Self {
            proofs: Proofs::open(data_dir)?,
            files: FilePlaces::new(MAX_FILES),
            register: Register::default(),
            networks: Mutex::default(),
        })
    }

    /// Whether this network may ask once more; if not, when.
    ///
    /// # Errors
    /// How long it has to wait.
    pub fn may_ask(&self, network: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = networks.usage_mut(network, now);
        if usage.try_acquire(RATE, now) {
            return Ok(());
        }
        Err(usage.earliest(RATE, now) - now)
    }
}
