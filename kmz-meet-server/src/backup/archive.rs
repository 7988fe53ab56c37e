//! What is in a backup: a ZIP file with a manifest, the database, and the files of the data directory.

use std::io::{self, Cursor, Read, Write};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::clock::Timestamp;
use crate::secrets;
use crate::teacher_requests::PROOFS_FOLDER;

const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "database";
const FILES: &str = "data/";
/// Folders of the data directory that are kept: templates of mails, and proofs that wait (encrypted).
const FOLDERS: [&str; 2] = ["mail", PROOFS_FOLDER];
const FORMAT: u32 = 1;

/// Of which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseKind {
    Sqlite,
    Postgres,
}

impl DatabaseKind {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    made_at: Timestamp,
    kind: DatabaseKind,
}

/// A backup.
pub struct Archive {
    pub made_at: Timestamp,
    pub kind: DatabaseKind,
    pub database: Vec<u8>,
    /// By their paths in the data directory.
    pub files: Vec<(String, Vec<u8>)>,
}

/// The files of a data directory that belong into a backup.
pub fn files_of(data_dir: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for name in secrets::FILES {
        match std::fs::read(data_dir.join(name)) {
            Ok(bytes) => files.push((name.to_owned(), bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    for folder in FOLDERS {
        let Ok(entries) = std::fs::read_dir(data_dir.join(folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            // A proof may have been decided meanwhile.
            if let (Some(name), Ok(bytes)) =
                (entry.file_name().to_str(), std::fs::read(entry.path()))
            {
                files.push((format!("{folder}/{name}"), bytes));
            }
        }
    }
    Ok(files)
}

impl Archive {
    /// As bytes.
    pub fn write(&self) -> io::Result<Vec<u8>> {
        let manifest = Manifest {
            format: FORMAT,
            made_at: self.made_at,
            kind: self.kind,
        };
        let manifest = serde_json::to_vec(&manifest)?;
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut add = |name: &str, bytes: &[u8]| -> io::Result<()> {
            zip.start_file(name, SimpleFileOptions::default().large_file(true))
                .map_err(io::Error::other)?;
            zip.write_all(bytes)
        };
        add(MANIFEST, &manifest)?;
        add(DATABASE, &self.database)?;
        for (name, bytes) in &self.files {
            add(&format!("{FILES}{name}"), bytes)?;
        }
        Ok(zip.finish().map_err(io::Error::other)?.into_inner())
    }

    /// Of bytes.
    pub fn read(bytes: &[u8]) -> io::Result<Self> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(io::Error::other)?;
        let (mut manifest, mut database, mut files) = (None, None, Vec::new());
        for number in 0..zip.len() {
            let mut entry = zip.by_index(number).map_err(io::Error::other)?;
            let name = entry.name().map_err(io::Error::other)?.into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            match name.as_str() {
                MANIFEST => manifest = Some(serde_json::from_slice::<Manifest>(&bytes)?),
                DATABASE => database = Some(bytes),
                _ => {
                    let within = name.strip_prefix(FILES).filter(|path| is_within(path));
                    let within =
                        within.ok_or_else(|| io::Error::other("a file in it is none of ours"))?;
                    files.push((within.to_owned(), bytes));
                }
            }
        }
        let (Some(manifest), Some(database)) = (manifest, database) else {
            return Err(io::Error::other("it has no manifest or no database"));
        };
        if manifest.format != FORMAT {
            return Err(io::Error::other("a newer version of kmz-meet wrote it"));
        }
        Ok(Self {
            made_at: manifest.made_at,
            kind: manifest.kind,
            database,
            files,
        })
    }
}

/// Whether a path stays in the directory that it is put into.
fn is_within(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(file: &str) -> Archive {
        Archive {
            made_at: 5,
            kind: DatabaseKind::Sqlite,
            database: b"SQLite".to_vec(),
            files: vec![(file.to_owned(), b"key".to_vec())],
        }
    }

    #[test]
    fn archive_that_is_read_has_what_was_written() {
        let bytes = archive("mail/a.de.txt").write().unwrap();
        let read = Archive::read(&bytes).unwrap();
        assert_eq!(
            (read.made_at, read.kind, read.database.as_slice()),
            (5, DatabaseKind::Sqlite, &b"SQLite"[..])
        );
        assert_eq!(read.files, [("mail/a.de.txt".to_owned(), b"key".to_vec())]);
        assert!(Archive::read(&bytes[..bytes.len() / 2]).is_err());
        assert!(Archive::read(b"no zip").is_err());
    }

    #[test]
    fn archive_with_a_path_out_of_the_directory_is_refused() {
        for path in ["../passwd", "/etc/passwd", "mail/../../x", ""] {
            let bytes = archive(path).write().unwrap();
            assert!(Archive::read(&bytes).is_err(), "{path}");
        }
    }
}
