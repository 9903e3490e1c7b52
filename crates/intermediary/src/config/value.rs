//! Finds mistakes in how a value is written, independent of its setting. No sentence quotes a value: it may be a secret
//! under the wrong name.

use super::table;

/// Quotation marks around a value that a shell or file reader should have removed.
const QUOTES: [(char, char); 6] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('„', '“')];
const TEMPLATES: [(&str, &str); 6] =
    [("<", ">"), ("{{", "}}"), ("${", "}"), ("$(", ")"), ("%", "%"), ("[", "]")];

const PLACEHOLDERS: [&str; 14] = [
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "replaceme",
    "replace-me",
    "replace_me",
    "todo",
    "tbd",
    "null",
    "none",
    "undefined",
    "merchant-banq-guid",
    "account-space-id",
];

/// Returns what is wrong with how the value of `name` is written, as the rest of a sentence.
pub(super) fn fault(name: &str, value: &str) -> Option<&'static str> {
    let trimmed = value.trim();
    if trimmed.is_empty() {
        return Some("is empty: give it a value, or unset it");
    }
    if is_within(trimmed, &QUOTES) {
        return Some(
            "stands within quotes, which are a part of the value where no shell or systemd takes them off (Docker \
             does not): remove them",
        );
    }
    let is_exact = table::is_exact(name);
    if is_exact && value.ends_with(['\n', '\r']) {
        return Some("ends with a line break: write it without one (printf instead of echo, base64 -w0)");
    }
    if trimmed.contains(char::is_control) {
        return Some("has a line break or another control character in it: write it in one line");
    }
    if is_exact && trimmed.len() != value.len() {
        return Some("has a blank in front of it or behind it: remove it");
    }
    if is_exact && is_placeholder(value) {
        return Some("is a placeholder: put the value itself in its place");
    }
    None
}

fn is_within(value: &str, pairs: &[(char, char)]) -> bool {
    let mut inner = value.chars();
    let ends = (inner.next(), inner.next_back());
    pairs.iter().any(|(open, close)| ends == (Some(*open), Some(*close)))
}

fn is_placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    let is_template = TEMPLATES.iter().any(|(open, close)| {
        lower.len() > open.len() + close.len() && lower.starts_with(open) && lower.ends_with(close)
    });
    // An email address may begin with "your-".
    let is_yours =
        ["your-", "your_", "your "].iter().any(|start| lower.starts_with(start)) && !lower.contains('@');
    let is_dots = lower.len() >= 3 && lower.chars().all(|char| matches!(char, 'x' | '*' | '.' | '-' | '0'));
    let is_variable = value.strip_prefix('$').is_some_and(|name| {
        name.len() >= 2
            && name.chars().all(|char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_')
    });
    is_template
        || is_yours
        || is_dots
        || is_variable
        || lower.contains('…')
        || PLACEHOLDERS.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_secret_is_like_is_refused_and_the_rest_is_taken() {
        for value in [
            "\"c2l4dGVlbiByYW5kb20gYnl0ZXM=\"",
            "'c2l4dGVlbiByYW5kb20gYnl0ZXM='",
            "“c2l4dGVlbiByYW5kb20gYnl0ZXM=”",
            " c2l4dGVlbiByYW5kb20gYnl0ZXM=",
            "c2l4dGVlbiByYW5kb20gYnl0ZXM=\n",
            "c2l4dGVlbiBy\nYW5kb20gYnl0ZXM=",
            "<the-shared-secret>",
            "YOUR-CLIENT-PASSWORD",
            "your_secret",
            "ChangeMe",
            "${WEBHOOK_SECRET}",
            "$WEBHOOK_SECRET",
            "{{ vault.secret }}",
            "xxxxxxxxxxxxxxxx",
            "00000000-0000-0000-0000-000000000000",
            "whsec_…",
            "…",
        ] {
            assert!(fault("BANQ_WEBHOOK_SECRET", value).is_some(), "{value}");
        }
        for value in
            ["s", "0", "it's", "\"", "the shop's own key", "$1abc<x>", "yours", "a\"b\"", "x1x", "00a0"]
        {
            assert_eq!(fault("BANQ_WEBHOOK_SECRET", value), None, "{value}");
        }
        assert_eq!(fault("BANQ_USERNAME", "your-home@shop.example"), None);
    }

    #[test]
    fn numbers_and_addresses_lose_blanks_but_no_quotes() {
        assert_eq!(fault("BANQ_LISTEN", " 127.0.0.1:8080\n"), None);
        for value in ["\"900\"", "'https://pay.shop.example'", "https://pay.shop\n.example"] {
            assert!(fault("BANQ_PUBLIC_URL", value).is_some(), "{value}");
        }
    }
}
