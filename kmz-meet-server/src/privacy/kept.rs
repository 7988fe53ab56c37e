//! What is kept, and for how long: one table for the papers, with the times that are set.

use About::{Everybody, Teachers};

use crate::config::Config;
use crate::language::Language;

/// Whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Everybody in a conference.
    Everybody,
    /// People with an account, and those who ask for one.
    Teachers,
}

/// A line of the table.
pub struct Kept {
    pub about: About,
    pub what: &'static str,
    pub until: String,
}

/// The lines. `attendance_days`: as the school has set; `None`: each school for itself.
pub fn kept(config: &Config, attendance_days: Option<u32>, language: Language) -> Vec<Kept> {
    let say = |german: &'static str, english: &'static str| match language {
        Language::German => german,
        Language::English => english,
    };
    let minutes = config.empty_after.as_secs() / 60;
    let ends = match language {
        Language::German => format!(
            "höchstens 60 Sekunden nach dem Ende der Konferenz; sie endet spätestens {minutes} Minuten, nachdem niemand mehr verbunden ist"
        ),
        Language::English => format!(
            "at most 60 seconds after the end of the conference; it ends {minutes} minutes after nobody is connected, at the latest"
        ),
    };
    let attendance = match (attendance_days, language) {
        (Some(days), Language::German) => format!("{days} Tage (so hat es die Schule eingestellt)"),
        (Some(days), Language::English) => format!("{days} days (as the school has set)"),
        (None, Language::German) => "so lange, wie die Schule einstellt, sonst 30 Tage".to_owned(),
        (None, Language::English) => "as long as the school has set, else 30 days".to_owned(),
    };
    let line = |about, what, until: &str| Kept {
        about,
        what,
        until: until.to_owned(),
    };
    vec![
        line(
            Everybody,
            say(
                "Ton, Bild, geteilter Bildschirm",
                "sound, pictures, shared screen",
            ),
            say(
                "wird nur übertragen, nie gespeichert",
                "transmitted only, never kept",
            ),
        ),
        line(
            Everybody,
            say(
                "Name in der Konferenz, Chat, Handzeichen, Rechte",
                "name in the conference, chat, raised hands, rights",
            ),
            &ends,
        ),
        line(
            Everybody,
            say("IP-Adresse", "IP address"),
            say(
                "nur im Arbeitsspeicher, solange die Verbindung besteht; in keinem Protokoll",
                "in memory only, as long as the connection; in no log",
            ),
        ),
        line(
            Everybody,
            say(
                "Anwesenheit (Name und Zeiten), nur in Räumen einer Lernplattform oder Schnittstelle",
                "attendance (name and times), in rooms of a learning platform or an interface only",
            ),
            &attendance,
        ),
        line(
            Everybody,
            say(
                "Ergebnis eines Selbsttests (Art des Browsers und Messwerte, kein Name, keine Adresse)",
                "result of a self test (kind of browser and what was measured, no name, no address)",
            ),
            say("30 Tage", "30 days"),
        ),
        line(
            Everybody,
            say(
                "Cookie, das ein Gerät wiedererkennt (eine Zufallszahl)",
                "cookie that knows a device again (a random number)",
            ),
            say(
                "bis der Browser geschlossen wird",
                "until the browser is closed",
            ),
        ),
        line(
            Teachers,
            say(
                "Konto: Name, Anmeldename, E-Mail-Adresse, Prüfwert des Passworts, Räume",
                "account: name, user name, mail address, hash of the password, rooms",
            ),
            say(
                "bis das Konto gelöscht wird",
                "until the account is removed",
            ),
        ),
        line(
            Teachers,
            say(
                "Anmeldung (Prüfwert des Cookies, Art des Browsers)",
                "session (hash of the cookie, kind of browser)",
            ),
            say(
                "12 Stunden ohne Nutzung, höchstens eine Woche",
                "12 hours without use, a week at most",
            ),
        ),
        line(
            Teachers,
            say(
                "Anfrage nach einem Konto (Name, Adresse, Antworten)",
                "request for an account (name, address, answers)",
            ),
            say(
                "ein Tag ohne Bestätigung der Adresse, sonst 30 Tage",
                "a day without proof of the address, else 30 days",
            ),
        ),
        line(
            Teachers,
            say(
                "Nachweis der Beschäftigung (verschlüsselt)",
                "proof of employment (encrypted)",
            ),
            say(
                "bis zur Entscheidung, höchstens 30 Tage",
                "until the decision, 30 days at most",
            ),
        ),
        line(
            Teachers,
            say(
                "Liste von Lehrkräften (Name, Adresse)",
                "list of teachers (name, address)",
            ),
            say(
                "ein Tag; bestätigt zwei Wochen",
                "a day; confirmed, two weeks",
            ),
        ),
        line(
            Teachers,
            say(
                "E-Mail an jemanden (verschlüsselt)",
                "mail to somebody (sealed)",
            ),
            say(
                "gesendet eine Woche, sonst höchstens 30 Tage",
                "sent: a week, else 30 days at most",
            ),
        ),
        line(
            Teachers,
            say(
                "Was Verwaltende getan haben (wer, was, wann)",
                "what administrators did (who, what, when)",
            ),
            say("400 Tage", "400 days"),
        ),
    ]
}
