//! Which column holds what, by its head.

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Title,
    FirstName,
    Surname,
    /// First name and surname in one.
    FullName,
    Email,
}

/// Heads as they are found in practice, folded as by [`folded`].
const HEADS: &[(Field, &[&str])] = &[
    (
        Field::FirstName,
        &[
            "vorname",
            "vornamen",
            "rufname",
            "firstname",
            "givenname",
            "forename",
            "first",
        ],
    ),
    (
        Field::Surname,
        &[
            "nachname",
            "familienname",
            "zuname",
            "surname",
            "lastname",
            "familyname",
            "last",
        ],
    ),
    (
        Field::FullName,
        &[
            "name",
            "namen",
            "fullname",
            "displayname",
            "anzeigename",
            "vorundnachname",
            "vornamenachname",
            "nachnamevorname",
            "namevorname",
            "vornamename",
            "lehrkraft",
            "lehrer",
            "lehrerin",
            "lehrerinnen",
            "teacher",
            "schüler",
            "schülerin",
            "schülerinnen",
            "schülername",
            "pupil",
            "student",
        ],
    ),
    (
        Field::Email,
        &[
            "email",
            "mail",
            "emailadresse",
            "mailadresse",
            "emailaddress",
            "mailaddress",
            "dienstmail",
            "dienstemail",
            "dienstlicheemail",
            "dienstlichemail",
            "dienstlicheemailadresse",
            "dienstlichemailadresse",
            "dienstemailadresse",
            "dienstmailadresse",
            "schulmail",
            "schulemail",
            "schulischeemail",
            "officialemail",
            "officialaddress",
            "workemail",
            "schoolemail",
            "adresseemail",
        ],
    ),
    (
        Field::Title,
        &[
            "titel",
            "akademischertitel",
            "akadtitel",
            "title",
            "namenszusatz",
            "honorific",
        ],
    ),
];

/// A longer head is none that we know.
const MAX_HEAD_CHARS: usize = 60;

/// Letters alone, in lower case: `Dienstl. E-Mail` is `dienstlemail`.
fn folded(head: &str) -> String {
    head.chars()
        .take(MAX_HEAD_CHARS)
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What this head says.
pub fn field(head: &str) -> Option<Field> {
    if head.contains('@') {
        return None;
    }
    let head = folded(head);
    let known = HEADS
        .iter()
        .find(|(_, heads)| heads.contains(&head.as_str()));
    known.map(|(field, _)| *field).or_else(|| {
        // `Dienstl. E-Mail`, `E-Mail (Schule)`.
        let mail = (head.starts_with("email") || head.ends_with("email") || head.ends_with("mail"))
            && !head.contains("privat");
        mail.then_some(Field::Email)
    })
}

/// Where in a row each field is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    pub title: Option<usize>,
    pub first_name: Option<usize>,
    pub surname: Option<usize>,
    pub full_name: Option<usize>,
    pub email: Option<usize>,
    /// Heads of columns that do not count, because another one has the same.
    pub twice: Vec<String>,
}

impl Columns {
    /// What the cells of one row name.
    pub fn of<'a>(heads: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let mut columns = Self::default();
        for (index, head) in heads {
            let Some(field) = field(head) else { continue };
            let place = match field {
                Field::Title => &mut columns.title,
                Field::FirstName => &mut columns.first_name,
                Field::Surname => &mut columns.surname,
                Field::FullName => &mut columns.full_name,
                Field::Email => &mut columns.email,
            };
            if place.is_none() {
                *place = Some(index);
            } else {
                columns.twice.push(head.trim().to_owned());
            }
        }
        // "Name, Vorname": then the name is the surname.
        if columns.first_name.is_some() && columns.surname.is_none() {
            columns.surname = columns.full_name.take();
        }
        columns
    }

    /// What a list cannot do without.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        let named = self.full_name.is_some();
        if self.first_name.is_none() && !named {
            missing.push("Vorname");
        }
        if self.surname.is_none() && !named {
            missing.push("Nachname");
        }
        if self.email.is_none() {
            missing.push("E-Mail");
        }
        missing
    }

    /// How many are known: what tells a row of heads from others.
    pub fn known(&self) -> usize {
        let all = [
            self.title,
            self.first_name,
            self.surname,
            self.full_name,
            self.email,
        ];
        all.into_iter().flatten().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_of_either_language_is_known() {
        for (head, found) in [
            ("Vorname", Some(Field::FirstName)),
            ("FIRST NAME", Some(Field::FirstName)),
            ("Nachname*", Some(Field::Surname)),
            ("Last_Name", Some(Field::Surname)),
            ("E-Mail", Some(Field::Email)),
            ("eMail-Adresse", Some(Field::Email)),
            ("Dienst-Mail", Some(Field::Email)),
            ("dienstl. E-Mail", Some(Field::Email)),
            ("E-Mail (privat)", None),
            ("Telefon", None),
            ("mail@schule.de", None),
            ("", None),
        ] {
            assert_eq!(field(head), found, "{head}");
        }
    }

    #[test]
    fn name_beside_a_first_name_is_the_surname() {
        let heads = ["Name", "Vorname", "Mail", "E-Mail"];
        let columns = Columns::of(heads.into_iter().enumerate());
        assert_eq!(columns.surname, Some(0));
        assert_eq!(columns.first_name, Some(1));
        assert_eq!(columns.email, Some(2));
        assert_eq!(columns.twice, ["E-Mail"]);
        assert!(columns.missing().is_empty());
    }
}
