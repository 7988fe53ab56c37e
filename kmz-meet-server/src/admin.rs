//! What an operator does at the command line: schools, their first API key, teachers. It works beside a running server.

mod contracts;
mod keys;
mod sessions;

pub use contracts::TypedSignature;
pub use keys::TypedKey;
use kmz_meet_core::room::{DisplayName, NoName};
use uuid::Uuid;

use crate::accounts::staff::{self, NoContract};
use crate::accounts::{self, AccountEvent, NoPassword, PasswordPermit};
use crate::audit::{self, Action, Actor};
use crate::clock;
use crate::config::Config;
use crate::contracts::{COMMAND_LINE, NotChanged, NotKept, add_school};
use crate::credentials::{
    ApiTokens, HashError, KeyNotMade, Passwords, SigningFailed, new_password,
};
use crate::data_dir;
use crate::leaving::{self, Refused, Rooms};
use crate::pdf::PdfError;
use crate::school_settings::SchoolSettings;
use crate::schools::may_open;
use crate::secrets::Secrets;
use crate::store::{AddError, Database, OpenSchool, StoreError, User, UserRole};
use crate::teacher_requests::Proofs;
use crate::time_zone::{NoZone, SchoolZone};

/// Counts of self tests that are read at once.
const COUNTS_AT_ONCE: u64 = 500;

/// Why something was not done: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error(
        "the school {0} has no valid data-processing agreement, so nobody gets an account or a key; `kmz-meet contract show` says how far it is"
    )]
    NotOpen(String),
    #[error("there is a school called {0} already; `kmz-meet school key` makes another key for it")]
    SchoolExists(String),
    #[error("there is no school called {0}; `kmz-meet school add` makes one")]
    NoSchool(String),
    #[error("the user name {0} is taken; choose another one")]
    UserExists(String),
    #[error("there is no account called {0}; `kmz-meet teacher add` makes one")]
    NoUser(String),
    #[error(
        "the account {0} has rooms ({1}), which go with it; say --with-rooms to delete them, too, or `kmz-meet teacher lock {0}` to keep both"
    )]
    HasRooms(String, usize),
    #[error("the account is removed only in part: {0}")]
    NotErased(Refused),
    #[error(
        "a sign-in provider made the account {0} and opens it, so it gets no password; let them sign in by the provider"
    )]
    OfProvider(String),
    #[error("there is no scope {0}; `/api/docs` lists them")]
    NoScope(String),
    #[error("a key is valid for 1 to {0} days")]
    Days(u64),
    #[error("the school has no key {0}; `kmz-meet key list` prints them")]
    NoKey(String),
    #[error("the account has no session {0}; `kmz-meet session list` prints them")]
    NoSession(String),
    #[error("the account {0} has no second factor")]
    NoSecondFactor(String),
    #[error(
        "the school has as many accounts as it may have; `kmz-meet teacher remove` removes those of people who left"
    )]
    TooManyAccounts,
    #[error("there are as many schools as there may be")]
    TooManySchools,
    #[error(transparent)]
    NotChanged(#[from] NotChanged),
    #[error("{path} cannot be used: {source}")]
    Document {
        path: String,
        source: std::io::Error,
    },
    #[error("{path} is not kept: {error}")]
    NotKept { path: String, error: NotKept },
    #[error("the paper is not written: {0}")]
    Paper(#[from] PdfError),
    #[error("there is no list of {0} yet")]
    NoYear(i16),
    #[error("{what}: it must have from 1 to {most} characters and no control characters")]
    Unusable { what: &'static str, most: usize },
    #[error(
        "the data directory {path} cannot be used: {source}; run this as the user that runs the server"
    )]
    DataDirectory {
        path: String,
        source: std::io::Error,
    },
    #[error("{0}; check KMZ_MEET_DATABASE_URL and KMZ_MEET_DATA_DIR")]
    Store(#[from] StoreError),
    #[error("{0}; others see it")]
    Name(#[from] NoName),
    #[error(transparent)]
    Zone(#[from] NoZone),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}

impl From<KeyNotMade> for AdminError {
    fn from(error: KeyNotMade) -> Self {
        match error {
            KeyNotMade::Store(error) => Self::Store(error),
            KeyNotMade::Signing(error) => Self::Signing(error),
        }
    }
}

/// The store and the keys of a server.
pub struct Admin {
    store: Database,
    tokens: ApiTokens,
    config: Config,
}

impl Admin {
    /// Opens what the server with this configuration uses.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open(config: &Config) -> Result<Self, AdminError> {
        let failed = |source| AdminError::DataDirectory {
            path: config.data_dir.display().to_string(),
            source,
        };
        for thing in data_dir::open(&config.data_dir).map_err(failed)? {
            eprintln!("kmz-meet: other users could look into {thing} until now; it is private now");
        }
        let secrets = Secrets::open(&config.data_dir).map_err(failed)?;
        Ok(Self {
            store: Database::open(config.database_url.as_deref(), &config.data_dir).await?,
            tokens: ApiTokens::new(&secrets.api_key),
            config: config.clone(),
        })
    }

    /// What is kept.
    #[must_use]
    pub fn store(&self) -> &Database {
        &self.store
    }

    /// Makes a school. With a signed contract it gives its first API key, else what comes next.
    ///
    /// # Errors
    /// When its name is taken.
    pub async fn add_school(&self, name: &str, signed: bool) -> Result<String, AdminError> {
        let name = usable("the name", name, 200)?;
        let now = clock::system().now();
        let new = (name.to_owned(), Vec::new());
        match add_school(&self.store, now, new, signed, COMMAND_LINE).await? {
            Ok(school) => {
                self.note(&school.id, Action::SchoolMade, &school.id)
                    .await?;
                if signed {
                    self.add_key(&school.name).await
                } else {
                    self.next_step(name).await
                }
            }
            Err(AddError::AlreadyExists) => Err(AdminError::SchoolExists(name.to_owned())),
            Err(AddError::TooMany) => Err(AdminError::TooManySchools),
        }
    }

    /// Sets the time zone of a school; gives its name as the database has it.
    ///
    /// # Errors
    /// When there is no such school, or no such zone.
    pub async fn set_time_zone(&self, school: &str, zone: &str) -> Result<String, AdminError> {
        let zone: SchoolZone = zone.parse()?;
        let school = self.school(school).await?;
        let now = clock::system().now();
        SchoolSettings::change(&self.store, now, &school, |settings| {
            settings.time_zone.clone_from(&zone);
        })
        .await?;
        self.note(&school, Action::SchoolChanged, &school).await?;
        Ok(zone.to_string())
    }

    /// Makes an account; gives the password.
    ///
    /// # Errors
    /// When there is no such school, or the user name is taken.
    pub async fn add_teacher(
        &self,
        school: &str,
        (username, name): (&str, &str),
        role: UserRole,
    ) -> Result<String, AdminError> {
        let username = usable("the user name", username, 100)?.to_lowercase();
        let name = usable("the name", name, 60)?;
        let name = DisplayName::typed(name).ok_or(NoName)?;
        let open = self.open_school(school).await?;
        let password = new_password();
        let user = User {
            id: Uuid::new_v4().to_string(),
            school: open.id().to_owned(),
            username: username.clone(),
            name: name.into(),
            role,
            password_hash: Passwords::default().hash(&password).await?,
            email: None,
            created_at: clock::system().now(),
        };
        match self.store.add_user(&open, &user).await? {
            Ok(()) => {
                self.note(open.id(), Action::TeacherMade, &user.id).await?;
                Ok(password)
            }
            Err(AddError::AlreadyExists) => Err(AdminError::UserExists(username)),
            Err(AddError::TooMany) => Err(AdminError::TooManyAccounts),
        }
    }

    /// A new password for a teacher, which is given; all their sessions end.
    ///
    /// # Errors
    /// When there is no such account, or it may have no password: one without is activated by it.
    pub async fn reset_password(&self, username: &str) -> Result<String, AdminError> {
        let user = self.user(username).await?;
        match PasswordPermit::of_holder(&self.store, clock::system().now(), &user).await {
            Ok(_) => {}
            Err(NoPassword::NoContract) => return Err(self.not_open(&user.school).await?),
            Err(NoPassword::OfProvider) => return Err(AdminError::OfProvider(user.username)),
            Err(NoPassword::Store(error)) => return Err(error.into()),
        }
        let password = new_password();
        let hash = Passwords::default().hash(&password).await?;
        self.store.set_password_hash(&user.id, &hash).await?;
        self.put_out(&user).await?;
        self.note(&user.school, Action::PasswordReset, &user.id)
            .await?;
        self.note(&user.school, Action::SessionsEnded, &user.id)
            .await?;
        Ok(password)
    }

    async fn not_open(&self, school: &str) -> Result<AdminError, StoreError> {
        let school = self.store.school(school).await?;
        let name = school.map(|school| school.name).unwrap_or_default();
        Ok(AdminError::NotOpen(name))
    }

    /// Ends all sessions of a teacher; says how many.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn end_sessions(&self, username: &str) -> Result<u64, AdminError> {
        let user = self.user(username).await?;
        let ended = self.put_out(&user).await?;
        self.note(&user.school, Action::SessionsEnded, &user.id)
            .await?;
        Ok(ended)
    }

    /// Removes the second factor of somebody who lost it.
    ///
    /// # Errors
    /// When there is no such account, or it has none.
    pub async fn remove_second_factor(&self, username: &str) -> Result<(), AdminError> {
        let user = self.user(username).await?;
        if self.store.delete_second_factor(&user.id).await? {
            self.note(&user.school, Action::SecondFactorRemoved, &user.id)
                .await
        } else {
            Err(AdminError::NoSecondFactor(user.username))
        }
    }

    /// Locks or unlocks an account. A locked one keeps its rooms, and is out of running conferences at once.
    ///
    /// # Errors
    /// When there is no such account, or it is to be unlocked without a contract that holds: that would be a new account.
    pub async fn set_locked(&self, username: &str, locked: bool) -> Result<(), AdminError> {
        let user = self.user(username).await?;
        let now = clock::system().now();
        if let Err(NoContract) = staff::set_locked(&self.store, now, &user, locked).await? {
            return Err(self.not_open(&user.school).await?);
        }
        let action = if locked {
            Action::TeacherLocked
        } else {
            Action::TeacherUnlocked
        };
        self.note(&user.school, action, &user.id).await
    }

    /// Removes an account with everything that is kept of its person. What runs in its rooms ends.
    ///
    /// # Errors
    /// When there is no such account, or it has rooms and they are not to go with it.
    pub async fn remove_teacher(&self, username: &str, rooms: bool) -> Result<(), AdminError> {
        let user = self.user(username).await?;
        let proofs = Proofs::open(&self.config.data_dir);
        let proofs = proofs.map_err(|source| AdminError::DataDirectory {
            path: self.config.data_dir.display().to_string(),
            source,
        })?;
        let left = if rooms { Rooms::Delete } else { Rooms::None };
        let now = clock::system().now();
        let erased = leaving::erase(&self.store, now, &proofs, &user, &left, &Actor::CommandLine);
        match erased.await {
            Ok(()) => Ok(()),
            Err(Refused::HasRooms) => {
                let owned = self.store.rooms_of_owner(&user.id).await?.len();
                Err(AdminError::HasRooms(user.username, owned))
            }
            Err(Refused::Store(error)) => Err(error.into()),
            Err(error) => Err(AdminError::NotErased(error)),
        }
    }

    /// How many self tests reached what: a line for each month and school.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn self_test_counts(&self) -> Result<String, AdminError> {
        let mut lines = vec!["month    UDP  relay only  nothing  school".to_owned()];
        let mut last: Option<String> = None;
        loop {
            let page = self
                .store
                .self_test_counts(None, last.as_deref(), COUNTS_AT_ONCE);
            let page = page.await?;
            lines.extend(page.iter().map(|count| {
                format!(
                    "{}  {:>3}  {:>10}  {:>7}  {}",
                    count.month,
                    count.direct,
                    count.relay,
                    count.nothing,
                    count.school.as_deref().unwrap_or("unknown")
                )
            }));
            match page.last() {
                Some(count) => last = Some(count.id.clone()),
                None => return Ok(lines.join("\n")),
            }
        }
    }

    async fn user(&self, username: &str) -> Result<User, AdminError> {
        let wanted = username.trim().to_lowercase();
        let user = self.store.user_by_username(&wanted).await?;
        user.ok_or(AdminError::NoUser(wanted))
    }

    /// Ends all sessions, and says so to the running servers; the log comes afterwards, so that nobody stays when it fails.
    async fn put_out(&self, user: &User) -> Result<u64, AdminError> {
        let ended = self.store.delete_sessions_of(&user.id, None).await?;
        self.tell(user, AccountEvent::SignedOut).await?;
        Ok(ended)
    }

    async fn tell(&self, user: &User, event: AccountEvent) -> Result<(), AdminError> {
        let now = clock::system().now();
        Ok(accounts::tell(&self.store, &user.id, event, now).await?)
    }

    /// Into the log of administrators' actions.
    async fn note(&self, school: &str, action: Action, target: &str) -> Result<(), AdminError> {
        let (now, by) = (clock::system().now(), Actor::CommandLine);
        let what = (action, target);
        Ok(audit::note(&self.store, now, &by, Some(school), what).await?)
    }

    async fn school(&self, name: &str) -> Result<String, AdminError> {
        let school = self.store.school_by_name(name.trim()).await?;
        school
            .map(|school| school.id)
            .ok_or_else(|| AdminError::NoSchool(name.to_owned()))
    }

    /// The school of this name, whose contract holds.
    async fn open_school(&self, name: &str) -> Result<OpenSchool, AdminError> {
        let id = self.school(name).await?;
        self.held(&id, name).await
    }

    async fn held(&self, id: &str, name: &str) -> Result<OpenSchool, AdminError> {
        let open = may_open(&self.store, clock::system().now(), id).await?;
        open.ok_or_else(|| AdminError::NotOpen(name.to_owned()))
    }
}

fn usable<'a>(what: &'static str, text: &'a str, most: usize) -> Result<&'a str, AdminError> {
    let text = text.trim();
    let fits = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then_some(text)
        .ok_or(AdminError::Unusable { what, most })
}
