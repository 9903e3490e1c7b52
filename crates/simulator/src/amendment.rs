//! Answers about a payment that differ from where it stands: for trying out what the receiving side makes of a
//! provider that says another amount, another order or an unknown word.

use serde_json::{Map, Value};

use crate::{error::Error, resource::Payment};

/// Fields of the answer to `GET /v1/payments/{id}` that are replaced; `null` takes one away.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Amendment(Map<String, Value>);

impl Amendment {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// [`Error::Invalid`] for any other JSON.
    pub(crate) fn read(json: Value) -> Result<Self, Error> {
        match json {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Error::Invalid("The answer must be a JSON object of a payment's fields.".to_owned())),
        }
    }

    /// The payment as the API answers it.
    pub(crate) fn apply(&self, payment: &Payment) -> Result<Value, serde_json::Error> {
        let mut answer = serde_json::to_value(payment)?;
        if let Some(fields) = answer.as_object_mut() {
            for (name, value) in &self.0 {
                match value {
                    Value::Null => drop(fields.remove(name)),
                    value => drop(fields.insert(name.clone(), value.clone())),
                }
            }
        }
        Ok(answer)
    }
}
