//! `serve --demo`: schools, people, a room, requests and lists, made once, to try the product without any setting up.

mod lists;
mod parts;
mod requests;
mod schools;

use std::io;
use std::path::Path;

use lti_bridge::Invitation;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::credentials::api_key::{KEY_LIFETIME, make};
use crate::credentials::{ApiKey, Scope, new_password, random_token};
use crate::data_dir::DEMO;
use crate::integrations::bbb;
use crate::integrations::lti::KeptInvitation;
use crate::rooms::{self, NewRoom};
use crate::schools::may_open;
use crate::secrets::write_private;
use crate::store::{AlreadyExists, OpenSchool, Record, Room, RoomSource, User, UserRole};
pub use lists::DemoOperatorKey;
pub use parts::{DemoError, DemoParts};

/// Where `shown_mails.rs` shows mails.
const MAIL_PAGE: &str = "/demo/mail";

/// The people of the demo.
struct Person {
    username: &'static str,
    name: &'static str,
    /// Its mails are shown at [`MAIL_PAGE`].
    email: &'static str,
    role: UserRole,
}

const TEACHER: Person = Person {
    username: "lehrkraft",
    name: "Frau Beispiel",
    email: "lehrkraft@demoschule.example",
    role: UserRole::Moderator,
};
const SCHOOL_ADMIN: Person = Person {
    username: "schulverwaltung",
    name: "Herr Muster",
    email: "schulverwaltung@demoschule.example",
    role: UserRole::SchoolAdmin,
};
const OPERATOR: Person = Person {
    username: "betrieb",
    name: "Frau Vorlage",
    email: "betrieb@medienzentrum.example",
    role: UserRole::Operator,
};

/// What `demo.json` holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Demo {
    pub base_url: String,
    pub school: String,
    /// Schools whose contract does not hold.
    #[serde(default)]
    pub closed_schools: ClosedSchools,
    pub teacher: Account,
    /// Looks after the school in the console.
    #[serde(default)]
    pub school_admin: Account,
    /// Runs the service in the console.
    #[serde(default)]
    pub operator: Account,
    pub room: DemoRoom,
    /// With every scope.
    #[serde(default)]
    pub api_key: String,
    #[serde(default)]
    pub bbb: DemoBbb,
    #[serde(default)]
    pub lti: DemoLti,
    /// Where the mails of the demo are shown.
    #[serde(default)]
    pub mail_url: String,
    /// A list of teachers to import into the school.
    #[serde(default)]
    pub teacher_list: String,
    /// Opens the list that came sealed, if there is one.
    #[serde(default)]
    pub operator_key: Option<DemoOperatorKey>,
    /// What other versions of this program wrote is kept.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ClosedSchools {
    /// Its head has the form.
    pub form_sent: String,
    /// Its contract ended.
    pub ended: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    pub username: String,
    pub password: String,
}

/// For platforms that speak LTI 1.3. What registers by the URL is active at once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DemoLti {
    pub registration_url: String,
    pub initiate_login_url: String,
    pub redirect_url: String,
    pub jwks_url: String,
}

/// For platforms that speak the BigBlueButton API.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DemoBbb {
    pub url: String,
    pub secret: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoRoom {
    pub name: String,
    pub url: String,
}

/// Makes what is missing and writes `demo.json`.
///
/// # Errors
/// When the file or the store cannot be used.
pub async fn prepare(app: &DemoParts) -> Result<Demo, DemoError> {
    let path = app.config.data_dir.join(DEMO);
    let failed = |source| DemoError::File {
        path: path.clone(),
        source,
    };
    let former = read(&path).map_err(failed)?;
    let school = schools::prepare(app).await?;
    let kept = |account: fn(&Demo) -> &Account| {
        let password = former.as_ref().map(|demo| account(demo).password.clone());
        password.filter(|password| !password.is_empty())
    };
    let open = may_open(&app.store, app.clock.now(), &school.id).await?;
    let open = open.ok_or(DemoError::NoContract)?;
    let (teacher, password) = person(app, &open, &TEACHER, kept(|demo| &demo.teacher)).await?;
    let school_admin = kept(|demo| &demo.school_admin);
    let school_admin = person(app, &open, &SCHOOL_ADMIN, school_admin).await?;
    let operator = person(app, &open, &OPERATOR, kept(|demo| &demo.operator)).await?;
    let room = room(
        app,
        &open,
        &teacher,
        former.as_ref().map(|demo| demo.room.name.as_str()),
    )
    .await?;
    requests::prepare(app, &school).await?;
    let former_key = former.as_ref().and_then(|demo| demo.operator_key.clone());
    let operator_key = lists::sealed(app, &school, &operator.0, former_key).await?;
    let school_id = school.id.clone();
    let demo = Demo {
        base_url: app.public_url.to_string(),
        school: school.name,
        closed_schools: ClosedSchools {
            form_sent: schools::FORM_SENT.to_owned(),
            ended: schools::ENDED.to_owned(),
        },
        teacher: Account {
            username: teacher.username,
            password,
        },
        school_admin: Account {
            username: school_admin.0.username,
            password: school_admin.1,
        },
        operator: Account {
            username: operator.0.username,
            password: operator.1,
        },
        room: DemoRoom {
            url: app.public_url.room(&room.name),
            name: room.name,
        },
        api_key: api_key(app, &open, former.as_ref()).await?,
        bbb: DemoBbb {
            url: format!("{}{}", app.public_url, bbb::PATH),
            secret: bbb_secret(app, &school_id).await?,
        },
        lti: lti(app, &school_id, former.as_ref()).await?,
        mail_url: format!("{}{}", app.public_url, MAIL_PAGE),
        teacher_list: lists::to_import(app).map_err(failed)?,
        operator_key,
        more: former.map(|demo| demo.more).unwrap_or_default(),
    };
    let json = serde_json::to_vec_pretty(&demo).map_err(|error| failed(error.into()))?;
    write_private(&path, &json).map_err(failed)?;
    Ok(demo)
}

fn read(path: &Path) -> io::Result<Option<Demo>> {
    match std::fs::read(path) {
        Ok(json) => Ok(Some(serde_json::from_slice(&json)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The password of the file still holds when the person is there: hashing it again would only cost time.
async fn person(
    app: &DemoParts,
    school: &OpenSchool,
    person: &Person,
    password: Option<String>,
) -> Result<(User, String), DemoError> {
    let known = app.store.user_by_username(person.username).await?;
    if let (Some(user), Ok(email)) = (&known, person.email.parse())
        && user.email.is_none()
    {
        // Earlier versions made people without one.
        let _ = app.store.set_email(&user.id, &email).await?;
    }
    match (known, password) {
        (Some(user), Some(password)) => Ok((user, password)),
        (Some(user), None) => {
            let password = new_password();
            let hash = app.passwords.hash(&password).await?;
            app.store.set_password_hash(&user.id, &hash).await?;
            Ok((user, password))
        }
        (None, password) => {
            let password = password.unwrap_or_else(new_password);
            let user = User {
                id: Uuid::new_v4().to_string(),
                school: school.id().to_owned(),
                username: person.username.to_owned(),
                name: person.name.to_owned(),
                role: person.role,
                password_hash: app.passwords.hash(&password).await?,
                email: person.email.parse().ok(),
                created_at: app.clock.now(),
            };
            // Two first starts at once on one database: the other one's people have other passwords. Not supported.
            let _ = app.store.add_user(school, &user).await?;
            Ok((user, password))
        }
    }
}

/// The key of the file as long as it holds.
async fn api_key(
    app: &DemoParts,
    school: &OpenSchool,
    former: Option<&Demo>,
) -> Result<String, DemoError> {
    let now = app.clock.now();
    if let Some(former) = former
        && let Some((id, of)) = app.api_tokens.verify(&former.api_key, now)
        && Record::<ApiKey>::of_school(&app.store, &of, &id)
            .await?
            .is_some()
    {
        return Ok(former.api_key.clone());
    }
    let what = ("Demo", Scope::ALL.into());
    let made = make(
        &app.store,
        &app.api_tokens,
        school,
        what,
        (now, KEY_LIFETIME),
    );
    let (_, token) = made.await?;
    Ok(token)
}

async fn bbb_secret(app: &DemoParts, school: &str) -> Result<String, DemoError> {
    let secrets = app.bbb_secrets.of_school(school).await?;
    if let Some(secret) = secrets
        .into_iter()
        .find(|one| one.data.retired_at.is_none())
    {
        return Ok(secret.data.secret);
    }
    Ok(app.bbb_secrets.new_secret(school).await?.data.secret)
}

async fn lti(app: &DemoParts, school: &str, former: Option<&Demo>) -> Result<DemoLti, DemoError> {
    let former = former.and_then(|former| former.lti.registration_url.rsplit('/').next());
    let known = match former {
        Some(code) => Record::<KeptInvitation>::by_key(&app.store, code).await?,
        None => None,
    };
    let code = match known.and_then(|known| known.key) {
        Some(code) => code,
        None => {
            let invitation = KeptInvitation(Invitation {
                tenant: school.to_owned(),
                approved: true,
                once: false,
            });
            let mut record = Record::new(school.to_owned(), app.clock.now(), invitation);
            let code = random_token::<24>();
            record.key = Some(code.clone());
            record.insert_or_replace(&app.store).await?;
            code
        }
    };
    Ok(DemoLti {
        registration_url: app.lti.registration_url(&code),
        initiate_login_url: app.lti.login_url(),
        redirect_url: app.lti.launch_url(),
        jwks_url: app.lti.jwks_url(),
    })
}

async fn room(
    app: &DemoParts,
    school: &OpenSchool,
    teacher: &User,
    name: Option<&str>,
) -> Result<Room, DemoError> {
    if let Some(name) = name
        && let Some(room) = app.store.room_by_name(name).await?
    {
        return Ok(room);
    }
    let policy = rooms::default_policy(app.config.capacity);
    let new = NewRoom {
        owner: Some(teacher.clone()),
        name: name.map(str::to_owned),
        ..NewRoom::new(school, RoomSource::Own, policy)
    };
    let made = rooms::create(&app.store, app.clock.now(), new).await?;
    made.map_err(|AlreadyExists| DemoError::RoomTaken)
}

impl Demo {
    /// For the terminal.
    pub fn announcement(&self) -> String {
        format!(
            "\n  kmz-meet is ready: {base}\n\n    User name  {}\n    Password   {}\n    Room       {}\n    Mail       {}\n    \
             Console    {base}/console\n      operator of the service  {} {}\n      administrator of the school  {} {}\n",
            self.teacher.username,
            self.teacher.password,
            self.room.url,
            self.mail_url,
            self.operator.username,
            self.operator.password,
            self.school_admin.username,
            self.school_admin.password,
            base = self.base_url,
        )
    }
}
