//! The connection, and what SQLite needs to be fast, safe and forgetful.

use std::path::Path;
use std::time::Duration;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction,
    DbBackend, EntityTrait, QueryFilter, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use super::StoreError;
use super::entity::{chat, conference, school};
use super::migration::Migrator;
use crate::data_dir;

/// SQLite or PostgreSQL.
#[derive(Clone)]
pub struct Database {
    pub(super) connection: DatabaseConnection,
}

impl Database {
    /// Opens `url`, or `kmz-meet.sqlite` in the data directory, and brings its tables up to date.
    ///
    /// # Errors
    /// When it cannot be reached, written, or is of a newer version of this program.
    pub async fn open(url: Option<&str>, data_dir: &Path) -> Result<Self, StoreError> {
        let url = url.map_or_else(|| in_directory(data_dir), str::to_owned);
        make_private(&url)?;
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(8)
            .connect_timeout(Duration::from_secs(10))
            .acquire_timeout(Duration::from_secs(10))
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // Survives a killed process; a power cut may cost the last moment, never the file.
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(Duration::from_secs(10))
                    // What is deleted is overwritten.
                    .pragma("secure_delete", "ON")
            });
        let connection = sea_orm::Database::connect(options).await?;
        Migrator::up(&connection, None).await?;
        let database = Self { connection };
        database.delete_stray_chat().await?;
        Ok(database)
    }

    /// Ends all connections to the database; nothing can be read or written after it.
    ///
    /// # Errors
    /// When one does not end in order.
    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.connection.close_by_ref().await?)
    }

    /// Deletes chat that was written before the first snapshot of a conference that never came to one.
    async fn delete_stray_chat(&self) -> Result<(), StoreError> {
        // With PostgreSQL another server may be writing such a message right now.
        if self.connection.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        let kept = Query::select()
            .column(conference::Column::Id)
            .from(conference::Entity)
            .to_owned();
        let deleted = chat::Entity::delete_many()
            .filter(chat::Column::ConferenceId.not_in_subquery(kept))
            .exec(&self.connection)
            .await?;
        if deleted.rows_affected > 0 {
            self.forget().await?;
        }
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.connection.ping().await?;
        Ok(())
    }

    /// Begins a transaction that may read before it writes: with SQLite, one that has read cannot begin to write while
    /// others do, so it is the writer from the start.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.connection.begin_with_options(options).await?)
    }

    /// With SQLite, rows that were deleted or changed are still in the write-ahead log; this empties it. While somebody reads,
    /// it may stay: housekeeping comes again.
    pub async fn forget(&self) -> Result<(), StoreError> {
        if self.connection.get_database_backend() == DbBackend::Sqlite {
            self.connection
                .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
                .await?;
        }
        Ok(())
    }
}

/// Lets others who do this for the same school wait until the transaction is over: what is counted in it stays so.
pub(super) async fn lock_school(
    transaction: &DatabaseTransaction,
    school: &str,
) -> Result<(), StoreError> {
    // `SELECT … FOR UPDATE` is not there in SQLite; an update that changes nothing locks the row in both.
    school::Entity::update_many()
        .col_expr(
            school::Column::Contract,
            Expr::col(school::Column::Contract),
        )
        .filter(school::Column::Id.eq(school))
        .exec(transaction)
        .await?;
    Ok(())
}

/// A database in a file is for this user alone, wherever it is.
fn make_private(url: &str) -> Result<(), StoreError> {
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    if !url.starts_with("sqlite:") || in_memory {
        return Ok(());
    }
    // One that is none is named by whoever opens it.
    let Ok(options) = url.parse::<SqliteConnectOptions>() else {
        return Ok(());
    };
    let file = options.get_filename();
    data_dir::private_database(file).map_err(|error| {
        StoreError::from(sea_orm::DbErr::Custom(format!(
            "{}: {error}",
            file.display()
        )))
    })
}

pub(super) fn in_directory(data_dir: &Path) -> String {
    // Characters with a meaning in URLs are legal in paths.
    let path = data_dir.join(data_dir::DATABASE).display().to_string();
    let path = path
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23");
    format!("sqlite://{path}?mode=rwc")
}
