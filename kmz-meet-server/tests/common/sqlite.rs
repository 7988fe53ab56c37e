//! A database with all tables and nothing in them, made once for the tests of this process: the steps of the migration
//! take longer than most of the tests.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use tokio::sync::OnceCell;

/// The database in the data directory.
pub const FILE: &str = "kmz-meet.sqlite";

async fn migrated() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let database = kmz_meet_server::store::Database::open(None, directory.path()).await;
    // The last connection takes the write-ahead log into the file.
    database.unwrap().close().await.unwrap();
    std::fs::read(directory.path().join(FILE)).unwrap()
}

/// Makes the data directory, with a copy of it inside.
pub async fn copy_into(data_dir: &Path) {
    static MIGRATED: OnceCell<Vec<u8>> = OnceCell::const_new();
    let migrated = MIGRATED.get_or_init(migrated).await;
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(data_dir)
        .unwrap();
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(data_dir.join(FILE))
        .unwrap();
    file.write_all(migrated).unwrap();
}
