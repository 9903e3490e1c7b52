//! Whole numbers as text.

/// `number` in decimal digits. `to_string` would ship the standard library's formatting for it, which
/// nothing else here needs.
#[must_use]
pub fn decimal(number: u32) -> String {
    let mut text = if number < 10 { String::new() } else { decimal(number / 10) };
    text.push(char::from(b'0' + (number % 10) as u8));
    text
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn it_is_what_to_string_says() {
        for number in [0, 7, 10, 99, 100, 429, 503, 65_535, u32::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }
}
