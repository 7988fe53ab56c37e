//! Class lists of rooms, and the cards by which the pupils on them come in: a picture or a short code for each, on paper.
//!
//! A card is exchanged for a ticket, so that its pupil comes in as everybody with a ticket does: listed, under the name on the
//! list. Whether the card still holds is looked at again with every arrival. The conference gives each card one place
//! (`kmz_meet_core::room`).

mod guesses;
mod names;
mod secret;
mod slips;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::credentials::{Identity, Ticket, TicketRole};
use crate::schools::may_open;
use crate::store::{CardsOf, ClassPupil, Database, KeptCard, OpenSchool, Room, StoreError};
use crate::user_id::{UserId, pupil_card};

pub use guesses::CardGuesses;
pub use names::{MAX_PUPILS, ReadNames, Unnamed, names_of, read_names};
pub use secret::{CardCode, CardSecrets};
pub use slips::{Way, slips};

/// A ticket of a card is valid for this time: a day of school. The browser keeps it, so that a page that is loaded anew comes back.
pub const TICKET_LIFETIME: Duration = Duration::from_hours(10);
/// Two cards have the same code in one of a hundred million cases.
const MAX_TRIES: usize = 3;

/// What is wanted of a class list whose cards have the same codes again and again: the random numbers of the machine are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no new codes for pupil cards were found")]
pub struct NoCodes;

/// Why a class list is not changed.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    #[error(transparent)]
    Codes(#[from] NoCodes),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn new_cards(secrets: &CardSecrets, now: Timestamp, count: usize) -> Vec<KeptCard> {
    (0..count).map(|_| secrets.new_card(now)).collect()
}

/// The people who came by cards that are over, as conferences know them.
pub type EndedCards = BTreeSet<String>;

/// Makes the class list of a room this one: whoever stays keeps their card. Gives the cards that are over.
///
/// # Errors
/// When the store fails.
pub async fn replace_list(
    store: &Database,
    secrets: &CardSecrets,
    now: Timestamp,
    room: &Room,
    names: &[String],
) -> Result<EndedCards, NotChanged> {
    for _ in 0..MAX_TRIES {
        let cards = new_cards(secrets, now, names.len());
        if let Ok(ended) = store.replace_class_list(room, names, cards).await? {
            return Ok(ended_cards(room, ended));
        }
    }
    Err(NoCodes.into())
}

/// Gives pupils new cards; those that they had open nothing any more. Gives the cards that are over; `None`: there is nobody of
/// this id on the list.
///
/// # Errors
/// When the store fails.
pub async fn renew(
    store: &Database,
    secrets: &CardSecrets,
    now: Timestamp,
    room: &Room,
    whose: CardsOf<'_>,
) -> Result<Option<EndedCards>, NotChanged> {
    for _ in 0..MAX_TRIES {
        let cards = new_cards(secrets, now, MAX_PUPILS);
        if let Ok(ended) = store.replace_cards(room, whose, cards).await? {
            return Ok(ended.map(|ended| ended_cards(room, ended)));
        }
    }
    Err(NoCodes.into())
}

/// Takes cards of pupils back, who stay on the list. Gives the cards that are over, as [`renew`].
///
/// # Errors
/// When the store fails.
pub async fn withdraw(
    store: &Database,
    room: &Room,
    whose: CardsOf<'_>,
) -> Result<Option<EndedCards>, StoreError> {
    let ended = store.replace_cards(room, whose, Vec::new()).await?;
    // No card is the same as another.
    let ended = ended.unwrap_or_default();
    Ok(ended.map(|ended| ended_cards(room, ended)))
}

fn ended_cards(room: &Room, cards: Vec<String>) -> EndedCards {
    cards.iter().map(|card| user(room, card).into()).collect()
}

fn user(room: &Room, card: &str) -> UserId {
    UserId::of_card(&room.school, card)
}

/// What somebody has of a card.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// What is behind the `#` of its link.
    Link(&'a str),
    Code(&'a CardCode),
}

/// Why a card opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    #[error("the card is over, or never was")]
    Over,
    #[error("the school has no contract that holds now")]
    NoContract,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a card is exchanged for.
#[derive(Clone, Debug)]
pub struct Opened {
    pub room: Room,
    pub school: OpenSchool,
    pub ticket: Ticket,
    /// The pupil's name on the list.
    pub name: String,
}

/// Exchanges a card for a ticket.
///
/// # Errors
/// When it opens nothing.
pub async fn open(
    store: &Database,
    secrets: &CardSecrets,
    now: Timestamp,
    shown: Shown<'_>,
) -> Result<Opened, NotOpened> {
    let pupil = match shown {
        Shown::Link(link) => match secrets.card_of_link(link) {
            Some(card) => store.pupil_of_card(&card).await?,
            None => None,
        },
        Shown::Code(code) => store.pupil_of_code(&secrets.code_hash(code)).await?,
    };
    let Some(ClassPupil {
        room,
        name,
        card: Some(card),
        ..
    }) = pupil
    else {
        return Err(NotOpened::Over);
    };
    let room = store.room(&room).await?.ok_or(NotOpened::Over)?;
    let school = may_open(store, now, &room.school).await?;
    let school = school.ok_or(NotOpened::NoContract)?;
    let ticket = Ticket {
        room: room.id.clone(),
        identity: Identity::of(user(&room, &card.id), TicketRole::Member),
        name: Some(name.clone()),
        may_start: false,
        meeting: None,
        return_url: None,
    };
    Ok(Opened {
        room,
        school,
        ticket,
        name,
    })
}

/// Whether a ticket opens this room now, as far as that depends on a card. Tickets of others do not.
///
/// # Errors
/// When the store fails.
pub async fn holds(store: &Database, room: &Room, ticket: &Ticket) -> Result<bool, StoreError> {
    let Some(card) = pupil_card(&room.school, ticket.identity.user.as_str()) else {
        return Ok(!is_of_card(ticket));
    };
    let pupil = store.pupil_of_card(card).await?;
    Ok(pupil.is_some_and(|pupil| pupil.room == room.id))
}

/// Whether somebody comes by a pupil card.
pub fn is_of_card(ticket: &Ticket) -> bool {
    ticket.identity.user.is_card()
}
