//! Accounts can be locked; of a session is known when it began, when it was used last, and by which kind of browser.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string_null};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite takes no more.
        let columns = [
            ("users", big_integer_null("locked_at")),
            ("sessions", big_integer("created_at").default(0).to_owned()),
            ("sessions", big_integer("used_at").default(0).to_owned()),
            ("sessions", string_null("browser")),
        ];
        for (table, column) in columns {
            let table = Table::alter().table(table).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
