//! A teacher leaves: everything that is kept of them can be told, their rooms go to somebody or are deleted, and nothing of them
//! stays.

use serde_json::{Value, json};

use crate::accounts::{self, AccountEvent};
use crate::clock::Timestamp;
use crate::credentials::SecondFactors;
use crate::store::{Database, StoreError, User};
use crate::teacher_requests::Proofs;

/// What becomes of the rooms of somebody who leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rooms {
    /// There are none; if there are, nothing happens.
    None,
    Delete,
    /// They are another account's of the same school.
    GiveTo(String),
}

/// Why somebody is not removed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the account has rooms: say what becomes of them")]
    HasRooms,
    #[error("nobody of the school has the account to which the rooms shall go")]
    NoHeir,
    #[error("a file cannot be deleted: {0}")]
    File(#[from] crate::teacher_requests::NoProof),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything that is kept of a person with an account.
///
/// # Errors
/// When the store fails.
pub async fn export(store: &Database, now: Timestamp, user: &User) -> Result<Value, StoreError> {
    let traces = store.traces_of_person(&user.id).await?;
    let sessions = store.sessions_of(&user.id, now).await?;
    let rooms = store.rooms_of_owner(&user.id).await?;
    let rooms = rooms.into_iter().map(|room| {
        json!({
            "id": room.id, "name": room.name, "title": room.title, "welcome": room.welcome,
            "password": room.password, "policy": room.policy, "created_at": room.created_at,
        })
    });
    let sessions = sessions.into_iter().map(|session| {
        json!({
            "browser": session.browser, "created_at": session.created_at,
            "used_at": session.used_at, "expires_at": session.expires_at,
        })
    });
    let lessons = traces.lessons.into_iter().map(|lesson| {
        json!({
            "name": lesson.name, "first_at": lesson.first_at, "last_at": lesson.last_at,
            "minutes": lesson.minutes,
        })
    });
    let lists = traces.import_rows.into_iter().map(|row| {
        json!({
            "row": row.number, "verdict": row.verdict, "name": row.name(), "email": row.email,
            "username": row.username,
        })
    });
    let requests = traces.requests.into_iter().map(|request| {
        json!({
            "name": request.name, "email": request.email, "state": request.state,
            "note": request.note, "proof": request.proof, "created_at": request.created_at,
        })
    });
    let kinds = SecondFactors::kinds(store, &user.id).await?;
    let passkeys = store.passkeys_of(&user.id).await?;
    let passkeys = passkeys.into_iter().map(|passkey| {
        json!({
            "name": passkey.name, "created_at": passkey.created_at, "used_at": passkey.used_at,
        })
    });
    Ok(json!({
        "second_factor": {
            "app": kinds.app, "passkeys": passkeys.collect::<Vec<_>>(),
            "recovery_codes": store.recovery_codes_of(&user.id).await?,
        },
        "account": {
            "id": user.id, "school": user.school, "username": user.username, "name": user.name,
            "role": user.role.as_str(), "email": traces.email, "created_at": traces.created_at,
            "has_password": !user.password_hash.is_empty(),
        },
        "rooms": rooms.collect::<Vec<_>>(),
        "sessions": sessions.collect::<Vec<_>>(),
        "lessons": lessons.collect::<Vec<_>>(),
        "lists": lists.collect::<Vec<_>>(),
        "requests": requests.collect::<Vec<_>>(),
    }))
}

/// Removes an account with all that is kept of its person. What runs in rooms that are deleted ends. `by` is the account of who
/// decides.
///
/// # Errors
/// When the account has rooms of which nothing is said.
pub async fn erase(
    store: &Database,
    now: Timestamp,
    proofs: &Proofs,
    user: &User,
    rooms: &Rooms,
    _by: &str,
) -> Result<(), Refused> {
    let owned = store.rooms_of_owner(&user.id).await?;
    match rooms {
        Rooms::None if !owned.is_empty() => return Err(Refused::HasRooms),
        Rooms::None | Rooms::Delete => {}
        Rooms::GiveTo(heir) => {
            let heir = store.user(heir).await?;
            let heir = heir.filter(|heir| heir.school == user.school && heir.id != user.id);
            let heir = heir.ok_or(Refused::NoHeir)?;
            store.give_rooms(&user.id, &heir.id).await?;
        }
    }
    for request in store.traces_of_person(&user.id).await?.requests {
        proofs.delete(&request.id)?;
    }
    store.erase_person(&user.id).await?;
    accounts::tell(store, &user.id, AccountEvent::Withdrawn, now).await?;
    Ok(())
}
