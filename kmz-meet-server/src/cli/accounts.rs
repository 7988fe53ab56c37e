//! `kmz-meet session` and `kmz-meet key`, and the roles of accounts.

use clap::{Subcommand, ValueEnum};

use crate::admin::{Admin, AdminError, TypedKey};
use crate::store::UserRole;

/// What an account is for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum AccountRole {
    /// Has rooms
    Teacher,
    /// Looks after the school in the console
    SchoolAdmin,
    /// Runs the service for all schools in the console; belongs to one of them, such as that of the county's office
    Operator,
}

impl From<AccountRole> for UserRole {
    fn from(role: AccountRole) -> Self {
        match role {
            AccountRole::Teacher => Self::Moderator,
            AccountRole::SchoolAdmin => Self::SchoolAdmin,
            AccountRole::Operator => Self::Operator,
        }
    }
}

#[derive(Subcommand)]
pub(super) enum SessionCommand {
    /// Print where somebody is signed in
    List { username: String },
    /// End all sessions of somebody, or one
    End {
        username: String,
        /// As the list shows it
        #[arg(long, value_name = "ID")]
        session: Option<String>,
    },
}

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Print the keys of a school, without what opens something
    List {
        /// Name of the school
        school: String,
    },
    /// Make a key of a school; prints it, once
    Make {
        /// Name of the school
        school: String,
        /// What people call it
        #[arg(long)]
        name: Option<String>,
        /// What it may do, such as rooms:read; may be given several times. Without it: everything in the school
        #[arg(long)]
        scope: Vec<String>,
        /// For so many days; 365 without it
        #[arg(long)]
        days: Option<u64>,
    },
    /// Take a key back: from now on it opens nothing
    Revoke {
        /// Name of the school
        school: String,
        /// As the list shows it
        id: String,
    },
}

/// Gives what is printed.
pub(super) async fn session(admin: &Admin, command: SessionCommand) -> Result<String, AdminError> {
    match command {
        SessionCommand::List { username } => admin.list_sessions(&username).await,
        SessionCommand::End {
            username,
            session: None,
        } => {
            let ended = admin.end_sessions(&username).await?;
            Ok(format!(
                "{username} is signed out everywhere ({ended} sessions)."
            ))
        }
        SessionCommand::End {
            username,
            session: Some(id),
        } => {
            admin.end_session(&username, &id).await?;
            Ok(format!("{username} is signed out there."))
        }
    }
}

/// Gives what is printed.
pub(super) async fn key(admin: &Admin, command: KeyCommand) -> Result<String, AdminError> {
    match command {
        KeyCommand::List { school } => admin.list_keys(&school).await,
        KeyCommand::Make {
            school,
            name,
            scope,
            days,
        } => {
            let typed = TypedKey {
                name: name.as_deref(),
                scopes: &scope,
                days,
            };
            admin.make_key(&school, typed).await
        }
        KeyCommand::Revoke { school, id } => {
            admin.revoke_key(&school, &id).await?;
            Ok("The key opens nothing any more.".to_owned())
        }
    }
}
