//! The table of class lists: the pupils of a room, each with the card by which they come.

use std::collections::HashSet;

use kmz_meet_core::room::skeleton;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::entity::class_pupil::{ActiveModel, Column, Entity, Model};
use super::room_records::lock_room;
use super::{AlreadyExists, Database, Room, StoreError, storable, unique};
use crate::clock::Timestamp;

/// A card as it is kept: what opens by it is not in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCard {
    pub id: String,
    /// By this its short code is found.
    pub code_hash: String,
    pub issued_at: Timestamp,
}

/// Somebody on the class list of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassPupil {
    pub id: String,
    pub school: String,
    pub room: String,
    pub name: String,
    /// `None`: it was withdrawn.
    pub card: Option<KeptCard>,
}

impl From<Model> for ClassPupil {
    fn from(row: Model) -> Self {
        let card = row.card_id.zip(row.code_hash).zip(row.issued_at);
        Self {
            id: row.id,
            school: row.school_id,
            room: row.room_id,
            name: row.name,
            card: card.map(|((id, code_hash), issued_at)| KeptCard {
                id,
                code_hash,
                issued_at,
            }),
        }
    }
}

/// Whose cards are made anew or withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardsOf<'a> {
    All,
    /// The pupil with this id.
    One(&'a str),
}

fn position(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

async fn of_room(
    connection: &impl ConnectionTrait,
    room: &str,
) -> Result<Vec<ClassPupil>, StoreError> {
    let rows = Entity::find()
        .filter(Column::RoomId.eq(room))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(ClassPupil::from).collect())
}

fn set_card(row: &mut ActiveModel, card: Option<KeptCard>) {
    row.issued_at = Set(card.as_ref().map(|card| card.issued_at));
    row.code_hash = Set(card.as_ref().map(|card| card.code_hash.clone()));
    row.card_id = Set(card.map(|card| card.id));
}

async fn update(
    both: &DatabaseTransaction,
    id: &str,
    row: ActiveModel,
) -> Result<Result<(), AlreadyExists>, StoreError> {
    let updated = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .exec(both)
        .await;
    unique(updated)
}

/// Deletes the class list of a room; says whether there was one.
pub(super) async fn delete_class_list_in(
    transaction: &DatabaseTransaction,
    room: &str,
) -> Result<bool, StoreError> {
    let deleted = Entity::delete_many()
        .filter(Column::RoomId.eq(room))
        .exec(transaction)
        .await?;
    Ok(deleted.rows_affected > 0)
}

impl Database {
    /// The class list of a room, in the order of the list.
    pub async fn class_list(&self, room: &str) -> Result<Vec<ClassPupil>, StoreError> {
        of_room(&self.connection, room).await
    }

    /// Whether a room has one.
    pub async fn has_class_list(&self, room: &str) -> Result<bool, StoreError> {
        let rows = Entity::find().filter(Column::RoomId.eq(room));
        Ok(rows.count(&self.connection).await? > 0)
    }

    /// Whether a reader takes a name for one on the list of a room.
    pub async fn has_pupil_like(&self, room: &str, name: &str) -> Result<bool, StoreError> {
        let rows = Entity::find()
            .filter(Column::RoomId.eq(room))
            .filter(Column::Skeleton.eq(skeleton(name)));
        Ok(rows.count(&self.connection).await? > 0)
    }

    /// Whose card this is.
    pub async fn pupil_of_card(&self, card: &str) -> Result<Option<ClassPupil>, StoreError> {
        self.pupil_by(Column::CardId, card).await
    }

    /// Whose card has the short code of this hash.
    pub async fn pupil_of_code(&self, code_hash: &str) -> Result<Option<ClassPupil>, StoreError> {
        self.pupil_by(Column::CodeHash, code_hash).await
    }

    async fn pupil_by(
        &self,
        column: Column,
        value: &str,
    ) -> Result<Option<ClassPupil>, StoreError> {
        if !storable(value) {
            return Ok(None);
        }
        let row = Entity::find().filter(column.eq(value));
        let row = row.one(&self.connection).await?;
        Ok(row.map(ClassPupil::from))
    }

    /// Makes the class list of a room this one. Who was on it before keeps their card, and who was not gets one of
    /// `new_cards`; of both as many as there are names. Gives the cards of those who are not on it any more, or
    /// [`AlreadyExists`]: one of the new cards has a code of another; nothing has changed then.
    pub async fn replace_class_list(
        &self,
        room: &Room,
        names: &[String],
        new_cards: Vec<KeptCard>,
    ) -> Result<Result<Vec<String>, AlreadyExists>, StoreError> {
        let both = self.begin().await?;
        lock_room(&both, &room.id).await?;
        let mut before = of_room(&both, &room.id).await?;
        let mut new_cards = new_cards.into_iter();
        for (index, name) in names.iter().enumerate() {
            let known = before.iter().position(|pupil| pupil.name == *name);
            if let Some(known) = known {
                let row = ActiveModel {
                    position: Set(position(index)),
                    ..Default::default()
                };
                let known = before.swap_remove(known);
                if let Err(exists) = update(&both, &known.id, row).await? {
                    return Ok(Err(exists));
                }
                continue;
            }
            let mut row = ActiveModel {
                id: Set(Uuid::now_v7().to_string()),
                school_id: Set(room.school.clone()),
                room_id: Set(room.id.clone()),
                position: Set(position(index)),
                name: Set(name.clone()),
                skeleton: Set(skeleton(name)),
                ..Default::default()
            };
            set_card(&mut row, new_cards.next());
            if let Err(exists) = unique(row.insert(&both).await)? {
                return Ok(Err(exists));
            }
        }
        let gone: HashSet<String> = before.iter().map(|pupil| pupil.id.clone()).collect();
        Entity::delete_many()
            .filter(Column::Id.is_in(&gone))
            .exec(&both)
            .await?;
        both.commit().await?;
        if !gone.is_empty() {
            self.forget().await?;
        }
        let cards = before.into_iter().filter_map(|pupil| pupil.card);
        Ok(Ok(cards.map(|card| card.id).collect()))
    }

    /// Gives pupils of a room other cards: one of `new_cards` each as long as there are some, and then none. Gives the cards
    /// that they had, or `None`: nobody of this id is on the list. [`AlreadyExists`] as for [`Self::replace_class_list`].
    pub async fn replace_cards(
        &self,
        room: &Room,
        whose: CardsOf<'_>,
        new_cards: Vec<KeptCard>,
    ) -> Result<Result<Option<Vec<String>>, AlreadyExists>, StoreError> {
        let both = self.begin().await?;
        lock_room(&both, &room.id).await?;
        let mut pupils = of_room(&both, &room.id).await?;
        if let CardsOf::One(id) = whose {
            pupils.retain(|pupil| pupil.id == id);
            if pupils.is_empty() {
                return Ok(Ok(None));
            }
        }
        let mut new_cards = new_cards.into_iter();
        let mut ended = Vec::new();
        for pupil in pupils {
            let mut row = <ActiveModel as Default>::default();
            set_card(&mut row, new_cards.next());
            if let Err(exists) = update(&both, &pupil.id, row).await? {
                return Ok(Err(exists));
            }
            ended.extend(pupil.card.map(|card| card.id));
        }
        both.commit().await?;
        Ok(Ok(Some(ended)))
    }
}
