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
pub use proof::{MAX_PROOF_BYTES, NoProof, ProofKind, Proofs};
pub use register::{NoRegister, Register};

use crate::clock::{Timestamp, millis};
use crate::credentials::{fingerprint, random_token};
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::limits::rate::{Rate, RateLimiter};
use crate::schools::may_open;
use crate::store::{Database, NotMade, School, StoreError, User, UserRole};
use crate::teacher_lists::is_of;
use crate::usernames;

/// For so long a request is kept, decided or not.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// Limits count what was asked in this time.
const DAY: Duration = Duration::from_hours(24);
/// Requests for one address in a day: who mistypes, asks again.
pub const MAX_OF_ADDRESS: u64 = 3;
/// Requests at one school in a day: a large school whose teachers all come at once.
pub const MAX_OF_SCHOOL: u64 = 300;
/// Names that are tried for one person.
const MAX_NAMES: u32 = 40;
/// What an administrator says.
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
    let domains = &school.domains;
    if may_open(store, now, &school.id).await?.is_none()
        || (!domains.is_empty() && !is_of(email, domains))
    {
        return Ok(None);
    }
    let place = (school.id.as_str(), email.as_str());
    let (of_address, of_school) = store
        .count_teacher_requests(place, now - millis(DAY))
        .await?;
    if of_address >= MAX_OF_ADDRESS || of_school >= MAX_OF_SCHOOL {
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
        decided_by: None,
        created_at: now,
        confirmed_at: None,
        expires_at: now + millis(mails::UNCONFIRMED),
    };
    store.add_teacher_request(&request).await?;
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
    let confirmed = KeptRequest {
        state: RequestState::Waiting,
        confirmed_at: Some(now),
        expires_at: now + millis(KEPT),
        ..request.clone()
    };
    let from = RequestState::Unconfirmed;
    let changed = request.state == from && store.change_teacher_request(&confirmed, from).await?;
    Ok(if changed { confirmed } else { request.clone() })
}

/// Adds the file that proves employment, in place of a former one.
///
/// # Errors
/// When it is no such file, or the request was decided.
pub async fn add_proof(
    store: &Database,
    proofs: &Proofs,
    request: &KeptRequest,
    file: &[u8],
) -> Result<(), Refused> {
    if !is_open(request.state) {
        return Err(Refused::NotNow);
    }
    let kind = proofs.keep(&request.id, file)?;
    let with = KeptRequest {
        proof: Some(kind.as_str().to_owned()),
        state: RequestState::Waiting,
        ..request.clone()
    };
    if store.change_teacher_request(&with, request.state).await? {
        return Ok(());
    }
    proofs.delete(&request.id)?;
    Err(Refused::NotNow)
}

fn is_open(state: RequestState) -> bool {
    matches!(state, RequestState::Waiting | RequestState::AskedBack)
}

/// Makes the account, and gives the mail that brings its link. `by` is the account of who decides.
///
/// # Errors
/// When the school has no contract, the request was decided, or somebody has the address by now.
pub async fn accept(
    store: &Database,
    now: Timestamp,
    proofs: &Proofs,
    request: &KeptRequest,
    by: &str,
) -> Result<Mail, Refused> {
    let open = may_open(store, now, &request.school).await?;
    let open = open.ok_or(Refused::NoContract)?;
    let email: EmailAddress = request.email.parse().map_err(|_| Refused::NotNow)?;
    if !is_open(request.state) {
        return Err(Refused::NotNow);
    }
    let (first_name, surname) = request.name.rsplit_once(' ').unwrap_or(("", &request.name));
    let name = usernames::of(first_name, surname, Some(&email));
    let accepted = KeptRequest {
        state: RequestState::Accepted,
        decided_by: Some(by.to_owned()),
        proof: None,
        token_hash: None,
        ..request.clone()
    };
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
        let made = store.accept_teacher_request(&open, &accepted, request.state, (&teacher, now));
        match made.await? {
            Ok(()) => {
                proofs.delete(&request.id)?;
                return Ok(Mail::Accepted {
                    user: Box::new(teacher),
                });
            }
            Err(NotMade::UsernameTaken) => {}
            Err(NotMade::AddressTaken) => return Err(Refused::AddressTaken),
            Err(NotMade::Already) => return Err(Refused::NotNow),
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
    request: &KeptRequest,
    question: &str,
    by: &str,
) -> Result<Mail, Refused> {
    // The former token is known to nobody here: the mail brings a new one.
    let token = random_token::<32>();
    let asked = KeptRequest {
        state: RequestState::AskedBack,
        note: Some(question.to_owned()),
        token_hash: Some(fingerprint(&token)),
        decided_by: Some(by.to_owned()),
        ..request.clone()
    };
    let changed =
        is_open(request.state) && store.change_teacher_request(&asked, request.state).await?;
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
    proofs: &Proofs,
    request: &KeptRequest,
    reason: &str,
    by: &str,
) -> Result<Mail, Refused> {
    let refused = KeptRequest {
        state: RequestState::Refused,
        note: Some(reason.to_owned()),
        decided_by: Some(by.to_owned()),
        proof: None,
        token_hash: None,
        ..request.clone()
    };
    let changed = is_open(request.state)
        && store
            .change_teacher_request(&refused, request.state)
            .await?;
    if !changed {
        return Err(Refused::NotNow);
    }
    proofs.delete(&request.id)?;
    Ok(Mail::Refused {
        reason: reason.to_owned(),
    })
}

/// Deletes proofs of requests whose time is up. The requests themselves go with everything else that has expired.
///
/// # Errors
/// When the store or the disk fails.
pub async fn delete_expired_proofs(
    store: &Database,
    now: Timestamp,
    proofs: &Proofs,
) -> Result<(), Refused> {
    for id in store.expired_proofs(now).await? {
        proofs.delete(&id)?;
        store.forget_proof(&id).await?;
    }
    Ok(())
}

/// Requests of one network in a row, and then one in each [`EACH`]: some twenty a day.
const RATE: Rate = Rate {
    at_once: 20,
    each: EACH,
};
const EACH: Duration = Duration::from_mins(72);

/// What a server has for requests beside the store.
pub struct TeacherRequests {
    pub proofs: Proofs,
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
