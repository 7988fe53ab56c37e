//! One PostgreSQL for the tests of this process, with one database for each server.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use sea_orm::ConnectionTrait;

/// It stops when this process ends, because its standard input closes then.
struct Cluster {
    directory: String,
    _process: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

fn start() -> Cluster {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../scripts/postgres-cluster.sh"
    );
    let mut process = Command::new(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut directory = String::new();
    let output = process.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut directory).unwrap();
    let directory = directory.trim().to_owned();
    assert!(!directory.is_empty(), "PostgreSQL did not start");
    Cluster {
        directory,
        _process: process,
    }
}

/// Whether the tests are asked to run on PostgreSQL.
pub fn is_wanted() -> bool {
    std::env::var("KMZ_MEET_TEST_DATABASE").is_ok_and(|value| value == "postgres")
}

/// The URL of a database of this name, which need not be there.
async fn url(name: &str) -> String {
    let cluster = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(start))
        .await
        .unwrap();
    let host: String = url::form_urlencoded::byte_serialize(cluster.directory.as_bytes()).collect();
    format!("postgres://postgres@localhost/{name}?host={host}")
}

async fn create(name: &str, template: &str) -> String {
    let connection = sea_orm::Database::connect(url("postgres").await)
        .await
        .unwrap();
    connection
        .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .await
        .unwrap();
    connection.close().await.unwrap();
    url(name).await
}

fn new_name() -> String {
    format!("t{}", uuid::Uuid::new_v4().simple())
}

/// The URL of a new, empty database.
pub async fn empty_database() -> String {
    create(&new_name(), "template1").await
}

/// The URL of a new database with all tables and nothing in them.
pub async fn database() -> String {
    static MIGRATED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    const TEMPLATE: &str = "migrated";
    let migrate = || async {
        let url = create(TEMPLATE, "template1").await;
        let nowhere = std::path::Path::new("/nonexistent");
        let database = kmz_meet_server::store::Database::open(Some(&url), nowhere).await;
        // A template must have no connection.
        database.unwrap().close().await.unwrap();
    };
    MIGRATED.get_or_init(migrate).await;
    create(&new_name(), TEMPLATE).await
}
