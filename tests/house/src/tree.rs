//! The files below a folder, by their paths in it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Unreadable;

/// Sources in memory: those of a crate, or what a test plants.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        Self {
            files: files.into_iter().collect(),
        }
    }
}

impl Tree {
    /// Reads all files below `folder` that have one of these endings, except folders of these names.
    ///
    /// # Errors
    /// When a file or folder cannot be read, or is not UTF-8.
    pub fn read(folder: &Path, endings: &[&str], except: &[&str]) -> Result<Self, Unreadable> {
        let mut tree = Self::default();
        tree.read_folder(folder, "", endings, except)?;
        Ok(tree)
    }

    fn read_folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        endings: &[&str],
        except: &[&str],
    ) -> Result<(), Unreadable> {
        let failed = |error| Unreadable(format!("{}: {error}", folder.display()));
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                if !except.contains(&name.as_str()) {
                    self.read_folder(&entry.path(), &format!("{path}/"), endings, except)?;
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(entry.path())
                    .map_err(|error| Unreadable(format!("{}: {error}", entry.path().display())))?;
                self.files.insert(path, text);
            }
        }
        Ok(())
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Paths and texts, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter();
        files.map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Appends text to a file; makes the file if there is none.
    pub fn append(&mut self, path: &str, text: &str) {
        self.files
            .entry(path.to_owned())
            .or_default()
            .push_str(text);
    }
}
