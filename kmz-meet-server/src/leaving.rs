//! A teacher leaves: everything that is kept of them can be told, their rooms go to somebody or are deleted, and nothing of them
//! stays.

use serde_json::{Value, json};

use crate::accounts;
use crate::audit::{self, Action, Actor};
use crate::clock::Timestamp;
use crate::erasures::Erasure;
use crate::store::{Database, NotErased, StoreError, User};
use crate::substitutes;
use crate::teacher_requests::Proofs;

pub use crate::store::LeftRooms as Rooms;

/// Why somebody is not removed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the account has rooms: say what becomes of them")]
    HasRooms,
    #[error("nobody of the school has the account to which the rooms shall go")]
    NoHeir,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything that is kept of a person with an account. `by` reads it.
///
/// # Errors
/// When the store fails.
pub async fn export(
    store: &Database,
    now: Timestamp,
    user: &User,
    by: &Actor,
) -> Result<Value, StoreError> {
    let what = (Action::TeacherExported, user.id.as_str());
    audit::note(store, now, by, Some(&user.school), what).await?;
    let traces = store.traces_of_person(&user.id).await?;
    let sessions = store.sessions_of(&user.id, now).await?;
    let rooms = store.rooms_of_owner(&user.id).await?;
    let rooms = rooms.into_iter().map(|room| {
        json!({
            "id": room.id, "name": room.name, "title": room.title, "welcome": room.welcome,
            "has_password": room.password.is_some(), "policy": room.policy, "created_at": room.created_at,
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
            "note": request.note, "answer": request.answer, "proof": request.proof,
            "created_at": request.created_at,
        })
    });
    let mails = traces.mails.into_iter().map(|mail| {
        json!({
            "kind": mail.kind, "to": mail.recipient, "state": mail.state,
            "created_at": mail.created_at, "sent_at": mail.last_at,
        })
    });
    let links = traces.links.into_iter().map(|link| {
        json!({
            "purpose": link.purpose.as_str(), "address": link.address.map(|address| address.to_string()),
            "created_at": link.created_at, "expires_at": link.expires_at,
        })
    });
    let sign_in_links = traces.sign_in_links.into_iter().map(|link| {
        json!({
            "provider": link.provider, "subject": link.subject, "made_by_provider": link.made,
            "created_at": link.created_at,
        })
    });
    let second_factor = traces.second_factor.map(|factor| {
        json!({
            "created_at": factor.created_at, "confirmed_at": factor.confirmed_at,
            "recovery_codes": traces.recovery_codes,
        })
    });
    let actions = traces.actions.into_iter().map(|entry| {
        json!({
            "action": entry.action, "school": entry.school, "target": entry.target,
            "name": entry.actor_name, "at": entry.created_at,
        })
    });
    let passkeys = store.passkeys_of(&user.id).await?;
    let passkeys = passkeys.into_iter().map(|passkey| {
        json!({
            "name": passkey.name, "created_at": passkey.created_at, "used_at": passkey.used_at,
        })
    });
    Ok(json!({
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
        "mails": mails.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "sign_in_links": sign_in_links.collect::<Vec<_>>(),
        "second_factor": second_factor,
        "passkeys": passkeys.collect::<Vec<_>>(),
        "actions": actions.collect::<Vec<_>>(),
    }))
}

/// Removes an account with all that is kept of its person. What runs in rooms that are deleted ends. `by` decides.
///
/// # Errors
/// When the account has rooms of which nothing is said.
pub async fn erase(
    store: &Database,
    now: Timestamp,
    proofs: &Proofs,
    user: &User,
    rooms: &Rooms,
    by: &Actor,
) -> Result<(), Refused> {
    let requests = store.traces_of_person(&user.id).await?.requests;
    let told = accounts::withdrawn(&user.id, now);
    let told_of_pass = |pass: &str| substitutes::withdrawn(&user.school, pass, now);
    let what = (Action::TeacherRemoved, user.id.as_str());
    let noted = audit::entry(now, by, Some(&user.school), what);
    let heir = match rooms {
        Rooms::GiveTo(heir) => Some(heir.clone()),
        Rooms::None | Rooms::Delete => None,
    };
    let erasure = Erasure::of(&user.id, heir, now).record();
    let erased = store.erase_person(&user.id, rooms, (&told, &noted, &erasure), told_of_pass);
    let erased = erased.await?;
    erased.map_err(|refused| match refused {
        NotErased::HasRooms => Refused::HasRooms,
        NotErased::NoHeir => Refused::NoHeir,
    })?;
    for request in requests {
        // It goes with the next round of housekeeping: nothing refers to it any more.
        if let Err(error) = proofs.delete(&request.id).await {
            tracing::warn!(%error, "the proof of somebody who left is not deleted yet");
        }
    }
    Ok(())
}
