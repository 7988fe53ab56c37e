//! The papers: whether they can be made, and what they lack.

use super::subject::{Seen, Subject, not_set};
use crate::privacy::connections::Connections;
use crate::privacy::{Of, papers};
use crate::store::StoreError;

fn is_filled(on: &Subject<'_>, seen: &mut Seen, values: &[(&str, Option<&String>)]) {
    let empty = values.iter().filter(|(_, value)| value.is_none());
    let empty = empty.map(|(key, _)| not_set(on, key));
    seen.none(
        empty.collect(),
        on.say("alle Angaben sind eingetragen", "all details are entered"),
    );
}

pub(super) fn information(on: &Subject<'_>, seen: &mut Seen) {
    let config = on.config;
    let values = [
        ("operator_name", config.operator_name.as_ref()),
        ("operator_address", config.operator_address.as_ref()),
        ("operator_email", config.operator_email.as_ref()),
        (
            "data_protection_officer",
            config.privacy.data_protection_officer.as_ref(),
        ),
        ("legal_basis", config.privacy.legal_basis.as_ref()),
        (
            "supervisory_authority",
            config.privacy.supervisory_authority.as_ref(),
        ),
    ];
    is_filled(on, seen, &values);
}

pub(super) async fn made(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let connections = Connections::read(on.config, on.store).await?;
    let of = Of {
        config: on.config,
        service: on.service.as_str(),
        now: on.now,
    };
    let made = [
        papers::record(of, on.language).pdf(),
        papers::measures(of, on.language).pdf(),
        papers::connections(of, &connections, on.language).pdf(),
    ];
    let failed = made.iter().filter_map(|paper| paper.as_ref().err());
    let failed: Vec<String> = failed.map(ToString::to_string).collect();
    seen.none(
        failed,
        on.say(
            "drei Dokumente erstellt (PDF)",
            "three documents made (PDF)",
        ),
    );
    let privacy = &on.config.privacy;
    let values = [
        ("operator_name", on.config.operator_name.as_ref()),
        ("server_location", privacy.server_location.as_ref()),
        ("processors", privacy.processors.as_ref()),
    ];
    is_filled(on, seen, &values);
    Ok(())
}

pub(super) async fn connections(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let connections = Connections::read(on.config, on.store).await?;
    seen.proofs.push(format!(
        "{} {}, {} {}",
        connections.ports.len(),
        on.say("Ports", "ports"),
        connections.outgoing.len(),
        on.say("Verbindungen nach außen", "outgoing connections"),
    ));
    let open = connections.outgoing.iter().filter(|one| !one.is_encrypted);
    let open = open.map(|one| {
        format!(
            "{}: {}",
            one.host,
            on.say(
                "Die Verbindung ist nicht verschlüsselt.",
                "the connection is not encrypted."
            )
        )
    });
    seen.none(
        open.collect(),
        on.say(
            "alle nach außen verschlüsselt",
            "all outgoing ones encrypted",
        ),
    );
    seen.must(
        !on.config.outgoing_loopback,
        on.say(
            "keine Anfragen an diesen Rechner selbst",
            "no requests to this machine itself",
        ),
        on.say("Der Server ist eine Demo.", "the server is a demo."),
    );
    Ok(())
}
