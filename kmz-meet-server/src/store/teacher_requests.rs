//! The table of requests: teachers who ask for an account.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entity::school;
use super::entity::teacher_request::{ActiveModel, Column, Entity, Model};
use super::teacher_imports::{NotMade, add_teacher};
use super::{Contract, Database, OpenSchool, RecordFilter, StoreError, User, json, page, storable};
use crate::clock::Timestamp;

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TeacherRequestState)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Nobody has proved the address yet: it is in no queue.
    Unconfirmed,
    /// Somebody has to decide.
    Waiting,
    /// The teacher was asked something.
    AskedBack,
    Accepted,
    Refused,
}

impl RequestState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Waiting => "waiting",
            Self::AskedBack => "asked_back",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRequest {
    pub id: String,
    pub school: String,
    pub state: RequestState,
    pub name: String,
    pub email: String,
    /// In which the teacher is answered: `de` or `en`.
    pub language: String,
    pub token_hash: Option<String>,
    /// The kind of file that proves employment.
    pub proof: Option<String>,
    /// Whether the register knows the address.
    pub known: bool,
    pub note: Option<String>,
    /// What the teacher said to the note, if that is a question.
    pub answer: Option<String>,
    pub decided_by: Option<String>,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub expires_at: Timestamp,
}

impl TryFrom<Model> for KeptRequest {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            state: json::read_name("the state of a request", &row.id, &row.state)?,
            id: row.id,
            school: row.school_id,
            name: row.name,
            email: row.email,
            language: row.language,
            token_hash: row.token_hash,
            proof: row.proof,
            known: row.known != 0,
            note: row.note,
            answer: row.answer,
            decided_by: row.decided_by,
            created_at: row.created_at,
            confirmed_at: row.confirmed_at,
            expires_at: row.expires_at,
        })
    }
}

impl KeptRequest {
    fn row(&self) -> ActiveModel {
        ActiveModel {
            id: Set(self.id.clone()),
            school_id: Set(self.school.clone()),
            state: Set(self.state.as_str().to_owned()),
            name: Set(self.name.clone()),
            email: Set(self.email.clone()),
            language: Set(self.language.clone()),
            token_hash: Set(self.token_hash.clone()),
            proof: Set(self.proof.clone()),
            known: Set(i64::from(self.known)),
            note: Set(self.note.clone()),
            answer: Set(self.answer.clone()),
            decided_by: Set(self.decided_by.clone()),
            created_at: Set(self.created_at),
            confirmed_at: Set(self.confirmed_at),
            expires_at: Set(self.expires_at),
        }
    }
}

impl Database {
    /// Schools of which teachers may ask for an account: id and name, by name.
    pub async fn schools_to_ask(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let rows = school::Entity::find()
            .select_only()
            .column(school::Column::Id)
            .column(school::Column::Name)
            .filter(school::Column::Contract.eq(Contract::Signed.as_str()))
            .filter(
                school::Column::ValidUntil
                    .is_null()
                    .or(school::Column::ValidUntil.gt(now)),
            )
            .order_by_asc(school::Column::Name)
            .limit(limit)
            .into_tuple()
            .all(&self.connection)
            .await?;
        Ok(rows)
    }

    pub async fn add_teacher_request(&self, request: &KeptRequest) -> Result<(), StoreError> {
        Entity::insert(request.row())
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// How many were made since a time: with this address, and at this school.
    pub async fn count_teacher_requests(
        &self,
        (school, email): (&str, &str),
        since: Timestamp,
    ) -> Result<(u64, u64), StoreError> {
        let newer = || Entity::find().filter(Column::CreatedAt.gt(since));
        let of_address = newer().filter(Column::Email.eq(email));
        let of_school = newer().filter(Column::SchoolId.eq(school));
        Ok((
            of_address.count(&self.connection).await?,
            of_school.count(&self.connection).await?,
        ))
    }

    pub async fn teacher_request(&self, id: &str) -> Result<Option<KeptRequest>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = Entity::find_by_id(id).one(&self.connection).await?;
        row.map(KeptRequest::try_from).transpose()
    }

    /// The one to which this link was mailed.
    pub async fn teacher_request_by_token(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<KeptRequest>, StoreError> {
        let row = Entity::find()
            .filter(Column::TokenHash.eq(token_hash))
            .filter(Column::ExpiresAt.gt(now))
            .one(&self.connection)
            .await?;
        row.map(KeptRequest::try_from).transpose()
    }

    /// Those whose address is proved; of one school.
    pub async fn teacher_requests(
        &self,
        filter: RecordFilter<'_>,
        state: Option<RequestState>,
    ) -> Result<Vec<KeptRequest>, StoreError> {
        let mut rows = Entity::find().filter(Column::State.ne(RequestState::Unconfirmed.as_str()));
        if let Some(state) = state {
            rows = rows.filter(Column::State.eq(state.as_str()));
        }
        let rows = page(self, rows, (Column::SchoolId, Column::Id), &filter).await?;
        rows.into_iter().map(KeptRequest::try_from).collect()
    }

    /// Replaces it if it is still in this state; says whether it was.
    pub async fn change_teacher_request(
        &self,
        request: &KeptRequest,
        from: RequestState,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            id: NotSet,
            created_at: NotSet,
            ..request.row()
        };
        let changed = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(&request.id))
            .filter(Column::State.eq(from.as_str()))
            .exec(&self.connection)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Makes the account of a request and notes it there: both, or none.
    pub async fn accept_teacher_request(
        &self,
        school: &OpenSchool,
        request: &KeptRequest,
        from: RequestState,
        (teacher, now): (&User, Timestamp),
    ) -> Result<Result<(), NotMade>, StoreError> {
        let both = self.begin().await?;
        let row = ActiveModel {
            id: NotSet,
            created_at: NotSet,
            ..request.row()
        };
        let claimed = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(&request.id))
            .filter(Column::State.eq(from.as_str()))
            .exec(&both)
            .await?;
        if claimed.rows_affected == 0 {
            return Ok(Err(NotMade::Already));
        }
        if let Err(not_made) = add_teacher(&both, school, teacher, &request.email, now).await? {
            return Ok(Err(not_made));
        }
        both.commit().await?;
        Ok(Ok(()))
    }

    /// The ids of requests whose time is up and which have a proof: its file is deleted first.
    pub async fn expired_proofs(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let rows = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::ExpiresAt.lte(now))
            .filter(Column::Proof.is_not_null())
            .into_tuple()
            .all(&self.connection)
            .await?;
        Ok(rows)
    }

    pub(super) async fn delete_expired_teacher_requests(
        &self,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now))
            .filter(Column::Proof.is_null())
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }

    /// Without its proof, which is gone.
    pub async fn forget_proof(&self, id: &str) -> Result<(), StoreError> {
        let row = ActiveModel {
            proof: Set(None),
            ..Default::default()
        };
        Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(id))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}
