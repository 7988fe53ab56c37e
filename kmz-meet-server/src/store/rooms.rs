//! The table of rooms.

use kmz_meet_core::signal::Policy;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::class_lists::delete_class_list_in;
use super::entity::{chat, conference, room};
use super::records_table::delete_of_room;
use super::{AlreadyExists, Database, OpenSchool, Room, RoomSource, StoreError, storable, unique};
use crate::clock::Timestamp;

impl TryFrom<room::Model> for Room {
    type Error = StoreError;

    fn try_from(model: room::Model) -> Result<Self, StoreError> {
        let policy = serde_json::from_str(&model.policy).map_err(|source| StoreError::Damaged {
            what: "the policy",
            id: model.id.clone(),
            source,
        })?;
        Ok(Self {
            id: model.id,
            school: model.school_id,
            owner: model.owner_id,
            name: model.name,
            title: model.title,
            welcome: model.welcome,
            origin: RoomSource::of(&model.origin),
            external: model.external,
            policy,
            password: model.password,
            created_at: model.created_at,
        })
    }
}

/// Ids in one query: a database takes only so many values.
const MAX_IDS: usize = 500;

fn json(policy: &Policy, id: &str) -> Result<String, StoreError> {
    serde_json::to_string(policy).map_err(|source| StoreError::Damaged {
        what: "the policy",
        id: id.to_owned(),
        source,
    })
}

impl Database {
    /// Says whether the room was there, in this version if one is named.
    async fn write_room(&self, room: &Room, version: Option<i64>) -> Result<bool, StoreError> {
        let row = room::ActiveModel {
            title: Set(room.title.clone()),
            welcome: Set(room.welcome.clone()),
            policy: Set(json(&room.policy, &room.id)?),
            password: Set(room.password.clone()),
            ..Default::default()
        };
        let next = Expr::col(room::Column::Version).add(1);
        let mut update = room::Entity::update_many()
            .set(row)
            .col_expr(room::Column::Version, next)
            .filter(room::Column::Id.eq(&room.id));
        if let Some(version) = version {
            update = update.filter(room::Column::Version.eq(version));
        }
        let changed = update.exec(&self.connection).await?;
        Ok(changed.rows_affected == 1)
    }
}

impl Database {
    /// Adds a room of a school whose contract holds.
    pub async fn add_room(
        &self,
        school: &OpenSchool,
        room: &Room,
    ) -> Result<Result<(), AlreadyExists>, StoreError> {
        let row = room::ActiveModel {
            id: Set(room.id.clone()),
            school_id: Set(school.id().to_owned()),
            owner_id: Set(room.owner.clone()),
            name: Set(room.name.clone()),
            title: Set(room.title.clone()),
            welcome: Set(room.welcome.clone()),
            origin: Set(room.origin.as_str().to_owned()),
            external: Set(room.external.clone()),
            policy: Set(json(&room.policy, &room.id)?),
            password: Set(room.password.clone()),
            created_at: Set(room.created_at),
            version: Set(0),
        };
        unique(row.insert(&self.connection).await)
    }

    pub async fn room(&self, id: &str) -> Result<Option<Room>, StoreError> {
        let found = self.room_with_version(id).await?;
        Ok(found.map(|(room, _)| room))
    }

    /// The same with the number of its changes.
    pub async fn room_with_version(&self, id: &str) -> Result<Option<(Room, i64)>, StoreError> {
        if !storable(id) {
            return Ok(None);
        }
        let row = room::Entity::find_by_id(id).one(&self.connection).await?;
        row.map(|row| {
            let version = row.version;
            Ok((Room::try_from(row)?, version))
        })
        .transpose()
    }

    /// Those of these ids that are there, by id.
    pub async fn rooms_by_id(&self, ids: &[String]) -> Result<Vec<Room>, StoreError> {
        let mut rooms = Vec::new();
        for ids in ids.chunks(MAX_IDS) {
            let rows = room::Entity::find()
                .filter(room::Column::Id.is_in(ids))
                .all(&self.connection)
                .await?;
            for row in rows {
                rooms.push(Room::try_from(row)?);
            }
        }
        rooms.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        Ok(rooms)
    }

    /// By canonical name.
    pub async fn room_by_name(&self, name: &str) -> Result<Option<Room>, StoreError> {
        if !storable(name) {
            return Ok(None);
        }
        let row = room::Entity::find()
            .filter(room::Column::Name.eq(name))
            .one(&self.connection)
            .await?;
        row.map(Room::try_from).transpose()
    }

    /// Newest first.
    pub async fn rooms_of_owner(&self, user: &str) -> Result<Vec<Room>, StoreError> {
        let rows = room::Entity::find()
            .filter(room::Column::OwnerId.eq(user))
            .order_by_desc(room::Column::CreatedAt)
            .order_by_desc(room::Column::Id)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(Room::try_from).collect()
    }

    /// By what the platform calls it.
    pub async fn room_by_external(
        &self,
        school: &str,
        origin: RoomSource,
        external: &str,
    ) -> Result<Option<Room>, StoreError> {
        if !storable(external) {
            return Ok(None);
        }
        let row = room::Entity::find()
            .filter(room::Column::SchoolId.eq(school))
            .filter(room::Column::Origin.eq(origin.as_str()))
            .filter(room::Column::External.eq(external))
            .one(&self.connection)
            .await?;
        row.map(Room::try_from).transpose()
    }

    /// Of a school, by id from `after` on: a page.
    pub async fn rooms_of_school(
        &self,
        school: &str,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Room>, StoreError> {
        let mut rows = room::Entity::find().filter(room::Column::SchoolId.eq(school));
        if let Some(after) = after {
            rows = rows.filter(room::Column::Id.gt(after));
        }
        let rows = rows
            .order_by_asc(room::Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(Room::try_from).collect()
    }

    /// Of one origin in all schools, made before a time, by id from `after` on: a page.
    pub async fn rooms_of_origin(
        &self,
        origin: RoomSource,
        made_before: Timestamp,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Room>, StoreError> {
        let mut rows = room::Entity::find()
            .filter(room::Column::Origin.eq(origin.as_str()))
            .filter(room::Column::CreatedAt.lt(made_before));
        if let Some(after) = after {
            rows = rows.filter(room::Column::Id.gt(after));
        }
        let rows = rows
            .order_by_asc(room::Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(Room::try_from).collect()
    }

    /// Keeps title, welcome, policy and password as they are now.
    pub async fn set_room(&self, room: &Room) -> Result<(), StoreError> {
        self.write_room(room, None).await?;
        Ok(())
    }

    /// The same, unless it was changed after this version of it; says whether it is kept.
    pub async fn change_room(&self, room: &Room, version: i64) -> Result<bool, StoreError> {
        self.write_room(room, Some(version)).await
    }

    /// Deletes also what is left of a conference in it, and what integrations keep of it.
    pub async fn delete_room(&self, id: &str) -> Result<(), StoreError> {
        let all = self.begin().await?;
        let had_names = delete_room_in(&all, id).await?;
        all.commit().await?;
        if had_names {
            self.forget().await?;
        }
        Ok(())
    }
}

/// Deletes a room and all that belongs to it; says whether names of people were among it: of a conference, or a class list.
pub(super) async fn delete_room_in(
    transaction: &DatabaseTransaction,
    id: &str,
) -> Result<bool, StoreError> {
    let conferences = Query::select()
        .column(conference::Column::Id)
        .from(conference::Entity)
        .and_where(conference::Column::RoomId.eq(id))
        .to_owned();
    chat::Entity::delete_many()
        .filter(chat::Column::ConferenceId.in_subquery(conferences))
        .exec(transaction)
        .await?;
    let conferences = conference::Entity::delete_many()
        .filter(conference::Column::RoomId.eq(id))
        .exec(transaction)
        .await?;
    let had_list = delete_class_list_in(transaction, id).await?;
    room::Entity::delete_by_id(id).exec(transaction).await?;
    delete_of_room(transaction, id).await?;
    Ok(had_list || conferences.rows_affected > 0)
}
