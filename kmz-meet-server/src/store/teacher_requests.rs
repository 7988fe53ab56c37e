//! The table of requests: teachers who ask for an account.

use std::collections::HashSet;

use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audit;
use super::database::lock_school;
use super::entity::school;
use super::entity::teacher_request::{ActiveModel, Column, Entity, Model};
use super::teacher_imports::{NotMade, add_teacher};
use super::{
    AuditEntry, Contract, Database, OpenSchool, RecordFilter, StoreError, User, json, page,
    storable,
};
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

/// In which somebody has to decide.
const OPEN: [RequestState; 2] = [RequestState::Waiting, RequestState::AskedBack];
/// Ids in one question to the database.
const MAX_IDS: usize = 500;

/// How many requests there may be that were made since a time.
#[derive(Clone, Copy, Debug)]
pub struct RequestBounds {
    pub since: Timestamp,
    pub of_address: u64,
    /// Of a school, from people who proved their address.
    pub confirmed: u64,
    /// Of a school, from others.
    pub unconfirmed: u64,
}

/// What somebody decides about a request.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Who decides, as the request names them.
    pub by: &'a str,
    /// The line in the log.
    pub noted: &'a AuditEntry,
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
    /// The account that was made of it.
    pub user: Option<String>,
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
            user: row.user_id,
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
            user_id: Set(self.user.clone()),
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

    /// Adds a request, unless there are too many: what is counted stays so until it is added. Says whether it was.
    pub async fn add_teacher_request(
        &self,
        request: &KeptRequest,
        most: RequestBounds,
    ) -> Result<bool, StoreError> {
        let all = self.begin().await?;
        lock_school(&all, &request.school).await?;
        let newer = || Entity::find().filter(Column::CreatedAt.gt(most.since));
        let of_address = newer().filter(Column::Email.eq(&request.email));
        let of_school = || newer().filter(Column::SchoolId.eq(&request.school));
        let confirmed = of_school().filter(Column::ConfirmedAt.is_not_null());
        let others = of_school().filter(Column::ConfirmedAt.is_null());
        if of_address.count(&all).await? >= most.of_address
            || confirmed.count(&all).await? >= most.confirmed
            || others.count(&all).await? >= most.unconfirmed
        {
            return Ok(false);
        }
        Entity::insert(request.row())
            .exec_without_returning(&all)
            .await?;
        all.commit().await?;
        Ok(true)
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

    /// The address is proved: says whether it was not before.
    pub async fn confirm_teacher_request(
        &self,
        id: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            state: Set(RequestState::Waiting.as_str().to_owned()),
            confirmed_at: Set(Some(now)),
            expires_at: Set(expires_at),
            ..Default::default()
        };
        change(&self.connection, id, &[RequestState::Unconfirmed], row).await
    }

    /// There is a proof of this kind, and somebody has to decide; says whether nobody has.
    pub async fn set_proof(&self, id: &str, kind: &str) -> Result<bool, StoreError> {
        let row = ActiveModel {
            state: Set(RequestState::Waiting.as_str().to_owned()),
            proof: Set(Some(kind.to_owned())),
            ..Default::default()
        };
        change(&self.connection, id, &OPEN, row).await
    }

    /// The teacher answers what was asked, in place of a former answer; says whether something was, and nobody has decided.
    pub async fn answer_teacher_request(&self, id: &str, text: &str) -> Result<bool, StoreError> {
        let row = ActiveModel {
            state: Set(RequestState::Waiting.as_str().to_owned()),
            answer: Set(Some(text.to_owned())),
            ..Default::default()
        };
        let updated = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(id))
            .filter(Column::State.is_in(OPEN.map(RequestState::as_str)))
            // Until somebody decides, the only note is a question.
            .filter(Column::Note.is_not_null())
            .exec(&self.connection)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Somebody asks back, by a new link; says whether nobody has decided.
    pub async fn ask_back(
        &self,
        id: &str,
        (question, token_hash): (&str, &str),
        decision: &Decision<'_>,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            state: Set(RequestState::AskedBack.as_str().to_owned()),
            note: Set(Some(question.to_owned())),
            answer: Set(None),
            token_hash: Set(Some(token_hash.to_owned())),
            decided_by: Set(Some(decision.by.to_owned())),
            ..Default::default()
        };
        self.decide(id, row, decision).await
    }

    /// Writes a decision and its line in the log: both, or none. Says whether nobody has decided.
    async fn decide(
        &self,
        id: &str,
        row: ActiveModel,
        decision: &Decision<'_>,
    ) -> Result<bool, StoreError> {
        let both = self.begin().await?;
        if !change(&both, id, &OPEN, row).await? {
            return Ok(false);
        }
        audit::add(&both, decision.noted).await?;
        both.commit().await?;
        Ok(true)
    }

    /// Refuses it; says whether nobody has decided.
    pub async fn refuse_teacher_request(
        &self,
        id: &str,
        reason: &str,
        decision: &Decision<'_>,
    ) -> Result<bool, StoreError> {
        let row = ActiveModel {
            note: Set(Some(reason.to_owned())),
            answer: Set(None),
            ..decided(RequestState::Refused, decision.by)
        };
        self.decide(id, row, decision).await
    }

    /// Makes the account of a request and notes it there and in the log: all of it, or nothing.
    pub async fn accept_teacher_request(
        &self,
        school: &OpenSchool,
        id: &str,
        teacher: &User,
        decision: &Decision<'_>,
    ) -> Result<Result<(), NotMade>, StoreError> {
        let both = self.begin().await?;
        let row = ActiveModel {
            user_id: Set(Some(teacher.id.clone())),
            ..decided(RequestState::Accepted, decision.by)
        };
        if !change(&both, id, &OPEN, row).await? {
            return Ok(Err(NotMade::Already));
        }
        if let Err(not_made) = add_teacher(&both, school, teacher).await? {
            return Ok(Err(not_made));
        }
        audit::add(&both, decision.noted).await?;
        both.commit().await?;
        Ok(Ok(()))
    }

    /// Which of these requests wait for a decision: what proves them is kept until then.
    pub async fn open_teacher_requests(
        &self,
        ids: &[String],
        now: Timestamp,
    ) -> Result<HashSet<String>, StoreError> {
        let mut open = HashSet::new();
        for ids in ids.chunks(MAX_IDS) {
            let rows: Vec<String> = Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::Id.is_in(ids))
                .filter(Column::State.is_in(OPEN.map(RequestState::as_str)))
                .filter(Column::ExpiresAt.gt(now))
                .into_tuple()
                .all(&self.connection)
                .await?;
            open.extend(rows);
        }
        Ok(open)
    }

    pub(super) async fn delete_expired_teacher_requests(
        &self,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now))
            .exec(&self.connection)
            .await?;
        Ok(deleted.rows_affected)
    }
}

/// Changes these columns alone, of a request in one of these states; says whether it was.
async fn change<C: ConnectionTrait>(
    connection: &C,
    id: &str,
    from: &[RequestState],
    row: ActiveModel,
) -> Result<bool, StoreError> {
    let from = from.iter().map(|state| state.as_str());
    let changed = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in(from))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Nobody needs its link or its proof any more.
fn decided(state: RequestState, by: &str) -> ActiveModel {
    ActiveModel {
        state: Set(state.as_str().to_owned()),
        decided_by: Set(Some(by.to_owned())),
        proof: Set(None),
        token_hash: Set(None),
        ..Default::default()
    }
}
