//! The table of LTI platforms.

use aws_lc_rs::digest::{Context, SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lti_bridge::{Platform, PlatformState};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryTrait,
    UpdateMany,
};
use serde_json::json;

use super::entity::platform::{ActiveModel, Column, Entity, Model};
use super::records::CHANGE_TRIES;
use super::{
    AddError, Database, Record, RecordFilter, StoreError, add_of_school, json, page, storable,
};
use crate::clock::Timestamp;

/// A platform; its parent is its issuer, its key says issuer and client id.
#[derive(Clone, Debug)]
pub struct KeptPlatform(pub Platform);

impl KeptPlatform {
    /// The record of a platform.
    pub fn record(platform: Platform, created_at: Timestamp) -> Record<Self> {
        let mut record = Record::new(platform.tenant.clone(), created_at, Self(platform));
        record.id.clone_from(&record.data.0.id);
        Self::index(&mut record);
        record
    }

    /// By what it is found, after a change.
    pub fn index(record: &mut Record<Self>) {
        let platform = &record.data.0;
        record.parent = Some(platform.issuer.clone());
        // A hash: an index of PostgreSQL takes no text of any length.
        let mut hash = Context::new(&SHA256);
        for part in [&platform.issuer, &platform.client_id] {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        // One that proved itself stands beside one that anyone may have written by hand.
        if platform.proven {
            hash.update(b"proven");
        }
        record.key = Some(URL_SAFE_NO_PAD.encode(hash.finish()));
    }
}

/// An index of PostgreSQL takes no text of any length.
fn hash_of_issuer(issuer: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, issuer.as_bytes()))
}

fn name(state: PlatformState) -> &'static str {
    match state {
        PlatformState::Pending => "pending",
        PlatformState::Active => "active",
        PlatformState::Disabled => "disabled",
    }
}

impl TryFrom<Model> for Record<KeptPlatform> {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let list = |text: &str| {
            json::read::<serde_json::Value>("a list of an LTI platform", &row.id, text)
        };
        // By the platform's own rules: what an earlier version took for an origin is left out.
        let platform = json!({
            "id": row.id,
            "tenant": row.school_id,
            "name": row.name,
            "issuer": row.issuer,
            "client_id": row.client_id,
            "deployment_ids": list(&row.deployment_ids)?,
            "authorization_endpoint": row.authorization_endpoint,
            "token_endpoint": row.token_endpoint,
            "jwks_uri": row.jwks_uri,
            "state": row.state,
            "page_origins": list(&row.page_origins)?,
            "proven": row.proven,
            "named_only": row.named_only,
            "audience": row.audience,
        });
        let platform = serde_json::from_value(platform).map_err(|source| StoreError::Damaged {
            what: "an LTI platform",
            id: row.id.clone(),
            source,
        })?;
        Ok(Self {
            id: row.id,
            school: Some(row.school_id),
            parent: Some(row.issuer),
            key: row.key,
            due_at: None,
            expires_at: None,
            created_at: row.created_at,
            data: KeptPlatform(platform),
        })
    }
}

impl Record<KeptPlatform> {
    fn row(&self) -> Result<ActiveModel, StoreError> {
        let platform = &self.data.0;
        Ok(ActiveModel {
            id: Set(self.id.clone()),
            school_id: Set(platform.tenant.clone()),
            name: Set(platform.name.clone()),
            issuer: Set(platform.issuer.clone()),
            issuer_hash: Set(hash_of_issuer(&platform.issuer)),
            key: Set(self.key.clone()),
            client_id: Set(platform.client_id.clone()),
            deployment_ids: Set(json::write(
                "a list of an LTI platform",
                &self.id,
                &platform.deployment_ids,
            )?),
            authorization_endpoint: Set(platform.authorization_endpoint.to_string()),
            token_endpoint: Set(platform.token_endpoint.to_string()),
            jwks_uri: Set(platform.jwks_uri.to_string()),
            state: Set(name(platform.state).to_owned()),
            page_origins: Set(json::write(
                "a list of an LTI platform",
                &self.id,
                &platform.page_origins,
            )?),
            proven: Set(platform.proven),
            named_only: Set(platform.named_only),
            audience: Set(platform.audience.clone()),
            created_at: Set(self.created_at),
            version: Set(0),
        })
    }

    /// Adds it, unless its key is taken or its school has this many already.
    pub async fn add(
        &self,
        store: &Database,
        max_of_school: u64,
    ) -> Result<Result<(), AddError>, StoreError> {
        let of_school = (Column::SchoolId, self.data.0.tenant.as_str());
        add_of_school(store, self.row()?, of_school, max_of_school).await
    }

    /// Replaces it if it is there, and says whether it was: what was deleted meanwhile stays deleted.
    pub async fn update(&self, store: &Database) -> Result<bool, StoreError> {
        let changed = self.replacement()?.exec(&store.connection).await?;
        Ok(changed.rows_affected == 1)
    }

    fn replacement(&self) -> Result<UpdateMany<Entity>, StoreError> {
        let row = ActiveModel {
            id: NotSet,
            school_id: NotSet,
            created_at: NotSet,
            version: NotSet,
            ..self.row()?
        };
        Ok(Entity::update_many()
            .set(row)
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(&self.id)))
    }

    /// Changes the one with this id, whatever others change in it at the same time: `change` is done to what is there, and
    /// once more when that was replaced meanwhile. `None` when it is not there (any more).
    pub async fn change(
        store: &Database,
        id: &str,
        change: impl Fn(&mut Platform),
    ) -> Result<Option<Self>, StoreError> {
        for _ in 0..CHANGE_TRIES {
            let Some(row) = Entity::find_by_id(id).one(&store.connection).await? else {
                return Ok(None);
            };
            let version = row.version;
            let mut record = Self::try_from(row)?;
            change(&mut record.data.0);
            KeptPlatform::index(&mut record);
            let replaced = record.replacement()?.filter(Column::Version.eq(version));
            if replaced.exec(&store.connection).await?.rows_affected == 1 {
                return Ok(Some(record));
            }
        }
        Err(StoreError::Contended { kind: "platform" })
    }

    pub async fn get(store: &Database, id: &str) -> Result<Option<Self>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = Entity::find_by_id(id).one(&store.connection).await?;
        row.map(Self::try_from).transpose()
    }

    /// The platform with this id if it is this school's: what belongs to others is not there.
    pub async fn of_school(
        store: &Database,
        school: &str,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let platform = Self::get(store, id).await?;
        Ok(platform.filter(|platform| platform.school.as_deref() == Some(school)))
    }

    /// Those of a school, and of an issuer where `parent` names it.
    pub async fn list(store: &Database, filter: RecordFilter<'_>) -> Result<Vec<Self>, StoreError> {
        let platforms = Entity::find().apply_if(filter.parent, |platforms, issuer| {
            platforms
                .filter(Column::IssuerHash.eq(hash_of_issuer(issuer)))
                .filter(Column::Issuer.eq(issuer))
        });
        let rows = page(store, platforms, (Column::SchoolId, Column::Id), &filter).await?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// Says whether it was there.
    pub async fn delete(&self, store: &Database) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(&self.id)
            .exec(&store.connection)
            .await?;
        Ok(deleted.rows_affected == 1)
    }
}
