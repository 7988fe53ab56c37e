//! Whose account it is: by what the provider calls somebody, never by an address of another school.

use super::state::SignOn;
use crate::clock::Timestamp;
use crate::credentials::random_token;
use crate::email_address::{Domains, EmailAddress};
use crate::openid::{Person, PersonRole, SignInProvider};
use crate::schools::may_open;
use crate::store::{
    AddError, AlreadyExists, Record, School, SharedStore, SignInLink, StoreError, User, UserRole,
};

/// Accounts that one provider may make: more than any school has teachers.
pub const MAX_ACCOUNTS_OF_PROVIDER: u64 = 2_000;
/// What somebody is called whose provider says no name.
const NO_NAME: &str = "N. N.";

/// Why somebody has no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAccount {
    Locked,
    /// Operators do not sign in by a provider: an administrator of a school would become one of them by their own provider.
    Operator,
    Gone,
    AddressUnconfirmed,
    AddressMissing,
    AddressDomain,
    AddressTaken,
    LinkedOtherwise,
    /// They have an account, but no password by which they could prove that it is theirs.
    NoPassword,
    NotMade,
    NoContract,
    TooMany,
}

/// Whose account it is.
pub(super) enum Account {
    Of(User),
    /// Of the one with this id, if they prove it by the password once.
    AfterPassword(String),
}

/// No account, or the store fails.
pub(super) enum Failed {
    No(NoAccount),
    Store(StoreError),
}

impl From<NoAccount> for Failed {
    fn from(why: NoAccount) -> Self {
        Self::No(why)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn role(role: PersonRole) -> UserRole {
    match role {
        PersonRole::Teacher => UserRole::Moderator,
        PersonRole::Administrator => UserRole::SchoolAdmin,
    }
}

/// Finds or makes the account of a person.
pub(super) async fn account_of(
    app: &SignOn,
    provider: &Record<SignInProvider>,
    person: &Person,
) -> Result<Account, Failed> {
    let school = provider.school.as_deref().ok_or(NoAccount::Gone)?;
    let school = app.store.school(school).await?.ok_or(NoAccount::Gone)?;
    let linked = app.store.sign_in_link(&provider.id, &person.subject);
    if let Some(link) = linked.await? {
        return linked_account(&app.store, &school, &link, person).await;
    }
    let domains = app.store.address_domains(&school).await?;
    let address = official_address(&domains, person)?;
    if let Some(address) = address
        && let Some(user) = account_with(&app.store, address).await?
    {
        return known_account(app, provider, &school, person, user).await;
    }
    if !provider.data.makes_accounts {
        return Err(NoAccount::NotMade.into());
    }
    make(app, provider, person, address).await
}

/// The one account with this address. In accounts of earlier versions the user name may be all that tells it.
async fn account_with(
    store: &SharedStore,
    address: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let user = store.user_by_address_or_username(address.as_str()).await?;
    Ok(user.filter(|user| user.email.as_ref().is_none_or(|own| own == address)))
}

/// Their confirmed address. `None`: they have none, and none is needed.
fn official_address<'a>(
    domains: &Domains,
    person: &'a Person,
) -> Result<Option<&'a EmailAddress>, NoAccount> {
    match &person.address {
        Some(address) if domains.permit(address) => Ok(Some(address)),
        Some(_) => Err(NoAccount::AddressDomain),
        None if domains.own.is_empty() => Ok(None),
        None if person.is_unconfirmed => Err(NoAccount::AddressUnconfirmed),
        None => Err(NoAccount::AddressMissing),
    }
}

async fn check(store: &SharedStore, user: &User) -> Result<(), Failed> {
    if user.role == UserRole::Operator {
        return Err(NoAccount::Operator.into());
    }
    if store.locked_at(&user.id).await?.is_some() {
        return Err(NoAccount::Locked.into());
    }
    Ok(())
}

/// An account that is linked. One that the provider made is called as it says, and is what it says.
async fn linked_account(
    store: &SharedStore,
    school: &School,
    link: &SignInLink,
    person: &Person,
) -> Result<Account, Failed> {
    let user = store.user(&link.user).await?;
    let user = user.filter(|user| user.school == school.id);
    let mut user = user.ok_or(NoAccount::Gone)?;
    check(store, &user).await?;
    if link.made {
        let name = person.name.as_ref().unwrap_or(&user.name).clone();
        let role = role(person.role);
        if (&user.name, user.role) != (&name, role) {
            store.follow_provider(&user.id, &name, role).await?;
            user.name = name;
            user.role = role;
        }
    }
    Ok(Account::Of(user))
}

/// An account with the person's address that is not linked.
async fn known_account(
    app: &SignOn,
    provider: &Record<SignInProvider>,
    school: &School,
    person: &Person,
    user: User,
) -> Result<Account, Failed> {
    if user.school != school.id {
        return Err(NoAccount::AddressTaken.into());
    }
    check(&app.store, &user).await?;
    // An administrator's account is worth more than an address, whatever the school decided for teachers.
    if !provider.data.links_by_address || user.role != UserRole::Moderator {
        if user.password_hash().is_none() {
            let other = app.store.is_made_by_provider(&user.id).await?;
            let why = if other {
                NoAccount::LinkedOtherwise
            } else {
                NoAccount::NoPassword
            };
            return Err(why.into());
        }
        return Ok(Account::AfterPassword(user.id));
    }
    let link = SignInLink {
        provider: provider.id.clone(),
        subject: person.subject.clone(),
        user: user.id.clone(),
        made: false,
        created_at: app.clock.now(),
    };
    match app.store.add_sign_in_link(&link).await? {
        Ok(()) => Ok(Account::Of(user)),
        Err(AlreadyExists) => Err(NoAccount::LinkedOtherwise.into()),
    }
}

async fn make(
    app: &SignOn,
    provider: &Record<SignInProvider>,
    person: &Person,
    address: Option<&EmailAddress>,
) -> Result<Account, Failed> {
    let now = app.clock.now();
    let school = provider.school.as_deref().unwrap_or_default();
    let school = may_open(&app.store, now, school).await?;
    let school = school.ok_or(NoAccount::NoContract)?;
    if app.store.count_made_accounts(&provider.id).await? >= MAX_ACCOUNTS_OF_PROVIDER {
        return Err(NoAccount::TooMany.into());
    }
    let user = new_user(school.id(), person, address, now);
    let link = link_of_made(provider, person, &user, now);
    match app.store.add_linked_user(&school, &user, &link).await? {
        Ok(()) => {
            tracing::info!(
                provider = provider.id,
                user = user.id,
                "a provider made an account"
            );
            Ok(Account::Of(user))
        }
        // Two windows at once, or a user name that only looks like an address.
        Err(AddError::TooMany) => Err(NoAccount::TooMany.into()),
        Err(AddError::AlreadyExists) => {
            let linked = app.store.sign_in_link(&provider.id, &person.subject);
            let linked = linked.await?.ok_or(NoAccount::AddressTaken)?;
            let user = app.store.user(&linked.user).await?;
            Ok(Account::Of(user.ok_or(NoAccount::Gone)?))
        }
    }
}

/// Without a password: it is opened by its provider alone.
fn new_user(school: &str, person: &Person, address: Option<&EmailAddress>, now: Timestamp) -> User {
    let username = address.map_or_else(
        || format!("sso-{}", random_token::<16>().to_lowercase()),
        ToString::to_string,
    );
    User {
        id: uuid::Uuid::new_v4().to_string(),
        school: school.to_owned(),
        username,
        name: person.name.clone().unwrap_or_else(|| NO_NAME.to_owned()),
        role: role(person.role),
        password_hash: String::new(),
        email: address.cloned(),
        created_at: now,
    }
}

fn link_of_made(
    provider: &Record<SignInProvider>,
    person: &Person,
    user: &User,
    now: Timestamp,
) -> SignInLink {
    SignInLink {
        provider: provider.id.clone(),
        subject: person.subject.clone(),
        user: user.id.clone(),
        made: true,
        created_at: now,
    }
}
