//! Who somebody is, by the claims of their provider.

use kmz_meet_core::room::text::line;
use kmz_meet_core::signal::MAX_NAME_CHARS;
use serde_json::{Map, Value};

use super::provider::Claims;
use crate::email_address::EmailAddress;

/// The longest subject (OpenID Connect Core 1.0, 2).
const MAX_SUBJECT_BYTES: usize = 255;

/// What a provider makes of somebody. It makes no operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonRole {
    Teacher,
    Administrator,
}

/// A person of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What the provider calls them: unique there, and never given to another.
    pub subject: String,
    pub name: Option<String>,
    /// Confirmed by the provider. One that is not is none, nor is that of a claim with another name than `email`: `email_verified`
    /// says nothing of it (OpenID Connect Core 1.0, 5.1).
    pub address: Option<EmailAddress>,
    /// Whether the provider named an address that it has not confirmed.
    pub is_unconfirmed: bool,
    pub role: PersonRole,
}

/// Why somebody is nobody here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPerson {
    /// It does not say who.
    NoSubject,
    NoTeacher,
    OtherSchool,
}

impl Person {
    /// Reads claims that were verified.
    ///
    /// # Errors
    /// Who is no teacher, or of another school.
    pub fn of(names: &Claims, claims: &Map<String, Value>) -> Result<Self, NoPerson> {
        let text = |name: &str| claim(claims, name).and_then(Value::as_str);
        let subject = text("sub").filter(|subject| {
            (1..=MAX_SUBJECT_BYTES).contains(&subject.len())
                && !subject.chars().any(char::is_control)
        });
        let subject = subject.ok_or(NoPerson::NoSubject)?.to_owned();
        if let Some(school) = &names.school
            && !says_one_of(claims, school, &names.schools)
        {
            return Err(NoPerson::OtherSchool);
        }
        let role = match &names.role {
            None => PersonRole::Teacher,
            Some(role) if says_one_of(claims, role, &names.administrators) => {
                PersonRole::Administrator
            }
            Some(role) if says_one_of(claims, role, &names.teachers) => PersonRole::Teacher,
            Some(_) => return Err(NoPerson::NoTeacher),
        };
        let address = text(&names.address).and_then(|text| text.parse().ok());
        let is_confirmed =
            names.address == "email" && claims.get("email_verified") == Some(&Value::Bool(true));
        Ok(Self {
            subject,
            name: text(&names.name).and_then(|name| line(name, MAX_NAME_CHARS)),
            is_unconfirmed: address.is_some() && !is_confirmed,
            address: address.filter(|_| is_confirmed),
            role,
        })
    }
}

/// The claim with this name, or where its parts lead to.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    claim(claims.get(first)?.as_object()?, rest)
}

/// Whether a claim has one of these values: as a text, in a list of texts, or as the `id` of an object in a list.
fn says_one_of(claims: &Map<String, Value>, name: &str, values: &[String]) -> bool {
    let is_one = |value: &Value| {
        let value = value.get("id").unwrap_or(value);
        let text = value.as_str();
        text.is_some_and(|text| values.iter().any(|one| one == text))
    };
    match claim(claims, name) {
        Some(Value::Array(list)) => list.iter().any(is_one),
        Some(value) => is_one(value),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names() -> Claims {
        Claims {
            name: "name".to_owned(),
            address: "email".to_owned(),
            role: Some("realm_access.roles".to_owned()),
            teachers: vec!["teacher".to_owned()],
            administrators: Vec::new(),
            school: None,
            schools: Vec::new(),
        }
    }

    fn read(names: &Claims, claims: Value) -> Result<Person, NoPerson> {
        Person::of(names, claims.as_object().unwrap())
    }

    #[test]
    fn person_with_an_unconfirmed_address_has_none() {
        for (verified, counts) in [
            (json!(true), true),
            (json!(false), false),
            (json!("true"), false),
            (json!(1), false),
            (Value::Null, false),
        ] {
            let person = read(
                &Claims {
                    role: None,
                    ..names()
                },
                json!({"sub": "1", "email": "Berta@Schule.example", "email_verified": verified}),
            )
            .unwrap();
            assert_eq!(person.address.is_some(), counts, "{verified}");
            assert_eq!(person.is_unconfirmed, !counts);
        }
    }

    #[test]
    fn address_of_another_claim_is_not_confirmed_by_what_is_said_of_the_email() {
        let other = Claims {
            address: "upn".to_owned(),
            role: None,
            ..names()
        };
        let claims = json!({"sub": "1", "upn": "boss@schule.example", "email": "berta@schule.example", "email_verified": true});
        let person = read(&other, claims).unwrap();
        assert_eq!((person.address, person.is_unconfirmed), (None, true));
    }

    #[test]
    fn person_without_a_value_that_makes_a_teacher_is_refused() {
        let names = names();
        let of = |roles: Value| {
            read(
                &names,
                json!({"sub": "1", "realm_access": {"roles": roles}}),
            )
        };
        assert_eq!(
            of(json!(["pupil", "teacher"])).unwrap().role,
            PersonRole::Teacher
        );
        assert_eq!(
            of(json!([{"id": "teacher"}])).unwrap().role,
            PersonRole::Teacher
        );
        for other in [
            json!(["pupil"]),
            json!("teachers"),
            json!([]),
            Value::Null,
            json!({"teacher": true}),
        ] {
            assert_eq!(of(other.clone()), Err(NoPerson::NoTeacher), "{other}");
        }
        // An administrator only by a value that somebody named.
        assert_eq!(of(json!(["admin"])), Err(NoPerson::NoTeacher));
        let named = Claims {
            administrators: vec!["admin".to_owned()],
            ..names.clone()
        };
        let person = read(&named, json!({"sub": "1", "realm_access.roles": ["admin"]})).unwrap();
        assert_eq!(person.role, PersonRole::Administrator);
    }

    #[test]
    fn person_of_another_school_or_without_a_subject_is_refused() {
        let names = Claims {
            role: None,
            school: Some("school".to_owned()),
            schools: vec!["DE-BY-1".to_owned()],
            ..names()
        };
        assert!(read(&names, json!({"sub": "1", "school": ["DE-BY-1"]})).is_ok());
        assert_eq!(
            read(&names, json!({"sub": "1", "school": "DE-BY-2"})),
            Err(NoPerson::OtherSchool)
        );
        assert_eq!(
            read(&names, json!({"sub": "1"})),
            Err(NoPerson::OtherSchool)
        );
        for subject in [json!(""), json!(7), json!("a\nb"), json!("a".repeat(256))] {
            assert_eq!(
                read(&names, json!({"sub": subject, "school": "DE-BY-1"})),
                Err(NoPerson::NoSubject)
            );
        }
    }
}
