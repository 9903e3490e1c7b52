//! A statement with its values, and the rows of its result, for both databases.

use std::{borrow::Cow, sync::Arc};

use rusqlite::types::Value as Stored;
use sqlx::{
    AssertSqlSafe, Postgres, Row as _,
    postgres::{PgArguments, PgRow},
    query::Query as Prepared,
};

use crate::store::Error;

/// A row of a result.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A row of SQLite, read whole: its columns with their names.
pub(super) struct SqliteRow {
    names: Arc<[String]>,
    values: Vec<Stored>,
}

pub(super) struct Query {
    text: Cow<'static, str>,
    values: Vec<Value>,
    is_brief: bool,
}

/// A value that can be bound.
pub(super) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
}

/// Returns a statement. Its text is always this crate's own; everything from outside is bound as a value.
pub(super) fn sql(text: impl Into<Cow<'static, str>>) -> Query {
    Query { text: text.into(), values: Vec::new(), is_brief: false }
}

impl Query {
    /// Binds the next value: the first is `$1`.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Appends `text` to the statement.
    pub(super) fn and(mut self, text: &str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Says that the statement reads a few rows by an index: on SQLite it runs where it is called, because another thread
    /// would cost more than the statement.
    pub(super) fn brief(self) -> Self {
        Self { is_brief: true, ..self }
    }

    pub(super) fn is_brief(&self) -> bool {
        self.is_brief
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// Prepares the statement for PostgreSQL.
    pub(super) fn prepare(self) -> Prepared<'static, Postgres, PgArguments> {
        let query = match self.text {
            Cow::Borrowed(text) => sqlx::query(text),
            Cow::Owned(text) => sqlx::query(AssertSqlSafe(text)),
        };
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Int(int) => query.bind(int),
        })
    }
}

impl SqliteRow {
    pub(super) fn new(names: Arc<[String]>, values: Vec<Stored>) -> Self {
        Self { names, values }
    }

    /// Returns the value of a column; `None` if there is no such column.
    fn get(&self, column: &str) -> Option<&Stored> {
        self.values.get(self.names.iter().position(|name| name == column)?)
    }
}

impl Row {
    pub(super) fn text(&self, column: &'static str) -> Result<String, Error> {
        self.maybe_text(column)?.ok_or(Error::Row(column))
    }

    pub(super) fn maybe_text(&self, column: &'static str) -> Result<Option<String>, Error> {
        Ok(match self {
            Self::Sqlite(row) => match row.get(column) {
                Some(Stored::Text(text)) => Some(text.clone()),
                Some(Stored::Null) => None,
                Some(Stored::Integer(_) | Stored::Real(_) | Stored::Blob(_)) | None => {
                    return Err(Error::Row(column));
                }
            },
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn int(&self, column: &'static str) -> Result<i64, Error> {
        self.maybe_int(column)?.ok_or(Error::Row(column))
    }

    pub(super) fn maybe_int(&self, column: &'static str) -> Result<Option<i64>, Error> {
        Ok(match self {
            Self::Sqlite(row) => match row.get(column) {
                Some(Stored::Integer(int)) => Some(*int),
                Some(Stored::Null) => None,
                Some(Stored::Text(_) | Stored::Real(_) | Stored::Blob(_)) | None => {
                    return Err(Error::Row(column));
                }
            },
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// Reads a non-negative count.
    pub(super) fn count(&self, column: &'static str) -> Result<u32, Error> {
        u32::try_from(self.int(column)?).map_err(|_| Error::Row(column))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(Some(int))
    }
}

impl From<Option<i64>> for Value {
    fn from(int: Option<i64>) -> Self {
        Self::Int(int)
    }
}

impl From<u32> for Value {
    fn from(int: u32) -> Self {
        Self::Int(Some(int.into()))
    }
}
