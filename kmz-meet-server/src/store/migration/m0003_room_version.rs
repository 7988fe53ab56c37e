//! Changes of rooms count: who changes a room that someone else changed meanwhile finds out.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_room_version"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("rooms")
            .add_column(big_integer("version").default(0))
            .to_owned();
        manager.alter_table(table).await
    }
}
