//! Defines which texts are order ids. Ids are shown to people, written into logs, and compared byte by byte with the
//! provider's answer, so two ids that look alike must not both be valid.

use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};

/// The maximum length, in characters.
pub(crate) const LONGEST: usize = 100;

/// A blank that Unicode classifies as a symbol: the braille cell without dots.
const BRAILLE_BLANK: char = '\u{2800}';

/// Why a text is not a valid id; its text follows "The order's id" or "orderId".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Length,
    /// It begins or ends with a blank, has two in a row, or contains a blank other than U+0020.
    Blank,
    /// An invisible or unassigned character.
    Unseen(char),
    /// The text is not in Unicode's form NFC.
    NotNormal,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => write!(f, "must be 1 to {LONGEST} characters"),
            Self::Blank => {
                f.write_str("may have blanks only inside, one at a time, and only U+0020: leave them out")
            }
            Self::Unseen(char) => {
                write!(
                    f,
                    "has U+{:04X}, which cannot be seen or is not assigned: leave it out",
                    u32::from(*char)
                )
            }
            Self::NotNormal => f.write_str(
                "is not in Unicode's form NFC: normalize it, in JavaScript by id.normalize(\"NFC\")",
            ),
        }
    }
}

/// Checks a text as an order's id.
///
/// # Errors
/// The first [`Fault`].
pub(crate) fn check(text: &str) -> Result<(), Fault> {
    if !(1..=LONGEST).contains(&text.chars().count()) {
        return Err(Fault::Length);
    }
    if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
        return Err(Fault::Blank);
    }
    for char in text.chars().filter(|char| *char != ' ') {
        if char.is_whitespace() || char == BRAILLE_BLANK {
            return Err(if char.is_control() { Fault::Unseen(char) } else { Fault::Blank });
        }
        if !is_seen(char) {
            return Err(Fault::Unseen(char));
        }
    }
    let normal = ComposingNormalizerBorrowed::new_nfc().is_normalized(text);
    if normal { Ok(()) } else { Err(Fault::NotNormal) }
}

/// Returns whether a character is visible: a letter, mark, number, sign or symbol that is not ignorable by default.
fn is_seen(char: char) -> bool {
    use GeneralCategory as Is;
    let has_shape = !matches!(
        CodePointMapData::<GeneralCategory>::new().get(char),
        Is::Control
            | Is::Format
            | Is::Surrogate
            | Is::PrivateUse
            | Is::Unassigned
            | Is::SpaceSeparator
            | Is::LineSeparator
            | Is::ParagraphSeparator
    );
    has_shape && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
}

/// The invisible characters among the first 65,536 code points, as far as later versions of Unicode will not change
/// them; a pattern can list no others.
const UNSEEN: [(char, char); 30] = [
    ('\u{0}', '\u{20}'),
    ('\u{7f}', '\u{a0}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{2000}', '\u{200f}'),
    ('\u{2028}', '\u{202f}'),
    ('\u{205f}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{fdd0}', '\u{fdef}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fff8}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{fffe}', '\u{ffff}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
];

/// Returns the rule as a pattern of JSON Schema. A pattern cannot express NFC or "assigned", and lists only the first
/// 65,536 code points, because dialects escape the others differently.
pub(crate) fn pattern() -> String {
    let ranges = UNSEEN.iter().filter(|(_, last)| u32::from(*last) <= 0xffff);
    let unseen: String = ranges
        .map(|(first, last)| format!("\\u{:04x}-\\u{:04x}", u32::from(*first), u32::from(*last)))
        .collect();
    format!("^[^{unseen}]( ?[^{unseen}])*$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_what_looks_like_no_other() {
        for id in ["009221", "A7Q2-9XKD", "ä/ö ?#", "№ 7", "заказ 7", "注文七", "ऑर्डर", "\u{1f600}", "한글"]
        {
            assert_eq!(check(id), Ok(()), "{id}");
        }
        for (id, fault) in [
            ("", Fault::Length),
            (&*"a".repeat(101), Fault::Length),
            (" a", Fault::Blank),
            ("a ", Fault::Blank),
            ("a  b", Fault::Blank),
            ("a\u{a0}b", Fault::Blank),
            ("a\u{3000}b", Fault::Blank),
            ("a\u{2009}b", Fault::Blank),
            ("a\u{2800}b", Fault::Blank),
            ("a\nb", Fault::Unseen('\n')),
            ("a\0", Fault::Unseen('\0')),
            // Soft hyphen, zero width, direction, variation, fillers, tags.
            ("a\u{ad}b", Fault::Unseen('\u{ad}')),
            ("a\u{200b}", Fault::Unseen('\u{200b}')),
            ("a\u{202e}b", Fault::Unseen('\u{202e}')),
            ("a\u{fe0f}", Fault::Unseen('\u{fe0f}')),
            ("a\u{3164}b", Fault::Unseen('\u{3164}')),
            ("a\u{ffa0}b", Fault::Unseen('\u{ffa0}')),
            ("a\u{115f}b", Fault::Unseen('\u{115f}')),
            ("a\u{e0041}", Fault::Unseen('\u{e0041}')),
            // Private use, unassigned, noncharacter.
            ("a\u{e000}", Fault::Unseen('\u{e000}')),
            ("a\u{378}", Fault::Unseen('\u{378}')),
            ("a\u{ffff}", Fault::Unseen('\u{ffff}')),
            // Decomposed ä; Angstrom sign; decomposed Hangul.
            ("a\u{308}", Fault::NotNormal),
            ("\u{212b}", Fault::NotNormal),
            ("\u{1112}\u{1161}\u{11ab}", Fault::NotNormal),
        ] {
            assert_eq!(check(id), Err(fault), "{id:?}");
        }
    }

    #[test]
    fn the_pattern_refuses_nothing_that_the_rule_allows() {
        let is_listed = |char| UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&char));
        let category = CodePointMapData::<GeneralCategory>::new();
        for char in '\0'..='\u{ffff}' {
            let is_seen = check(&char.to_string()) != Err(Fault::Unseen(char))
                && is_seen(char)
                && char != BRAILLE_BLANK;
            let is_open = category.get(char) == GeneralCategory::Unassigned;
            assert!(is_open || is_seen != is_listed(char), "{:04X}", u32::from(char));
        }
        assert!(pattern().starts_with("^[^\\u0000-\\u0020\\u007f-\\u00a0\\u00ad-\\u00ad"), "{}", pattern());
    }
}
