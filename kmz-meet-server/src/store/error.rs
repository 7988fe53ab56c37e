//! What the store answers when it does not do what was asked.

/// The store does not do what it should; the text is for the operator's log, not for users.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or was not reached.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// Something in the database cannot be read.
    #[error("database: {what} of {id} cannot be read: {source}")]
    Damaged {
        what: &'static str,
        id: String,
        source: serde_json::Error,
    },
    /// Others change the same thing all the time.
    #[error("database: {kind} is being changed by others again and again")]
    Contended { kind: &'static str },
    /// The directory or file of the database.
    #[error("database file: {0}")]
    Io(#[from] std::io::Error),
}

/// Someone else was first.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is one of this name already")]
pub struct AlreadyExists;

/// Why something was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddError {
    /// Something else has what has to be unique.
    AlreadyExists,
    /// The school has as many as it may.
    TooMany,
}
