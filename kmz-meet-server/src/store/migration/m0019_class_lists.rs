//! Class lists: the pupils of a room, and the cards by which they come.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string, string_null};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0019_class_lists"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let pupils = Table::create()
            .table("class_pupils")
            .col(string("id").primary_key())
            .col(string("school_id"))
            .col(string("room_id"))
            .col(big_integer("position"))
            .col(string("name"))
            .col(string("skeleton"))
            .col(string_null("card_id"))
            .col(string_null("code_hash"))
            .col(big_integer_null("issued_at"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("room_id")
                    .to("rooms", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(pupils).await?;
        for (name, columns, unique) in [
            ("class_pupils_room", vec!["room_id", "position"], false),
            ("class_pupils_skeleton", vec!["room_id", "skeleton"], false),
            ("class_pupils_card", vec!["card_id"], true),
            ("class_pupils_code", vec!["code_hash"], true),
        ] {
            let mut index = Index::create().name(name).table("class_pupils").to_owned();
            for column in columns {
                index.col(column);
            }
            if unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
