//! PostgreSQL by its own programs: they know what we need not.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::error::BackupError;
use crate::store::LEFT_OUT;

const DUMP: &str = "pg_dump";
const RESTORE: &str = "pg_restore";

fn failed(tool: &'static str, why: impl Into<String>) -> BackupError {
    let why = why.into();
    BackupError::Tool { tool, why }
}

/// What the program wrote, unless it failed. Its messages name tables and no rows.
fn done(tool: &'static str, output: std::io::Result<Output>) -> Result<Vec<u8>, BackupError> {
    let output = output.map_err(|error| failed(tool, error.to_string()))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(failed(tool, said.trim()))
    }
}

/// A command for this database. The URL may have a password, so it is not among the arguments, which every user sees.
fn command(tool: &str, url: &str) -> Command {
    let mut command = Command::new(tool);
    let mut shown = url.to_owned();
    if let Ok(mut parsed) = url.parse::<url::Url>()
        && let Some(password) = parsed.password().map(str::to_owned)
    {
        let decoded = percent_encoding::percent_decode_str(&password).decode_utf8_lossy();
        command.env("PGPASSWORD", &*decoded);
        if parsed.set_password(None).is_ok() {
            shown = parsed.to_string();
        }
    }
    command.arg(format!("--dbname={shown}"));
    command
}

/// The database as PostgreSQL's own archive.
pub fn dump(url: &str) -> Result<Vec<u8>, BackupError> {
    let mut command = command(DUMP, url);
    command.args(["--format=custom", "--no-owner", "--no-privileges"]);
    command.args(LEFT_OUT.map(|table| format!("--exclude-table-data={table}")));
    done(DUMP, command.output())
}

/// Puts it in the place of what is there: all of it, or nothing.
pub fn restore(url: &str, archive: &[u8]) -> Result<(), BackupError> {
    let mut command = command(RESTORE, url);
    command.args([
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
    ]);
    let running = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut running = running.map_err(|error| failed(RESTORE, error.to_string()))?;
    if let Some(mut input) = running.stdin.take() {
        // If it ends before, its own message says why.
        let _ = input.write_all(archive);
    }
    done(RESTORE, running.wait_with_output()).map(drop)
}
