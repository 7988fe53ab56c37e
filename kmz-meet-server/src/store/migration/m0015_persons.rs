//! By what everything that is kept of a person is found: to be told to them, and to be erased.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_null;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0015_persons"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The account that was made of it, which may have another address by now. Without a foreign key: who removes an account
        // without erasing its person keeps the request.
        let account = Table::alter()
            .table("teacher_requests")
            .add_column(string_null("user_id"))
            .to_owned();
        manager.alter_table(account).await?;
        for (name, table, column) in [
            ("teacher_requests_user", "teacher_requests", "user_id"),
            ("teacher_requests_token", "teacher_requests", "token_hash"),
            ("teacher_import_rows_user", "teacher_import_rows", "user_id"),
            ("teacher_import_rows_email", "teacher_import_rows", "email"),
            ("audit_actor", "audit", "actor_id"),
        ] {
            let index = Index::create()
                .name(name)
                .table(table)
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
