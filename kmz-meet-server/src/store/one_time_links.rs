//! The table of one-time links: by a fingerprint, never by the link itself.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QuerySelect, Select,
};

use super::entity::one_time_link::{ActiveModel, Column, Entity, Model};
use super::entity::user;
use super::mails;
use super::users::{set_email_in, set_password_hash_in};
use super::{AlreadyExists, Database, KeptMail, StoreError};
use crate::clock::Timestamp;
use crate::email_address::EmailAddress;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// A new account gets its password.
    FirstPassword,
    /// A forgotten password is replaced.
    PasswordReset,
    /// An address is proved, and becomes that of the account.
    ConfirmAddress,
}

impl LinkPurpose {
    /// As in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstPassword => "first_password",
            Self::PasswordReset => "password_reset",
            Self::ConfirmAddress => "confirm_address",
        }
    }

    /// What is not known opens nothing.
    fn read(text: &str) -> Option<Self> {
        [
            Self::FirstPassword,
            Self::PasswordReset,
            Self::ConfirmAddress,
        ]
        .into_iter()
        .find(|purpose| purpose.as_str() == text)
    }
}

/// A link that was given to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLink {
    pub token_hash: String,
    pub user: String,
    pub purpose: LinkPurpose,
    /// The address that it proves.
    pub address: Option<EmailAddress>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What becomes of the links that an account has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormerLinks {
    /// They open what they opened: nobody keeps others from their link by asking for one, too.
    Stay,
    /// They are over, whatever they open: an administrator gave another one, perhaps because one of them is in wrong hands.
    End,
}

/// How many links of one purpose an account may have got since a time, used or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MostLinks {
    pub links: u64,
    pub since: Timestamp,
}

/// The account got as many as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyLinks;

pub(super) fn read(row: Model) -> Option<KeptLink> {
    Some(KeptLink {
        purpose: LinkPurpose::read(&row.purpose)?,
        token_hash: row.token_hash,
        user: row.user_id,
        address: row.address.and_then(|address| address.parse().ok()),
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}

/// Those of a purpose that were made for an account since this time, used or not.
fn links_of(user: &str, purpose: LinkPurpose, since: Timestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::Purpose.eq(purpose.as_str()))
        .filter(Column::CreatedAt.gt(since))
}

/// Lets others who change links of the account wait. It comes before any link is locked: whoever locks both does so in this order.
async fn lock_account(transaction: &DatabaseTransaction, user: &str) -> Result<(), StoreError> {
    user::Entity::find_by_id(user)
        .lock_exclusive()
        .one(transaction)
        .await?;
    Ok(())
}

/// Uses it up; of several who do so at once one is told that it was them.
async fn use_up(
    transaction: &DatabaseTransaction,
    token_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let used = ActiveModel {
        used_at: Set(Some(now)),
        ..Default::default()
    };
    let updated = Entity::update_many()
        .set(used)
        .filter(Column::TokenHash.eq(token_hash))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(transaction)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Ends all links of an account that are not used yet. They stay, because they are counted.
async fn end_links(
    transaction: &DatabaseTransaction,
    user: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let over = ActiveModel {
        used_at: Set(Some(now)),
        ..Default::default()
    };
    Entity::update_many()
        .set(over)
        .filter(Column::UserId.eq(user))
        .filter(Column::UsedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

impl Database {
    /// Adds a link together with the mail that brings it: both or none. None is added beyond `most`.
    pub async fn add_link(
        &self,
        link: &KeptLink,
        mail: Option<&KeptMail>,
        former: FormerLinks,
        most: Option<MostLinks>,
    ) -> Result<Result<(), TooManyLinks>, StoreError> {
        let both = self.begin().await?;
        // Of several at once, each counts those before it, and ends them.
        lock_account(&both, &link.user).await?;
        if let Some(most) = most {
            let links = links_of(&link.user, link.purpose, most.since);
            if links.count(&both).await? >= most.links {
                return Ok(Err(TooManyLinks));
            }
        }
        if former == FormerLinks::End {
            // Those of an import are many, and nobody counts them.
            Entity::delete_many()
                .filter(Column::UserId.eq(&link.user))
                .filter(Column::Purpose.eq(LinkPurpose::FirstPassword.as_str()))
                .exec(&both)
                .await?;
            end_links(&both, &link.user, link.created_at).await?;
        }
        let row = ActiveModel {
            token_hash: Set(link.token_hash.clone()),
            user_id: Set(link.user.clone()),
            purpose: Set(link.purpose.as_str().to_owned()),
            address: Set(link.address.as_ref().map(ToString::to_string)),
            created_at: Set(link.created_at),
            expires_at: Set(link.expires_at),
            used_at: Set(None),
        };
        row.insert(&both).await?;
        if let Some(mail) = mail {
            mails::add(&both, mail).await?;
        }
        both.commit().await?;
        Ok(Ok(()))
    }

    /// The link, if it still opens something.
    pub async fn link(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<KeptLink>, StoreError> {
        let row = Entity::find_by_id(token_hash)
            .filter(Column::UsedAt.is_null())
            .filter(Column::ExpiresAt.gt(now))
            .one(&self.connection)
            .await?;
        Ok(row.and_then(read))
    }

    /// Uses the link up and sets the password: both or none, and once. All other links of the account are over. Says whether
    /// it was done.
    pub async fn set_password_by_link(
        &self,
        link: &KeptLink,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let both = self.begin().await?;
        lock_account(&both, &link.user).await?;
        if !use_up(&both, &link.token_hash, now).await? {
            return Ok(false);
        }
        set_password_hash_in(&both, &link.user, password_hash).await?;
        both.commit().await?;
        Ok(true)
    }

    /// Uses the link up, sets the address that it proves, and adds the mail that tells the former one: all or nothing, and once. All
    /// other links of the account are over: they went to the former address, or would set another one. Says whether it was done.
    /// [`AlreadyExists`]: another account has the address.
    pub async fn set_email_by_link(
        &self,
        link: &KeptLink,
        address: &EmailAddress,
        mail: Option<&KeptMail>,
        now: Timestamp,
    ) -> Result<Result<bool, AlreadyExists>, StoreError> {
        let all = self.begin().await?;
        lock_account(&all, &link.user).await?;
        if !use_up(&all, &link.token_hash, now).await? {
            return Ok(Ok(false));
        }
        if let Err(taken) = set_email_in(&all, &link.user, address).await? {
            return Ok(Err(taken));
        }
        end_links(&all, &link.user, now).await?;
        if let Some(mail) = mail {
            mails::add(&all, mail).await?;
        }
        all.commit().await?;
        Ok(Ok(true))
    }

    pub(super) async fn delete_expired_links(&self, now: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }
}
