//! The points of the report: what holds, where it is set, and the tests of this version that prove it.

/// A text in German and in English.
pub type Both = (&'static str, &'static str);

/// A point of the catalogue for school video conferences.
pub struct Point {
    /// As in `P7`.
    pub number: u8,
    pub title: Both,
    pub holds: Both,
    /// The keys that decide about it; empty: nobody can change it.
    pub keys: &'static [&'static str],
    /// Functions of the Rust tests, and stories of the browser tests (`tests/e2e/stories`).
    pub tests: &'static [&'static str],
}

/// All of them, in order.
pub const POINTS: [Point; 22] = [
    Point {
        number: 1,
        title: ("Übertragung verschlüsselt", "Encrypted transport"),
        holds: (
            "Seiten und Nachrichten gehen nur über HTTPS (TLS 1.2 und 1.3 mit den Verfahren der BSI TR-02102-2), Ton und Bild nur über DTLS-SRTP.",
            "Pages and messages go by HTTPS only (TLS 1.2 and 1.3 with the suites of BSI TR-02102-2), sound and pictures by DTLS-SRTP only.",
        ),
        keys: &["public_url", "tls_certificate", "tls_key"],
        tests: &["provider_has_the_recommended_suites_and_no_other"],
    },
    Point {
        number: 2,
        title: (
            "Kein falsches Versprechen zur Ende-zu-Ende-Verschlüsselung",
            "No false promise of end-to-end encryption",
        ),
        holds: (
            "Ende-zu-Ende-Verschlüsselung wird nicht angeboten, und nichts im Programm behauptet sie.",
            "End-to-end encryption is not offered, and nothing in the program claims it.",
        ),
        keys: &[],
        tests: &["client_and_interface_suggest_no_recording"],
    },
    Point {
        number: 3,
        title: ("Keine fremden Hosts", "No foreign hosts"),
        holds: (
            "Der Browser wendet sich nur an diesen Server; eine Regel für den Inhalt (CSP) verbietet ihm jeden anderen Host.",
            "The browser turns to this server only; a content security policy forbids any other host.",
        ),
        keys: &[],
        tests: &[
            "answers_have_headers_that_keep_browsers_on_this_origin",
            "promises.test.mjs",
        ],
    },
    Point {
        number: 4,
        title: ("Mikrofon und Kamera aus", "Microphone and camera off"),
        holds: (
            "Mikrofon und Kamera sind aus, bis jemand sie selbst einschaltet. Niemand kann sie von außen einschalten, nur darum bitten.",
            "Microphone and camera are off until people turn them on themselves. Nobody can turn them on from outside; one can only ask.",
        ),
        keys: &[],
        tests: &["promises.test.mjs"],
    },
    Point {
        number: 5,
        title: ("Rollen und Rechte", "Roles and rights"),
        holds: (
            "Jede Handlung gehört zu einer Rolle; der Server prüft jede Adresse seiner Schnittstelle für jede Rolle und Schule.",
            "Each action belongs to a role; every address of the interface is tested for every role and school.",
        ),
        keys: &["operators_need_second_factor"],
        tests: &[
            "moderator_command_of_a_pupil_or_a_stranger_is_refused",
            "command_without_its_right_is_refused",
        ],
    },
    Point {
        number: 6,
        title: ("Gäste", "Guests"),
        holds: (
            "Gäste brauchen kein Konto und dürfen einen Namen nach Wahl nennen; es gibt einen Warteraum, und Links haben ein Ende.",
            "Guests need no account and may choose their name; there is a lobby, and links end.",
        ),
        keys: &[],
        tests: &[
            "guest_under_ask_moderator_waits_in_the_lobby",
            "pass_whose_time_is_up_opens_nothing",
        ],
    },
    Point {
        number: 7,
        title: ("Keine Aufzeichnung", "No recording"),
        holds: (
            "Eine Aufzeichnung gibt es nicht: nicht im Browser, nicht in der Schnittstelle, nicht auf dem Server.",
            "Recording does not exist: not in the browser, not in the interface, not on the server.",
        ),
        keys: &[],
        tests: &[
            "client_and_interface_suggest_no_recording",
            "bbb_answers_say_that_nothing_is_recorded",
        ],
    },
    Point {
        number: 8,
        title: ("Keine Auswertung von Verhalten", "No tracking of behaviour"),
        holds: (
            "Aufmerksamkeit wird nicht gemessen, es gibt keine Statistikdienste; Messwerte des Servers nennen keine Person.",
            "Attention is not measured, there are no analytics; the server's metrics name nobody.",
        ),
        keys: &["metrics_token"],
        tests: &[
            "metrics_through_a_proxy_are_not_found",
            "canaries_of_a_day_are_gone_at_the_promised_times",
        ],
    },
    Point {
        number: 9,
        title: ("Inhalte werden gelöscht", "Content is deleted"),
        holds: (
            "Chat, Namensliste und alles andere einer Konferenz sind spätestens 60 Sekunden nach ihrem Ende gelöscht, auch aus der Datei der Datenbank.",
            "Chat, roster and all else of a conference are deleted 60 seconds after its end at the latest, in the file of the database, too.",
        ),
        keys: &["empty_minutes"],
        tests: &[
            "canaries_of_a_day_are_gone_at_the_promised_times",
            "ended_conference_leaves_nothing_on_the_disk",
            "end_for_all_leaves_nothing",
        ],
    },
    Point {
        number: 10,
        title: ("Protokolle ohne Personen", "Logs without people"),
        holds: (
            "Protokolle haben keine Namen und keine IP-Adressen; IP-Adressen stehen nur im Arbeitsspeicher und in keiner Datei. Ein Sicherheitsprotokoll mit Adressen wird nicht geführt.",
            "Logs have no names and no IP addresses; IP addresses are in memory only and in no file. There is no security log with addresses.",
        ),
        keys: &["log", "log_format"],
        tests: &["canaries_of_a_day_are_gone_at_the_promised_times"],
    },
    Point {
        number: 11,
        title: ("Information der Betroffenen", "Information for people"),
        holds: (
            "Die Information nach Art. 13 DSGVO ist vor dem Beitritt zu lesen, auf Deutsch, Englisch und in Leichter Sprache.",
            "The information under Art. 13 GDPR can be read before joining, in German, English and German easy language.",
        ),
        keys: &[
            "operator_name",
            "operator_address",
            "operator_email",
            "data_protection_officer",
            "legal_basis",
            "supervisory_authority",
        ],
        tests: &["information_is_read_by_anybody_in_three_languages"],
    },
    Point {
        number: 12,
        title: ("Auskunft und Löschung", "Access and erasure"),
        holds: (
            "Alles, was von einer Person mit Konto gespeichert ist, wird auf Wunsch ausgegeben und gelöscht; danach ist nichts mehr von ihr da.",
            "All that is kept of a person with an account is given out and erased on request; nothing of them is there afterwards.",
        ),
        keys: &[],
        tests: &[
            "person_who_has_been_through_everything_leaves_no_byte",
            "restore_of_an_older_backup_erases_who_was_erased_since",
        ],
    },
    Point {
        number: 13,
        title: (
            "Vertrag zur Auftragsverarbeitung",
            "Data-processing agreement",
        ),
        holds: (
            "Ohne unterschriebenen Vertrag wird kein Konto einer Lehrkraft aktiviert und öffnet kein Raum.",
            "Without a signed agreement no teacher's account is activated and no room opens.",
        ),
        keys: &[],
        tests: &[
            "every_path_leads_exactly_as_long_as_the_contract_holds",
            "invitation_leads_to_a_first_password_if_the_school_has_a_contract",
        ],
    },
    Point {
        number: 14,
        title: ("Verzeichnis und Maßnahmen", "Record and measures"),
        holds: (
            "Verzeichnis der Verarbeitungstätigkeiten, technische und organisatorische Maßnahmen und die Liste der Verbindungen entstehen aus der Konfiguration.",
            "The record of processing, the technical and organisational measures and the list of connections are made from the configuration.",
        ),
        keys: &[
            "operator_name",
            "operator_address",
            "operator_email",
            "server_location",
            "processors",
        ],
        tests: &["papers_say_what_is_set_and_name_what_is_missing"],
    },
    Point {
        number: 15,
        title: ("Adressen bleiben verborgen", "Addresses stay hidden"),
        holds: (
            "Ton und Bild gehen immer über diesen Server: Niemand in einer Konferenz erfährt die IP-Adresse der anderen.",
            "Sound and pictures always go by this server: nobody in a conference learns the IP addresses of others.",
        ),
        keys: &["media_addresses"],
        tests: &["peer_that_is_not_our_media_plane_is_refused"],
    },
    Point {
        number: 16,
        title: ("Nur nötige Cookies", "Necessary cookies only"),
        holds: (
            "Keine Installation; höchstens drei Cookies, die der Dienst braucht. Während der Anmeldung über einen Anbieter der Schule kommen kurz bis zu drei dazu.",
            "No installation; at most three cookies, which the service needs. While somebody signs in by a provider of the school, up to three more for a short time.",
        ),
        keys: &[],
        tests: &[
            "browser_gets_one_device_cookie",
            "session_cookie_is_hidden_from_scripts",
            "promises.test.mjs",
        ],
    },
    Point {
        number: 17,
        title: (
            "Bilder gehen an keinen Bilddienst",
            "Pictures go to no picture service",
        ),
        holds: (
            "Einen unscharfen Hintergrund bietet dieser Server nicht an; kein Bild verlässt den Browser, außer zu diesem Server.",
            "This server offers no blurred background; no picture leaves the browser except for this server.",
        ),
        keys: &[],
        tests: &["answers_have_headers_that_keep_browsers_on_this_origin"],
    },
    Point {
        number: 18,
        title: (
            "Schutz der Schülerinnen und Schüler",
            "Protection of pupils",
        ),
        holds: (
            "Private Nachrichten gibt es nicht, solange eine Schule sie nicht erlaubt; wer Kamera, Bildschirm und Chat nutzen darf, entscheidet die Lehrkraft, und die Schule setzt Grenzen.",
            "There are no private messages unless a school allows them; teachers decide who may use camera, screen and chat, and the school sets limits.",
        ),
        keys: &[],
        tests: &["permission_vectors.rs"],
    },
    Point {
        number: 19,
        title: (
            "Daten bleiben auf benannten Hosts",
            "Data stay on named hosts",
        ),
        holds: (
            "Alle Ports und alle Verbindungen nach außen stehen in der Liste der Verbindungen; was Schulen eintragen, steht einzeln darin.",
            "All ports and outgoing connections are in the list of connections; what schools enter is in it one by one.",
        ),
        keys: &[
            "listen",
            "media_port",
            "media_extra_ports",
            "database_url",
            "mail_url",
            "outgoing_hosts",
            "teacher_register",
        ],
        tests: &["connections_list_has_what_the_configuration_and_the_schools_name"],
    },
    Point {
        number: 20,
        title: ("Nachweis bei Vorfällen", "Evidence of incidents"),
        holds: (
            "Was Verwaltende tun, steht 400 Tage in einem Protokoll ohne Inhalte, das sich für eine Meldung nach Art. 33 ausgeben lässt (/api/v1/audit).",
            "What administrators do is in a log without contents for 400 days, which can be given out for a notification under Art. 33 (/api/v1/audit).",
        ),
        keys: &[],
        tests: &["log_of_a_school_is_shown_to_its_administrators_and_operators"],
    },
    Point {
        number: 21,
        title: (
            "Nachweise und Listen von Lehrkräften",
            "Proofs and lists of teachers",
        ),
        holds: (
            "Nachweise liegen verschlüsselt in eigenen Dateien und sind nach der Entscheidung, spätestens nach 30 Tagen, gelöscht; Listen nach zwei Wochen.",
            "Proofs lie encrypted in files of their own and are deleted after the decision, after 30 days at the latest; lists after two weeks.",
        ),
        keys: &["data_dir"],
        tests: &[
            "proof_on_disk_is_encrypted_and_opens_with_the_kept_key_only",
            "proof_for_which_nobody_waits_is_deleted_whatever_left_it",
        ],
    },
    Point {
        number: 22,
        title: ("Passwörter", "Passwords"),
        holds: (
            "In keiner E-Mail steht ein Passwort, nur ein Link, der einmal gilt; gespeichert wird nur ein Prüfwert (Argon2id).",
            "No mail has a password, only a link that works once; only a hash is kept (Argon2id).",
        ),
        keys: &["mail_url", "mail_from"],
        tests: &[
            "invitation_leads_to_a_first_password_if_the_school_has_a_contract",
            "password_is_stored_whole_or_refused",
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The sources of tests, and the names of the browsers' stories.
    fn sources(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy().into_owned();
            if path.is_dir()
                && !["target", "node_modules", "web", "fixtures"].contains(&name.as_str())
            {
                sources(&path, text);
            } else if name.ends_with(".test.mjs") || name == "permission_vectors.rs" {
                text.extend(["fn ", &name, "(\n"]);
            } else if path.extension().is_some_and(|is| is == "rs") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn point_names_tests_that_there_are() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut text = String::new();
        for folder in [
            "kmz-meet-server/src",
            "kmz-meet-server/tests",
            "kmz-meet-core/src",
            "tests/e2e",
        ] {
            sources(&top.join(folder), &mut text);
        }
        for (place, point) in POINTS.iter().enumerate() {
            assert_eq!(usize::from(point.number), place + 1);
            assert!(!point.tests.is_empty());
            for test in point.tests {
                assert!(
                    text.contains(&format!("fn {test}(")),
                    "P{}: {test}",
                    point.number
                );
            }
        }
    }

    #[test]
    fn point_names_keys_that_there_are() {
        let readme = include_str!("../../../../README.md");
        for key in POINTS.iter().flat_map(|point| point.keys) {
            assert!(readme.contains(&format!("`{key}`")), "{key}");
        }
    }
}
