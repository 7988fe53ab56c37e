//! Whose typed name looks like somebody else's: moderators are told, for the name alone says nothing about who it is.
//!
//! Names are told apart already (`naming`): a second 'Anna' is 'Anna (2)'. Here it is about those whom a teacher may take
//! for each other all the same. Two names are alike if they are the same after folding: without a number behind them,
//! case, spaces, marks of letters and doubled letters, with digits for the letters that they stand for, and with
//! characters that look the same (UTS 39) as one; and, of several words, in any order.
//!
//! Who was known first keeps the name: people of whom the server or a moderator knows, and then who came first.

use std::collections::HashMap;

use super::names_gone::is_known;
use super::person::{Person, Waiting};
use super::seen_name::SeenName;
use super::state::Room;
use crate::signal::{LookAlike, ParticipantId};

/// Someone with a name.
struct Holder<'a> {
    /// `None`: gone for good.
    id: Option<&'a ParticipantId>,
    name: &'a SeenName,
    user: Option<&'a str>,
    device: Option<&'a str>,
    known: bool,
    here: bool,
}

impl Holder<'_> {
    fn is_same_person(&self, other: &Self) -> bool {
        (self.id.is_some() && self.id == other.id)
            || (self.user.is_some() && self.user == other.user)
            || (self.device.is_some() && self.device == other.device)
    }
}

impl Room {
    /// All who are here, or in the lobby, under a name of their own that looks like somebody else's. It takes one look at
    /// each name.
    #[must_use]
    pub fn look_alikes(&self) -> Vec<LookAlike> {
        let holders = self.holders();
        // Each look belongs to whoever had it first.
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (place, holder) in holders.iter().enumerate() {
            for look in holder.name.looks() {
                first.entry(look).or_insert(place);
            }
        }
        let flagged = holders.iter().filter_map(|holder| {
            let id = holder.id.filter(|_| holder.here && !holder.known)?;
            let looks = holder.name.looks();
            let owners = looks.filter_map(|look| first.get(look));
            let other = owners
                .filter(|place| !holders[**place].is_same_person(holder))
                .min()?;
            Some(LookAlike {
                participant: id.clone(),
                name: holders[*other].name.to_string(),
                here: holders[*other].here,
            })
        });
        flagged.collect()
    }

    /// All who have a name in this conference, first those who are known, and then in the order in which they came.
    fn holders(&self) -> Vec<Holder<'_>> {
        let mut people: Vec<(&ParticipantId, &Person)> = self.people.iter().collect();
        people.sort_by_key(|(_, person)| person.number);
        let people = people.into_iter().map(|(id, person)| Holder {
            id: Some(id),
            name: &person.name,
            user: person.user.as_deref(),
            device: person.device.as_deref(),
            known: is_known(person),
            here: person.present,
        });
        let moderators = self.moderators_gone.iter().map(|name| Holder {
            id: None,
            name,
            user: None,
            device: None,
            known: true,
            here: false,
        });
        let gone = self.names_gone.iter().map(|gone| Holder {
            id: None,
            name: &gone.name,
            user: gone.user.as_deref(),
            device: gone.device.as_deref(),
            known: gone.known,
            here: false,
        });
        let waiting = self.lobby.iter().map(|waiting: &Waiting| Holder {
            id: Some(&waiting.id),
            name: &waiting.name,
            user: waiting.user.as_deref(),
            device: waiting.device.as_deref(),
            known: waiting.is_listed()
                || waiting.given_name.is_some()
                || (waiting.user.is_some() && !waiting.typed_name),
            here: true,
        });
        let all = moderators.chain(gone).chain(people).chain(waiting);
        let (known, others): (Vec<_>, Vec<_>) = all.partition(|holder| holder.known);
        known.into_iter().chain(others).collect()
    }
}
