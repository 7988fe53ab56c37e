//! What the database says about itself to those who check it: whether anything is kept longer than it may be, or at all that
//! must not be.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::{Database, StoreError, audit, launch_failures};
use crate::clock::{Timestamp, millis};

/// Tables whose rows have a time of their own.
const EXPIRING: [&str; 12] = [
    "api_keys",
    "attendance",
    "deliveries",
    "mails",
    "one_time_links",
    "records",
    "sealed_drops",
    "self_test_counts",
    "self_test_results",
    "sessions",
    "teacher_imports",
    "teacher_requests",
];
/// Parts of names that a column has which is made for the address of a connection.
const ADDRESSES: [&str; 6] = ["ip", "addr", "address", "remote", "peer", "host"];
/// It is the mail address that a link proves.
const MAIL_ADDRESS: (&str, &str) = ("one_time_links", "address");

impl Database {
    async fn number(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let backend = self.connection.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let row = self.connection.query_one_raw(statement).await?;
        let number: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(number).unwrap_or(0))
    }

    /// Tables with rows whose time was over at `before`, and how many: they should have been deleted.
    pub async fn overdue(&self, before: Timestamp) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut found = Vec::new();
        for table in EXPIRING {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE expires_at <= $1");
            found.push((table, self.number(&sql, vec![before.into()]).await?));
        }
        for (table, column, lifetime) in [
            ("audit", "created_at", audit::LIFETIME),
            ("launch_failures", "last_at", launch_failures::LIFETIME),
        ] {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} <= $1");
            let values = vec![(before - millis(lifetime)).into()];
            found.push((table, self.number(&sql, values).await?));
        }
        found.retain(|(_, count)| *count > 0);
        Ok(found)
    }

    /// Conferences that were saved last before this time, and chat of conferences that there are not.
    pub async fn left_content(&self, saved_before: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM conferences WHERE updated_at <= $1";
        let old = self.number(sql, vec![saved_before.into()]).await?;
        let sql =
            "SELECT COUNT(*) FROM chat WHERE conference_id NOT IN (SELECT id FROM conferences)";
        Ok(old + self.number(sql, Vec::new()).await?)
    }

    /// Requests of teachers that were made before this time, whatever they say of their own time.
    pub async fn requests_made_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM teacher_requests WHERE created_at <= $1";
        self.number(sql, vec![before.into()]).await
    }

    /// Actions of accounts that are gone, with a name.
    pub async fn names_of_removed_accounts(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM audit WHERE actor_kind = 'account' AND actor_name <> '' \
                   AND actor_id NOT IN (SELECT id FROM users)";
        self.number(sql, Vec::new()).await
    }

    /// Passwords that are kept as anything but an Argon2id hash.
    pub async fn readable_passwords(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM users WHERE password_hash <> '' \
                   AND password_hash NOT LIKE '$argon2id$%'";
        self.number(sql, Vec::new()).await
    }

    /// Accounts with a password of schools that never had a contract that held.
    pub async fn accounts_without_contract(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM users JOIN schools ON schools.id = users.school_id \
                   WHERE users.password_hash <> '' AND schools.contract IN ('requested', 'form_sent') \
                   AND schools.id NOT IN (SELECT school_id FROM contract_changes WHERE state = 'signed')";
        self.number(sql, Vec::new()).await
    }

    /// Accounts whose role is none of ours.
    pub async fn unknown_roles(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM users WHERE role NOT IN ('operator', 'school_admin', 'moderator')";
        self.number(sql, Vec::new()).await
    }

    /// Columns that look as if addresses of connections were kept in them, as `table.column`.
    pub async fn address_columns(&self) -> Result<Vec<String>, StoreError> {
        let backend = self.connection.get_database_backend();
        let sql = if backend == DbBackend::Sqlite {
            "SELECT m.name AS tab, p.name AS col FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
        } else {
            "SELECT table_name::text AS tab, column_name::text AS col FROM information_schema.columns WHERE table_schema = current_schema()"
        };
        let statement = Statement::from_string(backend, sql);
        let mut found = Vec::new();
        for row in self.connection.query_all_raw(statement).await? {
            let (table, column): (String, String) =
                (row.try_get("", "tab")?, row.try_get("", "col")?);
            let is_address = column.split('_').any(|part| ADDRESSES.contains(&part));
            if is_address && (table.as_str(), column.as_str()) != MAIL_ADDRESS {
                found.push(format!("{table}.{column}"));
            }
        }
        Ok(found)
    }
}
