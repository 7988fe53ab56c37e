//! What is kept, and for how long.

use std::time::{Duration, SystemTime};

use super::subject::{Seen, Subject};
use crate::clock::millis;
use crate::store::StoreError;

/// Housekeeping comes twice a minute; until then nothing is late.
const SLACK: Duration = Duration::from_mins(2);
/// A conference that runs is saved more often than this.
const MAX_QUIET: Duration = Duration::from_hours(24);
/// A proof waits for a decision, with a day until its sender has proved the address.
const MAX_PROOF_AGE: Duration = Duration::from_hours(31 * 24);
/// As files of age begin (<https://age-encryption.org/v1>).
const AGE: &[u8] = b"age-encryption.org/v1";

async fn nothing_overdue(
    on: &Subject<'_>,
    seen: &mut Seen,
    only: impl Fn(&str) -> bool,
) -> Result<(), StoreError> {
    let overdue = on.store.overdue(on.now - millis(SLACK)).await?;
    let overdue = overdue.into_iter().filter(|(table, _)| only(table));
    let lines = overdue.map(|(table, rows)| {
        format!(
            "{table}: {rows} {}",
            on.say(
                "Zeilen, deren Zeit um ist; läuft der Server?",
                "rows whose time is over; does the server run?"
            )
        )
    });
    seen.none(
        lines.collect(),
        on.say(
            "nichts Überfälliges in der Datenbank",
            "nothing overdue in the database",
        ),
    );
    Ok(())
}

pub(super) async fn content(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let quiet = on.config.empty_after + MAX_QUIET;
    let left = on.store.left_content(on.now - millis(quiet)).await?;
    seen.must(
        left == 0,
        on.say(
            "keine Inhalte beendeter Konferenzen",
            "no content of conferences that ended",
        ),
        format!(
            "{left} {}",
            on.say(
                "Inhalte von Konferenzen, die vorbei sind; starte den Server, er löscht sie",
                "contents of conferences that are over; start the server, it deletes them"
            )
        ),
    );
    nothing_overdue(on, seen, |table| table != "audit").await
}

pub(super) async fn logs(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let log = on.config.log.to_lowercase();
    let is_talkative = log.contains("debug") || log.contains("trace");
    seen.must(
        !is_talkative,
        format!("log = {log}"),
        format!(
            "log = {log}: {}",
            on.say(
                "Auf den Stufen debug und trace schreiben Bibliotheken Adressen; setze info.",
                "at the levels debug and trace libraries write addresses; set info."
            )
        ),
    );
    no_addresses(on, seen).await
}

pub(super) async fn no_addresses(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let columns = on.store.address_columns().await?;
    seen.none(
        columns,
        on.say(
            "keine Spalte für IP-Adressen in der Datenbank",
            "no column for IP addresses in the database",
        ),
    );
    Ok(())
}

pub(super) async fn audit(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    nothing_overdue(on, seen, |table| table == "audit").await
}

pub(super) async fn proofs(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let age = millis(MAX_PROOF_AGE) + millis(SLACK);
    let old = on.store.requests_made_before(on.now - age).await?;
    seen.must(
        old == 0,
        on.say(
            "keine Anfrage älter als 31 Tage",
            "no request older than 31 days",
        ),
        format!(
            "{old} {}",
            on.say("Anfragen sind zu alt", "requests are too old")
        ),
    );
    let (count, wrong) = looked_at_proofs(on);
    seen.none(
        wrong,
        format!(
            "{count} {}",
            on.say(
                "Nachweise, alle verschlüsselt und nicht zu alt",
                "proofs, all encrypted and not too old"
            )
        ),
    );
    seen.none(
        on.open_files.to_vec(),
        on.say(
            "Dateien nur für diesen Benutzer lesbar",
            "files readable by this user alone",
        ),
    );
    Ok(())
}

/// How many files there are, and what is wrong with them.
fn looked_at_proofs(on: &Subject<'_>) -> (usize, Vec<String>) {
    let folder = on
        .config
        .data_dir
        .join(crate::teacher_requests::PROOFS_FOLDER);
    let Ok(files) = std::fs::read_dir(folder) else {
        return (0, Vec::new());
    };
    let (mut count, mut wrong) = (0, Vec::new());
    for file in files.flatten() {
        count += 1;
        let name = file.file_name().to_string_lossy().into_owned();
        let written = file
            .metadata()
            .and_then(|file| file.modified())
            .unwrap_or_else(|_| SystemTime::now());
        if written.elapsed().unwrap_or_default() > MAX_PROOF_AGE {
            wrong.push(format!(
                "{name}: {}",
                on.say("älter als 31 Tage", "older than 31 days")
            ));
        }
        // The file may be gone by now.
        let bytes = std::fs::read(file.path()).unwrap_or_else(|_| AGE.to_vec());
        if !bytes.starts_with(AGE) {
            wrong.push(format!(
                "{name}: {}",
                on.say("nicht verschlüsselt", "not encrypted")
            ));
        }
    }
    (count, wrong)
}
