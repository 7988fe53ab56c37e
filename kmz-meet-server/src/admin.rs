//! What an operator does at the command line: schools, their first API key, teachers. It works beside a running server.

use uuid::Uuid;

use crate::api::keys::{KEY_DAYS, make};
use crate::auth::{ApiTokens, HashError, Passwords, Scope, new_password};
use crate::clock;
use crate::config::Config;
use crate::data_dir;
use crate::secrets::Secrets;
use crate::store::{Contract, Database, Schools, StoreError, Taken, User, UserRole, Users};

/// Why something was not done: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error(
        "nobody may get an account before the school has signed the data-processing agreement; say --contract-signed when it has"
    )]
    NoContract,
    #[error("there is a school called {0} already; `kmz-meet school key` makes another key for it")]
    SchoolExists(String),
    #[error("there is no school called {0}; `kmz-meet school add` makes one")]
    NoSchool(String),
    #[error("the user name {0} is taken; choose another one")]
    UserExists(String),
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
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// The store and the keys of a server.
pub struct Admin {
    store: Database,
    tokens: ApiTokens,
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
        })
    }

    /// Makes a school; gives its first API key.
    ///
    /// # Errors
    /// When it has no contract, or its name is taken.
    pub async fn add_school(&self, name: &str, signed: bool) -> Result<String, AdminError> {
        let name = usable("the name", name, 200)?;
        if !signed {
            return Err(AdminError::NoContract);
        }
        if self.store.school_by_name(name).await?.is_some() {
            return Err(AdminError::SchoolExists(name.to_owned()));
        }
        let school = crate::store::School {
            id: Uuid::new_v4().to_string(),
            name: name.to_owned(),
            contract: Contract::Signed,
        };
        self.store.add_school(&school).await?;
        self.key_of(&school.id).await
    }

    /// Another API key of a school, with every scope.
    ///
    /// # Errors
    /// When there is no such school.
    pub async fn add_key(&self, school: &str) -> Result<String, AdminError> {
        let school = self.school(school).await?;
        self.key_of(&school).await
    }

    /// Makes an account for a teacher; gives the password.
    ///
    /// # Errors
    /// When there is no such school, or the user name is taken.
    pub async fn add_teacher(
        &self,
        school: &str,
        username: &str,
        name: &str,
    ) -> Result<String, AdminError> {
        let username = usable("the user name", username, 100)?.to_lowercase();
        let name = usable("the name", name, 60)?;
        let school = self.school(school).await?;
        let password = new_password();
        let user = User {
            id: Uuid::new_v4().to_string(),
            school,
            username: username.clone(),
            name: name.to_owned(),
            role: UserRole::Moderator,
            password_hash: Passwords::default().hash(&password).await?,
        };
        match self.store.add_user(&user).await? {
            Ok(()) => Ok(password),
            Err(Taken) => Err(AdminError::UserExists(username)),
        }
    }

    async fn school(&self, name: &str) -> Result<String, AdminError> {
        let school = self.store.school_by_name(name.trim()).await?;
        school
            .map(|school| school.id)
            .ok_or_else(|| AdminError::NoSchool(name.to_owned()))
    }

    async fn key_of(&self, school: &str) -> Result<String, AdminError> {
        let now = clock::system().now();
        let scopes = Scope::ALL.into();
        let made = make(
            &self.store,
            &self.tokens,
            school,
            ("made by the operator", scopes),
            (now, KEY_DAYS),
        );
        let (_, token) = made.await?;
        Ok(token)
    }
}

fn usable<'a>(what: &'static str, text: &'a str, most: usize) -> Result<&'a str, AdminError> {
    let text = text.trim();
    let fits = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then_some(text)
        .ok_or(AdminError::Unusable { what, most })
}
