//! How a contract stands: what is stored, and what follows from the time.

use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::{Timestamp, millis};
use crate::store::{Contract, ContractChange, School};
use crate::time_zone::SchoolZone;

/// A contract that holds no longer than this is about to run out.
pub const EXPIRING: Duration = Duration::from_hours(60 * 24);

/// How a contract stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = ContractStanding)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Somebody asked for it.
    Requested,
    /// The head of the school has the form.
    FormSent,
    /// It holds.
    Signed,
    /// It holds for 60 days at the most.
    Expiring,
    /// Its last day is over.
    Expired,
    /// It was ended before.
    Ended,
}

impl Standing {
    /// Every one of them.
    pub const ALL: [Self; 6] = [
        Self::Requested,
        Self::FormSent,
        Self::Signed,
        Self::Expiring,
        Self::Expired,
        Self::Ended,
    ];

    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::FormSent => "form_sent",
            Self::Signed => "signed",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }

    /// Of what is stored.
    #[must_use]
    pub fn of(state: Contract, valid_until: Option<Timestamp>, now: Timestamp) -> Self {
        match (state, valid_until) {
            (Contract::Requested, _) => Self::Requested,
            (Contract::FormSent, _) => Self::FormSent,
            (Contract::Ended, _) => Self::Ended,
            (Contract::Signed, Some(until)) if until <= now => Self::Expired,
            (Contract::Signed, Some(until)) if until - now <= millis(EXPIRING) => Self::Expiring,
            (Contract::Signed, _) => Self::Signed,
        }
    }

    /// Of a school.
    #[must_use]
    pub fn of_school(school: &School, now: Timestamp) -> Self {
        Self::of(school.contract, school.valid_until, now)
    }

    /// Whether accounts, rooms, tickets and conferences are made.
    #[must_use]
    pub fn holds(self) -> bool {
        matches!(self, Self::Signed | Self::Expiring)
    }
}

/// Since when nothing opens any more for a school; `None`: its contract holds, or it never had one. `history`: all changes of its
/// contract, the oldest first. What is done to a contract that is over, as a request for another one, closes nothing anew.
#[must_use]
pub fn closed_since(
    school: &School,
    history: &[ContractChange],
    now: Timestamp,
) -> Option<Timestamp> {
    match Standing::of_school(school, now) {
        Standing::Signed | Standing::Expiring => return None,
        Standing::Expired => return school.valid_until,
        Standing::Requested | Standing::FormSent | Standing::Ended => {}
    }
    let signed = history
        .iter()
        .rposition(|change| change.state == Contract::Signed);
    let (last_day_over, later) = match signed {
        Some(signed) => (history[signed].valid_until, &history[signed + 1..]),
        None => (None, history),
    };
    let changed = later.first().map(|change| change.created_at);
    changed.into_iter().chain(last_day_over).min()
}

/// The last day on which a contract holds that ends at this moment.
#[must_use]
pub fn last_day(valid_until: Timestamp, zone: &SchoolZone) -> Option<Date> {
    zone.date(valid_until.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn school(contract: Contract, valid_until: Option<Timestamp>) -> School {
        School {
            id: "a".to_owned(),
            name: "A".to_owned(),
            contract,
            valid_until,
            domains: Vec::new(),
        }
    }

    const CONTRACTS: [Contract; 4] = [
        Contract::Requested,
        Contract::FormSent,
        Contract::Signed,
        Contract::Ended,
    ];

    proptest! {
        /// What is shown and what is decided are the same.
        #[test]
        fn standing_holds_exactly_when_the_school_is_open(
            state in prop::sample::select(&CONTRACTS[..]),
            until in prop::option::of(-5_i64..8_000_000_000),
            now in 0..8_000_000_000_i64,
        ) {
            let school = school(state, until);
            prop_assert_eq!(Standing::of_school(&school, now).holds(), school.is_open(now));
        }
    }

    #[test]
    fn standing_of_a_signed_contract_follows_the_time() {
        let day = 24 * 3_600_000;
        let at = |now| Standing::of_school(&school(Contract::Signed, Some(100 * day)), now);
        assert_eq!(at(40 * day - 1), Standing::Signed);
        assert_eq!(at(40 * day), Standing::Expiring);
        assert_eq!(at(100 * day - 1), Standing::Expiring);
        assert_eq!(at(100 * day), Standing::Expired);
        let expired = school(Contract::Signed, Some(5));
        assert_eq!(closed_since(&expired, &[], 9), Some(5));
        assert_eq!(closed_since(&expired, &[], 4), None);
    }

    #[test]
    fn closed_school_stays_closed_since_then_whatever_is_done_later() {
        let change = |state, at: Timestamp, valid_until| ContractChange {
            id: at.to_string(),
            school: "a".to_owned(),
            created_at: at,
            changed_by: "test".to_owned(),
            state,
            signer: None,
            signed_on: None,
            valid_until,
            document: None,
            document_sha256: None,
            note: None,
        };
        let since =
            |state, history: &[ContractChange]| closed_since(&school(state, None), history, 1_000);
        let ended = [
            change(Contract::Signed, 10, None),
            change(Contract::Ended, 20, None),
            change(Contract::Requested, 30, None),
            change(Contract::FormSent, 40, None),
        ];
        assert_eq!(since(Contract::Ended, &ended[..2]), Some(20));
        assert_eq!(since(Contract::Requested, &ended[..3]), Some(20));
        assert_eq!(since(Contract::FormSent, &ended), Some(20));
        // It ran out before somebody asked for another one.
        let over = [
            change(Contract::Signed, 10, Some(15)),
            change(Contract::Requested, 30, None),
        ];
        assert_eq!(since(Contract::Requested, &over), Some(15));
        // It was ended before it ran out.
        let both = [
            change(Contract::Signed, 10, Some(500)),
            change(Contract::Ended, 20, None),
        ];
        assert_eq!(since(Contract::Ended, &both), Some(20));
        let never = [
            change(Contract::Requested, 5, None),
            change(Contract::FormSent, 9, None),
        ];
        assert_eq!(since(Contract::FormSent, &never), Some(5));
        assert_eq!(since(Contract::Requested, &[]), None);
    }
}
