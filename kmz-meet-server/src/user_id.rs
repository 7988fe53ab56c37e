//! Who somebody is across conferences: an account of ours, or a person as another system knows them.
//!
//! The form is stored in attendance and signed into tickets, so it must stay as it is: an account is its bare id, everybody else
//! is `<integration>:<school, platform or app>:<id there>`. Only this file composes and parses such ids; the browser client
//! has a mirror of it (`web/src/lib/state/user-id.ts`).

use serde::{Deserialize, Serialize};

/// Stands first in ids of those who come by a substitute pass.
const SUBSTITUTE: &str = "pass";

/// Stands first in ids of those who come by a pupil card.
const CARD: &str = "card";

/// A person, unique on this server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// The holder of an account here.
    pub fn of_account(id: String) -> Self {
        Self(id)
    }

    /// A person of an integrator, by the id that the integrator gave.
    pub fn of_api(school: &str, user: &str) -> Self {
        Self(format!("api:{school}:{user}"))
    }

    /// A person of a platform that speaks the BigBlueButton API.
    pub fn of_bbb(school: &str, user: &str) -> Self {
        Self(format!("bbb:{school}:{user}"))
    }

    /// A person of an LTI platform, by the `sub` of the launch.
    pub fn of_lti(platform: &str, subject: &str) -> Self {
        Self(format!("lti:{platform}:{subject}"))
    }

    /// A person of an app that makes Jitsi's tokens, by `context.user.id`.
    pub fn of_jitsi(app: &str, user: &str) -> Self {
        Self(format!("jitsi:{app}:{user}"))
    }

    /// Whoever comes by a substitute pass of a school.
    pub fn of_substitute(school: &str, pass: &str) -> Self {
        Self(format!("{SUBSTITUTE}:{school}:{pass}"))
    }

    /// Whether somebody comes by a substitute pass, of whatever school.
    pub fn is_substitute(&self) -> bool {
        self.0
            .strip_prefix(SUBSTITUTE)
            .is_some_and(|rest| rest.starts_with(':'))
    }

    /// The pupil who comes by a card of a school.
    pub fn of_card(school: &str, card: &str) -> Self {
        Self(format!("{CARD}:{school}:{card}"))
    }

    /// Whether somebody comes by a pupil card, of whatever school.
    pub fn is_card(&self) -> bool {
        self.0
            .strip_prefix(CARD)
            .is_some_and(|rest| rest.starts_with(':'))
    }

    /// Somebody of whom nothing is known, by a random id for this one time.
    pub fn of_nobody(random: String) -> Self {
        Self(random)
    }

    /// As it is stored and signed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<UserId> for String {
    fn from(user: UserId) -> Self {
        user.0
    }
}

impl std::fmt::Display for UserId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What an integrator of this school called a person; `None` for everybody else.
pub fn api_user<'a>(school: &str, user: &'a str) -> Option<&'a str> {
    id_at("api", school, user)
}

/// What a platform of this school that speaks the BigBlueButton API called a person; `None` for everybody else.
pub fn bbb_user<'a>(school: &str, user: &'a str) -> Option<&'a str> {
    id_at("bbb", school, user)
}

/// The `sub` of a person at this LTI platform; `None` for everybody else.
pub fn lti_subject<'a>(platform: &str, user: &'a str) -> Option<&'a str> {
    id_at("lti", platform, user)
}

/// The id of the substitute pass of this school by which somebody comes; `None` for everybody else.
pub fn substitute_pass<'a>(school: &str, user: &'a str) -> Option<&'a str> {
    id_at(SUBSTITUTE, school, user)
}

/// The id of the pupil card of this school by which somebody comes; `None` for everybody else.
pub fn pupil_card<'a>(school: &str, user: &'a str) -> Option<&'a str> {
    id_at(CARD, school, user)
}

fn id_at<'a>(integration: &str, place: &str, user: &'a str) -> Option<&'a str> {
    user.strip_prefix(integration)?
        .strip_prefix(':')?
        .strip_prefix(place)?
        .strip_prefix(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn user_id_of_each_kind_keeps_its_stored_form() {
        assert_eq!(UserId::of_account("4".to_owned()).as_str(), "4");
        assert_eq!(UserId::of_api("s", "4").as_str(), "api:s:4");
        assert_eq!(UserId::of_bbb("s", "4").as_str(), "bbb:s:4");
        assert_eq!(UserId::of_lti("p", "4").as_str(), "lti:p:4");
        assert_eq!(UserId::of_jitsi("a", "4").as_str(), "jitsi:a:4");
        assert_eq!(UserId::of_substitute("s", "4").as_str(), "pass:s:4");
        assert_eq!(UserId::of_card("s", "4").as_str(), "card:s:4");
        let json = serde_json::to_string(&UserId::of_lti("p", "4")).unwrap();
        assert_eq!(json, r#""lti:p:4""#);
    }

    #[test]
    fn user_id_of_another_place_or_integration_has_no_id_here() {
        let user = UserId::of_lti("p", "4:5");
        assert_eq!(lti_subject("p", user.as_str()), Some("4:5"));
        for (platform, user) in [
            ("q", "lti:p:4"),
            ("p", "lti:pp:4"),
            ("p", "lti:p4"),
            ("p", "bbb:p:4"),
            ("p", "4"),
        ] {
            assert_eq!(lti_subject(platform, user), None, "{platform} {user}");
        }
    }

    proptest! {
        #[test]
        fn user_id_of_any_person_gives_back_the_id_that_it_was_made_of(place in "[0-9a-f-]{1,36}", id in ".{0,40}") {
            let api = UserId::of_api(&place, &id);
            prop_assert_eq!(api_user(&place, api.as_str()), Some(id.as_str()));
            let bbb = UserId::of_bbb(&place, &id);
            prop_assert_eq!(bbb_user(&place, bbb.as_str()), Some(id.as_str()));
            let lti = UserId::of_lti(&place, &id);
            prop_assert_eq!(lti_subject(&place, lti.as_str()), Some(id.as_str()));
            prop_assert_eq!(api_user(&place, bbb.as_str()), None);
            let pass = UserId::of_substitute(&place, &id);
            prop_assert_eq!(substitute_pass(&place, pass.as_str()), Some(id.as_str()));
            let card = UserId::of_card(&place, &id);
            prop_assert_eq!(pupil_card(&place, card.as_str()), Some(id.as_str()));
            prop_assert!(card.is_card() && !card.is_substitute() && !pass.is_card() && !api.is_card());
            prop_assert!(pass.is_substitute() && !api.is_substitute() && !lti.is_substitute());
        }
    }
}
