//! The technical and organisational measures of this server (Art. 32 GDPR), as they are set.

use crate::config::Config;
use crate::language::Language;

/// What the server does to protect data, as it is set.
pub(crate) fn measures(
    (config, service): (&Config, &str),
    language: Language,
) -> Vec<(&'static str, String)> {
    let say = |german, english| language.say(german, english);
    let own_tls = config.tls.is_some();
    let transport = if own_tls {
        say(
            "HTTPS (TLS 1.2 und 1.3), vom Server selbst",
            "HTTPS (TLS 1.2 and 1.3), by the server itself",
        )
    } else if service.starts_with("https://") {
        say(
            "HTTPS über einen vorgeschalteten Proxy des Betreibers",
            "HTTPS by a proxy of the operator in front of it",
        )
    } else {
        say(
            "NICHT EINGERICHTET: Der Dienst wird ohne HTTPS erreicht. So darf er nicht in Betrieb gehen.",
            "NOT SET UP: the service is reached without HTTPS. It must not go into operation like this.",
        )
    };
    let is_postgres = config
        .database_url
        .as_deref()
        .is_some_and(|url| url.starts_with("postgres"));
    let storage = if is_postgres {
        say(
            "PostgreSQL-Datenbank des Betreibers; Schlüssel in Dateien, die nur der Dienst lesen kann",
            "PostgreSQL database of the operator; keys in files that only the service can read",
        )
    } else {
        say(
            "SQLite-Datei und Schlüssel, die nur der Dienst lesen kann (Rechte 0600); Gelöschtes wird überschrieben",
            "SQLite file and keys that only the service can read (mode 0600); what is deleted is overwritten",
        )
    };
    let metrics = if config.metrics_token.is_some() {
        say(
            "Zähler ohne Namen und Adressen, nur mit Geheimnis lesbar",
            "counters without names and addresses, readable with a secret only",
        )
    } else {
        say(
            "Zähler ohne Namen und Adressen, nur auf dem Server selbst lesbar",
            "counters without names and addresses, readable on the server itself only",
        )
    };
    let people = config.capacity;
    [
        (say("Übertragung", "Transport"), transport.to_owned()),
        (
            say("Ton und Bild", "Sound and pictures"),
            say(
                "verschlüsselt zwischen Browser und Server (DTLS-SRTP); keine Aufzeichnung",
                "encrypted between browser and server (DTLS-SRTP); no recording",
            )
            .to_owned(),
        ),
        (say("Speicherung", "Storage"), storage.to_owned()),
        (
            say("Verträge", "Contracts"),
            say(
                "unterschriebene Dokumente verschlüsselt (age, X25519); der Schlüssel liegt nicht in der Datenbank",
                "signed documents are encrypted (age, X25519); the key is not in the database",
            )
            .to_owned(),
        ),
        (
            say("Passwörter", "Passwords"),
            say(
                "nur als Prüfwert (Argon2id); Versuche sind je Konto und Herkunft begrenzt",
                "kept as a hash only (Argon2id); tries are limited by account and source",
            )
            .to_owned(),
        ),
        (
            say("Zutritt zu Räumen", "Access to rooms"),
            match language {
                Language::German => format!(
                    "Namen, die niemand errät, Passwort, Anklopfen; höchstens {people} Personen in einer Konferenz"
                ),
                Language::English => format!(
                    "names that nobody guesses, password, knocking; at most {people} people in a conference"
                ),
            },
        ),
        (
            say("Trennung", "Separation"),
            say(
                "Jede Schule sieht nur ihre eigenen Daten; jede Adresse der Schnittstelle wird daraufhin geprüft",
                "each school sees its own data only; every address of the interface is tested for it",
            )
            .to_owned(),
        ),
        (
            say("Protokolle", "Logs"),
            say(
                "keine Namen, IP-Adressen, Chats oder Schlüssel",
                "no names, IP addresses, chats or keys",
            )
            .to_owned(),
        ),
        (say("Überwachung", "Monitoring"), metrics.to_owned()),
    ]
    .into()
}
