//! What was measured, and the file in which it is kept.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The file in the data directory.
pub const FILE: &str = "capacity.json";
/// People in a class.
pub const CLASS: u32 = 30;

/// What `kmz-meet capacity` found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Classes of [`CLASS`] people.
    pub classes: u32,
    /// The media threads' time for one forwarded packet, in nanoseconds.
    pub nanos_per_packet: u64,
    /// Packets that the server forwards in one second for a class.
    pub packets_per_second_of_class: u32,
    /// What leaves the server for a class, in bits per second.
    pub bits_per_second_of_class: u64,
    /// Threads that forwarded.
    pub media_threads: u32,
    /// Cores of the machine, by which another one is told from this one.
    pub cores: u32,
}

impl Measured {
    /// People in as many classes.
    pub fn people(&self) -> u32 {
        self.classes.saturating_mul(CLASS)
    }

    /// Keeps it in the data directory.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, data_dir: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        std::fs::write(data_dir.join(FILE), format!("{text}\n"))
    }
}

/// Cores that this process may use.
pub fn cores() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(cores).unwrap_or(u32::MAX)
}

/// Most people on this server: what the operator set, else what was measured here; `None` is no limit.
pub fn max_people(set: Option<u32>, data_dir: &Path) -> Option<u32> {
    match set {
        Some(0) => None,
        Some(people) => Some(people),
        None => measured_here(data_dir).map(|measured| measured.people()),
    }
}

fn measured_here(data_dir: &Path) -> Option<Measured> {
    let path = data_dir.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the measured capacity cannot be read; there is no limit");
            return None;
        }
    };
    let measured: Measured = match serde_json::from_str(&text) {
        Ok(measured) => measured,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the measured capacity is not of this version; there is no limit; run `kmz-meet capacity`");
            return None;
        }
    };
    if measured.cores != cores() {
        tracing::warn!(
            measured = measured.cores,
            now = cores(),
            "the capacity was measured with another number of cores; there is no limit; run `kmz-meet capacity`"
        );
        return None;
    }
    Some(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Measured {
        Measured {
            classes: 12,
            nanos_per_packet: 4_200,
            packets_per_second_of_class: 12_600,
            bits_per_second_of_class: 70_000_000,
            media_threads: 1,
            cores: cores(),
        }
    }

    #[test]
    fn max_people_without_a_setting_is_what_was_measured_on_this_machine() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(max_people(None, directory.path()), None);
        measured().write(directory.path()).unwrap();
        assert_eq!(max_people(None, directory.path()), Some(360));
        let other = Measured {
            cores: cores() + 1,
            ..measured()
        };
        other.write(directory.path()).unwrap();
        assert_eq!(max_people(None, directory.path()), None);
        std::fs::write(directory.path().join(FILE), "{}").unwrap();
        assert_eq!(max_people(None, directory.path()), None);
    }

    #[test]
    fn max_people_that_is_set_counts_more_than_what_was_measured() {
        let directory = tempfile::tempdir().unwrap();
        measured().write(directory.path()).unwrap();
        assert_eq!(max_people(Some(45), directory.path()), Some(45));
        assert_eq!(max_people(Some(0), directory.path()), None);
    }
}
