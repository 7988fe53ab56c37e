//! Why somebody is not signed in by a provider: in words for them, and by a code for their administrator.

use axum::response::Response;

use super::accounts::NoAccount;
use crate::language::Language;
use crate::openid::{Distrust, NoPerson, NotGiven, Unreachable};
use crate::page;
use crate::store::StoreError;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownProvider,
    ForeignTarget,
    TooManyRequests,
    /// There is no login under way at this browser, or it took too long.
    NoLogin,
    WrongState,
    UsedState,
    /// The answer is of another provider than the one that was asked.
    OtherProvider,
    /// The person, or the provider, said no.
    NotPermitted,
    NoCode,
    Given(NotGiven),
    Person(NoPerson),
    Account(NoAccount),
    Internal,
}

impl From<Unreachable> for Refusal {
    fn from(why: Unreachable) -> Self {
        Self::Given(NotGiven::Unreachable(why))
    }
}

impl From<NotGiven> for Refusal {
    fn from(why: NotGiven) -> Self {
        Self::Given(why)
    }
}

impl From<NoPerson> for Refusal {
    fn from(why: NoPerson) -> Self {
        Self::Person(why)
    }
}

impl From<NoAccount> for Refusal {
    fn from(why: NoAccount) -> Self {
        Self::Account(why)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed while somebody signed in by a provider");
        Self::Internal
    }
}

impl Refusal {
    /// For the administrator: each is in the guide.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::UnknownProvider => "unknown_provider",
            Self::ForeignTarget => "foreign_target",
            Self::TooManyRequests => "too_many_requests",
            Self::NoLogin => "no_login",
            Self::WrongState => "wrong_state",
            Self::UsedState => "used_state",
            Self::OtherProvider => "other_provider",
            Self::NotPermitted => "not_permitted",
            Self::NoCode => "no_code",
            Self::Given(NotGiven::Code) => "code_refused",
            Self::Given(NotGiven::OtherPerson) => "other_person",
            Self::Given(NotGiven::Unreachable(why)) => match why {
                Unreachable::Down => "provider_down",
                Unreachable::Slow => "provider_slow",
                Unreachable::Huge => "provider_answer_too_long",
                Unreachable::Forbidden => "provider_address",
                Unreachable::Unreadable => "provider_unreadable",
                Unreachable::WrongIssuer => "provider_wrong_issuer",
                Unreachable::Busy => "provider_busy",
            },
            Self::Given(NotGiven::Distrust(why)) => match why {
                Distrust::Issuer => "token_issuer",
                Distrust::Audience => "token_audience",
                Distrust::Algorithm => "token_algorithm",
                Distrust::Unsigned => "token_unsigned",
                Distrust::UnknownKey => "token_unknown_key",
                Distrust::Signature => "token_signature",
                Distrust::Expired => "token_expired",
                Distrust::NotYet => "token_not_yet",
                Distrust::Nonce => "token_nonce",
                Distrust::AccessToken => "token_at_hash",
                Distrust::Unreadable => "token_unreadable",
            },
            Self::Person(NoPerson::NoSubject) => "no_subject",
            Self::Person(NoPerson::NoTeacher) => "no_teacher",
            Self::Person(NoPerson::OtherSchool) => "other_school",
            Self::Account(why) => match why {
                NoAccount::Locked => "account_locked",
                NoAccount::Operator => "operator",
                NoAccount::Gone => "account_gone",
                NoAccount::AddressUnconfirmed => "address_unconfirmed",
                NoAccount::AddressMissing => "address_missing",
                NoAccount::AddressDomain => "address_domain",
                NoAccount::AddressTaken => "address_taken",
                NoAccount::LinkedOtherwise => "linked_otherwise",
                NoAccount::NoPassword => "no_password",
                NoAccount::NotMade => "no_account",
                NoAccount::NoContract => "no_contract",
                NoAccount::TooMany => "too_many_accounts",
            },
            Self::Internal => "internal",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownProvider => (
                "Diese Anmeldung gibt es hier nicht mehr. Geh zurück und such deine Schule.",
                "This way of signing in is not here any more. Go back and look for your school.",
            ),
            Self::ForeignTarget => (
                "Der Link, dem du gefolgt bist, führt nach der Anmeldung zu einer fremden Seite. Geh zurück und melde dich hier an.",
                "The link that you followed leads to a foreign page after signing in. Go back and sign in here.",
            ),
            Self::TooManyRequests | Self::Given(NotGiven::Unreachable(Unreachable::Busy)) => (
                "Gerade melden sich sehr viele an. Versuch es in einer Minute noch einmal.",
                "Very many sign in right now. Try again in a minute.",
            ),
            Self::NoLogin | Self::WrongState | Self::UsedState | Self::NoCode => (
                "Diese Anmeldung hat zu lange gedauert, wurde in einem anderen Fenster begonnen oder ist schon benutzt. Fang sie noch einmal an.",
                "This sign-in took too long, was begun in another window, or was used already. Begin it again.",
            ),
            Self::NotPermitted => (
                "Der Anmeldedienst deiner Schule hat die Anmeldung abgelehnt, oder du hast sie abgebrochen.",
                "Your school's sign-in service refused, or you cancelled.",
            ),
            Self::Given(NotGiven::Unreachable(_)) => (
                "Der Anmeldedienst deiner Schule antwortet nicht so, wie er soll. Versuch es später noch einmal, oder melde dich mit Benutzername und Passwort an.",
                "Your school's sign-in service does not answer as it should. Try again later, or sign in with your user name and password.",
            ),
            Self::OtherProvider | Self::Given(_) => (
                "Was der Anmeldedienst deiner Schule geschickt hat, lässt sich nicht prüfen. Gib den Code an die Administration deiner Schule.",
                "What your school's sign-in service sent cannot be verified. Give the code to your school's administrator.",
            ),
            Self::Person(NoPerson::NoTeacher) => (
                "Konten gibt es hier für Lehrkräfte. Als Schülerin oder Schüler brauchst du keins: Öffne den Link deines Raums.",
                "Accounts here are for teachers. As a pupil you need none: open the link of your room.",
            ),
            Self::Person(NoPerson::OtherSchool) => (
                "Der Anmeldedienst ordnet dich einer anderen Schule zu.",
                "The sign-in service says that you belong to another school.",
            ),
            Self::Person(NoPerson::NoSubject) => (
                "Der Anmeldedienst deiner Schule sagt nicht, wer du bist. Gib den Code an die Administration deiner Schule.",
                "Your school's sign-in service does not say who you are. Give the code to your school's administrator.",
            ),
            Self::Account(why) => Self::of_account(why),
            Self::Internal => (
                "Auf unserem Server ist etwas schiefgegangen. Versuch es noch einmal.",
                "Something went wrong at our server. Try again.",
            ),
        }
    }

    fn of_account(why: NoAccount) -> (&'static str, &'static str) {
        match why {
            NoAccount::Locked => (
                "Dein Konto ist gesperrt. Frag die, von denen du es hast.",
                "Your account is locked. Ask those who gave it to you.",
            ),
            NoAccount::Operator => (
                "Wer diesen Dienst betreibt, meldet sich mit Benutzername und Passwort an.",
                "Operators of this service sign in with their user name and password.",
            ),
            NoAccount::Gone => (
                "Das Konto, das mit dieser Anmeldung verbunden war, gibt es nicht mehr.",
                "The account that was linked to this sign-in is gone.",
            ),
            NoAccount::AddressUnconfirmed | NoAccount::AddressMissing => (
                "Der Anmeldedienst deiner Schule nennt keine bestätigte E-Mail-Adresse von dir. Ohne sie gibt es hier kein Konto.",
                "Your school's sign-in service names no confirmed email address of yours. Without it there is no account here.",
            ),
            NoAccount::AddressDomain => (
                "Deine E-Mail-Adresse ist keine dienstliche deiner Schule.",
                "Your email address is not an official one of your school.",
            ),
            NoAccount::AddressTaken => (
                "Mit deiner E-Mail-Adresse gibt es schon ein Konto an einer anderen Schule. Frag die, die diesen Dienst betreiben.",
                "There is an account with your email address at another school. Ask those who run this service.",
            ),
            NoAccount::LinkedOtherwise => (
                "Das Konto mit deiner E-Mail-Adresse ist schon mit einer anderen Anmeldung dieses Dienstes verbunden. Die Administration deiner Schule kann das lösen.",
                "The account with your email address is linked to another sign-in of this service. Your school's administrator can undo that.",
            ),
            NoAccount::NoPassword => (
                "Mit deiner E-Mail-Adresse gibt es hier schon ein Konto, das noch kein Passwort hat. Wähl zuerst eines, mit dem Link aus der Mail oder dem Brief an dich, und melde dich dann noch einmal so an.",
                "There is an account with your email address here that has no password yet. Choose one first, by the link in the mail or letter to you, and then sign in so again.",
            ),
            NoAccount::NotMade => (
                "Du hast hier noch kein Konto. Frag die Administration deiner Schule danach.",
                "You have no account here yet. Ask your school's administrator for one.",
            ),
            NoAccount::NoContract => (
                "Deine Schule hat für diesen Dienst gerade keinen gültigen Vertrag. Solange gibt es keine neuen Konten.",
                "Your school has no valid contract for this service right now. Until then there are no new accounts.",
            ),
            NoAccount::TooMany => (
                "Deine Schule hat so viele Konten, wie sie haben darf. Gib den Code an ihre Administration.",
                "Your school has as many accounts as it may have. Give the code to its administrator.",
            ),
        }
    }

    /// The page. Nothing about a person is on it or in the log.
    pub(super) fn page(self, language: Language, provider: Option<&str>) -> Response {
        let code = self.code();
        tracing::info!(code, provider, "a sign-in by a provider was refused");
        let title = language.say(
            "Die Anmeldung hat nicht geklappt",
            "The sign-in did not work",
        );
        let (german, english) = self.words();
        let text = language.say(german, english);
        page::refusal(language, title, text, code, Some("/sign-in"))
    }
}
