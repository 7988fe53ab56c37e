//! Every byte that a server keeps, searched for canaries.

use std::path::Path;
use std::process::Command;

use super::TestServer;

/// How often the canary is in there.
pub fn count(bytes: &[u8], canary: &str) -> usize {
    let canary = canary.as_bytes();
    bytes
        .windows(canary.len())
        .filter(|part| *part == canary)
        .count()
}

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            // One that is written anew may be gone by now.
            let bytes = std::fs::read(&path).unwrap_or_default();
            found.push((path.display().to_string(), bytes));
        }
    }
}

/// The files of the data directory, with SQLite's, and a fresh dump of PostgreSQL.
fn kept(server: &TestServer) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    files(&server.app.config.data_dir, &mut found);
    if let Some(url) = &server.app.config.database_url {
        let dump = Command::new("pg_dump").args(["--inserts", url]).output();
        // It comes with PostgreSQL.
        let dump = dump.unwrap();
        assert!(dump.status.success(), "{dump:?}");
        found.push(("dump".to_owned(), dump.stdout));
    }
    found
}

/// How often which canary is where.
pub fn hits<'c>(server: &TestServer, canaries: &[&'c str]) -> Vec<(String, &'c str, usize)> {
    let mut hits = Vec::new();
    for (name, bytes) in kept(server) {
        for canary in canaries {
            let times = count(&bytes, canary);
            if times > 0 {
                hits.push((name.clone(), *canary, times));
            }
        }
    }
    hits
}
