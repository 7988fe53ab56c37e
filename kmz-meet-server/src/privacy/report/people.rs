//! Accounts: who has which, what is left of them, and how their passwords are kept.

use super::subject::{Seen, Subject};
use crate::mail;
use crate::store::StoreError;

pub(super) async fn roles(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let unknown = on.store.unknown_roles().await?;
    seen.must(
        unknown == 0,
        on.say(
            "jedes Konto hat eine der drei Rollen",
            "each account has one of the three roles",
        ),
        format!(
            "{unknown} {}",
            on.say(
                "Konten mit unbekannter Rolle",
                "accounts with an unknown role"
            )
        ),
    );
    if on.config.operators_need_second_factor {
        seen.proofs.push(
            on.say(
                "Betreibende brauchen einen zweiten Faktor",
                "operators need a second factor",
            )
            .to_owned(),
        );
    }
    Ok(())
}

pub(super) async fn erased(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let names = on.store.names_of_removed_accounts().await?;
    seen.must(
        names == 0,
        on.say(
            "kein Name eines gelöschten Kontos im Protokoll",
            "no name of a removed account in the log",
        ),
        format!(
            "{names} {}",
            on.say(
                "Zeilen des Protokolls nennen gelöschte Konten",
                "lines of the log name removed accounts"
            )
        ),
    );
    Ok(())
}

pub(super) async fn contracts(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let accounts = on.store.accounts_without_contract().await?;
    seen.must(
        accounts == 0,
        on.say(
            "kein aktives Konto an einer Schule, die nie einen Vertrag hatte",
            "no active account at a school that never had a contract",
        ),
        format!(
            "{accounts} {}",
            on.say(
                "aktive Konten an Schulen, die nie einen unterschriebenen Vertrag hatten",
                "active accounts at schools that never had a signed contract"
            )
        ),
    );
    Ok(())
}

pub(super) async fn passwords(on: &Subject<'_>, seen: &mut Seen) -> Result<(), StoreError> {
    let readable = on.store.readable_passwords().await?;
    seen.must(
        readable == 0,
        on.say(
            "alle Passwörter nur als Argon2id-Prüfwert",
            "all passwords as Argon2id hashes only",
        ),
        format!(
            "{readable} {}",
            on.say(
                "Passwörter sind anders gespeichert",
                "passwords are kept in another way"
            )
        ),
    );
    let wrong = mail::examine(&on.config.data_dir);
    seen.none(
        wrong,
        on.say(
            "keine Vorlage einer E-Mail hat ein Feld für ein Passwort",
            "no template of a mail has a field for a password",
        ),
    );
    Ok(())
}
