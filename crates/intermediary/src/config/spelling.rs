//! Finds the known name that a misspelt name may mean.

/// Returns the name of `known` that is most similar to `word`, ignoring case; `None` when no name is similar enough.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let farthest = 1 + word.chars().count() / 6;
    let distance = |name: &str| strsim::osa_distance(&word, &name.to_ascii_lowercase());
    let close = known.iter().copied().map(|name| (distance(name), name));
    let close = close.filter(|(distance, _)| *distance <= farthest).min_by_key(|(distance, _)| *distance);
    close.map(|(_, name)| name)
}

/// Returns `; did you mean …?`, or an empty text.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    nearest(word, known).map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_finds_its_name() {
        let known =
            ["funds", "frequency", "startDate", "BANQ_WEBHOOK_SECRET", "BANQ_WEBHOOK_SECRET_PREVIOUS"];
        for (word, name) in [
            ("frequncy", Some("frequency")),
            ("startdate", Some("startDate")),
            ("fudns", Some("funds")),
            ("BANQ_WEBHOOK_SECRETS", Some("BANQ_WEBHOOK_SECRET")),
            ("wibble", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known), name, "{word}");
        }
        assert_eq!(hint("fund", &known), "; did you mean funds?");
        assert_eq!(hint("wibble", &known), "");
    }
}
