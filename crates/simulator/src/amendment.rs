//! Replaces fields in the API's answers about a payment, to test how the receiver handles another amount, another order
//! or an unknown word.

use serde_json::{Map, Value};

use crate::{error::Error, resource::Payment};

/// The fields that replace those of `GET /v1/payments/{id}`; `null` removes a field.
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

    /// Returns the payment as the API answers it.
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
