//! Schools, their teachers, rooms, and what is kept of running conferences.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, string_null, text, text_null};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(schools()).await?;
        manager.create_table(users()).await?;
        manager.create_table(sessions()).await?;
        manager.create_table(rooms()).await?;
        manager.create_table(conferences()).await?;
        manager.create_table(chat()).await?;
        let indexes = [("sessions", "user_id"), ("rooms", "owner_id")];
        for (table, column) in indexes {
            let index = Index::create()
                .name(format!("{table}_{column}"))
                .table(table)
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        // What a platform calls a room; rooms without such a name do not meet here.
        let external = Index::create()
            .name("rooms_external")
            .table("rooms")
            .col("school_id")
            .col("origin")
            .col("external")
            .unique()
            .to_owned();
        manager.create_index(external).await?;
        Ok(())
    }
}

fn id() -> ColumnDef {
    string("id").primary_key().to_owned()
}

fn belongs_to(from: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    // Whatever belongs to something that is deleted goes with it.
    ForeignKey::create()
        .from_col(from)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn schools() -> TableCreateStatement {
    Table::create()
        .table("schools")
        .col(id())
        .col(string("name").unique_key())
        .col(string("contract"))
        .to_owned()
}

fn users() -> TableCreateStatement {
    Table::create()
        .table("users")
        .col(id())
        .col(string("school_id"))
        .col(string("username").unique_key())
        .col(string("name"))
        .col(string("role"))
        .col(string("password_hash"))
        .foreign_key(&mut belongs_to("school_id", "schools"))
        .to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(string("token_hash").primary_key())
        .col(string("user_id"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut belongs_to("user_id", "users"))
        .to_owned()
}

fn rooms() -> TableCreateStatement {
    Table::create()
        .table("rooms")
        .col(id())
        .col(string("school_id"))
        .col(string_null("owner_id"))
        .col(string("name").unique_key())
        .col(string_null("title"))
        .col(text_null("welcome"))
        .col(string("origin"))
        .col(string_null("external"))
        .col(text("policy"))
        .col(string_null("password"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("school_id", "schools"))
        .foreign_key(&mut belongs_to("owner_id", "users"))
        .to_owned()
}

fn conferences() -> TableCreateStatement {
    Table::create()
        .table("conferences")
        .col(id())
        .col(string("room_id").unique_key())
        .col(text("snapshot"))
        .col(big_integer("updated_at"))
        .foreign_key(&mut belongs_to("room_id", "rooms"))
        .to_owned()
}

fn chat() -> TableCreateStatement {
    // No foreign key: the first message may be written before the first snapshot is.
    Table::create()
        .table("chat")
        .col(string("conference_id"))
        .col(big_integer("number"))
        .col(text("message"))
        .primary_key(Index::create().col("conference_id").col("number"))
        .to_owned()
}
