//! A copy of the database for a backup: as it was at one moment, and without what must not outlive a conference.

use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectionTrait, DbBackend};

use super::database::in_directory;
use super::{Database, StoreError};

/// What no backup has: the content of conferences that run, and who is signed in.
pub const LEFT_OUT: [&str; 3] = ["chat", "conferences", "sessions"];

impl Database {
    /// Whether it is SQLite, a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Sqlite
    }

    /// Where the file of an SQLite database is; `None`: it is none.
    #[must_use]
    pub fn file_of(url: Option<&str>, data_dir: &Path) -> Option<PathBuf> {
        let url = url.map_or_else(|| in_directory(data_dir), str::to_owned);
        if !url.starts_with("sqlite:") {
            return None;
        }
        let options: SqliteConnectOptions = url.parse().ok()?;
        Some(options.get_filename().to_owned())
    }

    /// Writes a copy of an SQLite database into a new file, while others go on, without the rows of [`LEFT_OUT`].
    pub async fn copy_into(&self, file: &Path) -> Result<(), StoreError> {
        let path = file.display().to_string().replace('\'', "''");
        self.connection
            .execute_unprepared(&format!("VACUUM INTO '{path}'"))
            .await?;
        let copy = format!("sqlite://{}", file.display());
        let copy = sea_orm::Database::connect(copy).await?;
        for table in LEFT_OUT {
            copy.execute_unprepared(&format!("DELETE FROM {table}"))
                .await?;
        }
        // Also of what is free: nothing of the rows is in the file.
        copy.execute_unprepared("VACUUM").await?;
        copy.close().await?;
        Ok(())
    }
}
