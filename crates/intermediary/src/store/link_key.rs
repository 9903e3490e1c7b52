//! Stores the key for link tokens: the same for all instances and after each start.

use super::{Store, statement::sql};
use crate::store::Error;

impl Store {
    /// Returns the database's key, which the first server that asks creates.
    pub(crate) async fn link_key(&self) -> Result<[u8; 32], Error> {
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key).map_err(Error::Random)?;
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        sql("INSERT INTO link_key (id, key) VALUES (1, $1) ON CONFLICT (id) DO NOTHING")
            .bind(hex)
            .run(self.db.writer())
            .await?;
        let row = sql("SELECT key FROM link_key WHERE id = 1").first(&self.db).await?;
        let hex = row.ok_or(Error::Row("no link key"))?.text("key")?;
        read(&hex).ok_or(Error::Row("a link key that is not 32 bytes in hex"))
    }
}

fn read(hex: &str) -> Option<[u8; 32]> {
    let bytes: Option<Vec<u8>> = (0..hex.len())
        .step_by(2)
        .map(|at| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok()))
        .collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_key_is_64_hex_digits() {
        assert_eq!(read(&"0f".repeat(32)), Some([15; 32]));
        for wrong in ["", "0", &"0f".repeat(31), &"0g".repeat(32), &"ü".repeat(32)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
