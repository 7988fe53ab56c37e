//! What teachers who asked for an account answer to a question.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0016_answers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let requests = Table::alter()
            .table("teacher_requests")
            .add_column(text_null("answer"))
            .to_owned();
        manager.alter_table(requests).await
    }
}
