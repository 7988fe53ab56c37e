//! The table of mails: what is still to be sent, and what became of what was.

use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entity::mail::{ActiveModel, Column, Entity, Model};
use super::{Database, RecordFilter, StoreError, json, page};
use crate::clock::Timestamp;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It is tried (again).
    Waiting,
    /// The mail server took it.
    Sent,
    /// It was given up.
    Failed,
    /// It is shown and not sent: this server is a demo.
    Shown,
}

impl MailState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Shown => "shown",
        }
    }
}

/// A mail that is still to be sent, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMail {
    pub id: String,
    pub school: Option<String>,
    /// Whose account it is about: it goes with them.
    pub user: Option<String>,
    /// The name of its template.
    pub kind: String,
    pub recipient: String,
    /// Sealed. Taken away as soon as it is not needed any more.
    pub content: Option<String>,
    /// Those with a higher number go first.
    pub urgency: i64,
    pub state: MailState,
    pub attempts: u32,
    /// The code of the mail server's last answer.
    pub last_status: Option<u16>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    pub last_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl TryFrom<Model> for KeptMail {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            state: json::read_name("the state of a mail", &row.id, &row.state)?,
            id: row.id,
            school: row.school_id,
            user: row.user_id,
            kind: row.kind,
            recipient: row.recipient,
            content: row.content,
            urgency: row.urgency,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            last_status: row
                .last_status
                .and_then(|status| u16::try_from(status).ok()),
            last_error: row.last_error,
            last_at: row.last_at,
            due_at: row.due_at,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

impl KeptMail {
    fn row(&self) -> ActiveModel {
        ActiveModel {
            id: Set(self.id.clone()),
            school_id: Set(self.school.clone()),
            user_id: Set(self.user.clone()),
            kind: Set(self.kind.clone()),
            recipient: Set(self.recipient.clone()),
            content: Set(self.content.clone()),
            urgency: Set(self.urgency),
            state: Set(self.state.as_str().to_owned()),
            attempts: Set(i64::from(self.attempts)),
            last_status: Set(self.last_status.map(i64::from)),
            // A database holds no NUL in texts, and this is what others answered.
            last_error: Set(self
                .last_error
                .as_deref()
                .map(|text| text.replace('\0', "\u{fffd}"))),
            last_at: Set(self.last_at),
            due_at: Set(self.due_at),
            created_at: Set(self.created_at),
            expires_at: Set(self.expires_at),
        }
    }
}

pub(super) async fn add<C: ConnectionTrait>(
    connection: &C,
    mail: &KeptMail,
) -> Result<(), StoreError> {
    mail.row().insert(connection).await?;
    Ok(())
}

impl Database {
    pub async fn add_mail(&self, mail: &KeptMail) -> Result<(), StoreError> {
        add(&self.connection, mail).await
    }

    pub async fn mail(&self, id: &str) -> Result<Option<KeptMail>, StoreError> {
        let row = Entity::find_by_id(id).one(&self.connection).await?;
        row.map(KeptMail::try_from).transpose()
    }

    /// Of one school, or of all.
    pub async fn mails(&self, filter: RecordFilter<'_>) -> Result<Vec<KeptMail>, StoreError> {
        let columns = (Column::SchoolId, Column::Id);
        let rows = page(self, Entity::find(), columns, &filter).await?;
        rows.into_iter().map(KeptMail::try_from).collect()
    }

    /// How many of this kind were made for an address since this time.
    pub async fn mails_to(
        &self,
        recipient: &str,
        kind: &str,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let mails = Entity::find()
            .filter(Column::Recipient.eq(recipient))
            .filter(Column::Kind.eq(kind))
            .filter(Column::CreatedAt.gt(since));
        Ok(mails.count(&self.connection).await?)
    }

    /// What is due, the most urgent first.
    pub async fn due_mails(&self, now: Timestamp, limit: u64) -> Result<Vec<KeptMail>, StoreError> {
        let rows = Entity::find()
            .filter(Column::DueAt.lte(now))
            .order_by_desc(Column::Urgency)
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(KeptMail::try_from).collect()
    }

    /// Takes it until this time; says whether nobody else did so since it was read.
    pub async fn lease_mail(
        &self,
        mail: &mut KeptMail,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        match mail.due_at.replace(until) {
            Some(former) => self.update_mail(mail, former).await,
            None => Ok(false),
        }
    }

    /// Replaces it if it is still due at this time; says whether it was: what another server took, or was deleted, stays so.
    pub async fn update_mail(
        &self,
        mail: &KeptMail,
        due_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            id: NotSet,
            created_at: NotSet,
            ..mail.row()
        };
        let updated = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(&mail.id))
            .filter(Column::DueAt.eq(due_at))
            .exec(&self.connection)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    pub(super) async fn delete_expired_mails(&self, now: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }
}
