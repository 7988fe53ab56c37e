//! Lists of teachers that are looked at and imported, and requests of single teachers.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, string, string_null, text, text_null,
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_teachers"
    }
}

fn of_school() -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_col("school_id")
        .to("schools", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let imports = Table::create()
            .table("teacher_imports")
            .col(string("id").primary_key())
            .col(string("school_id"))
            .col(string("state"))
            .col(string("made_by"))
            .col(text("description"))
            .col(big_integer("created_at"))
            .col(big_integer_null("confirmed_at"))
            .col(big_integer("expires_at"))
            .foreign_key(&mut of_school())
            .to_owned();
        let rows = Table::create()
            .table("teacher_import_rows")
            .col(string("import_id"))
            .col(big_integer("number"))
            .col(string("verdict"))
            .col(string_null("detail"))
            .col(string_null("title"))
            .col(string_null("first_name"))
            .col(string_null("surname"))
            .col(string_null("email"))
            .col(string("state"))
            .col(string_null("user_id"))
            .col(string_null("username"))
            .primary_key(Index::create().col("import_id").col("number"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("import_id")
                    .to("teacher_imports", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        let requests = Table::create()
            .table("teacher_requests")
            .col(string("id").primary_key())
            .col(string("school_id"))
            .col(string("state"))
            .col(string("name"))
            .col(string("email"))
            .col(string("language"))
            .col(string_null("token_hash"))
            .col(string_null("proof"))
            .col(big_integer("known").default(0))
            .col(text_null("note"))
            .col(string_null("decided_by"))
            .col(big_integer("created_at"))
            .col(big_integer_null("confirmed_at"))
            .col(big_integer("expires_at"))
            .foreign_key(&mut of_school())
            .to_owned();
        for table in [imports, rows, requests] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            (
                "teacher_imports_school",
                "teacher_imports",
                ["school_id", "id"],
            ),
            (
                "teacher_imports_expires",
                "teacher_imports",
                ["expires_at", "id"],
            ),
            ("teacher_imports_state", "teacher_imports", ["state", "id"]),
            (
                "teacher_import_rows_state",
                "teacher_import_rows",
                ["import_id", "state"],
            ),
            (
                "teacher_import_rows_verdict",
                "teacher_import_rows",
                ["import_id", "verdict"],
            ),
            (
                "teacher_requests_school",
                "teacher_requests",
                ["school_id", "id"],
            ),
            (
                "teacher_requests_expires",
                "teacher_requests",
                ["expires_at", "id"],
            ),
            (
                "teacher_requests_email",
                "teacher_requests",
                ["email", "created_at"],
            ),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
