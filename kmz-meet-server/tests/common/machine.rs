//! The command line, run as a program of its own.

use std::process::{Command, Output};

/// An operator in a shell, in a directory of their own.
pub struct Machine(pub tempfile::TempDir);

impl Machine {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kmz-meet"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KMZ_MEET_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("KMZ_MEET_DATA_DIR", self.0.path().join("data"))
            .env("KMZ_MEET_OPERATOR_NAME", "Kreismedienzentrum")
            .output()
            .unwrap()
    }

    pub fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}
