//! All texts that a shopper reads, in the shopper's language.
//!
//! English is built in; the other languages are files of `www/languages`, which the loader fetches. The page's option
//! `messages` overrides single texts. Which texts tell of a status or of an error is decided here, and nowhere else.

use banq_checkout_wire::{FailReason, Frequency, Issue, Status};
use js_sys::{Array, JSON, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::browser;
use crate::error::{ErrorCode, Failure};
use crate::locale::Locale;
use crate::options::{expected, is_absent, wrong_value};

/// English, the reference of all languages: keys with texts, as JSON.
const ENGLISH: &str = include_str!(concat!(env!("OUT_DIR"), "/en.json"));

/// The brand's name, which no language changes.
pub const BRAND: &str = "banq";

macro_rules! texts {
    ($($name:ident = $key:literal,)*) => {
        /// A text, in the order of the language files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the English texts say it")]
        pub enum Text { $($name),* }

        #[cfg(all(test, not(target_arch = "wasm32")))]
        impl Text {
            /// The keys of all texts in the language files and in the option `messages`.
            pub(crate) const KEYS: &[&str] = &[$($key),*];
        }
    };
}

texts! {
    Pay = "pay",
    Buy = "buy",
    Donate = "donate",
    Subscribe = "subscribe",
    Checkout = "checkout",
    Book = "book",
    Close = "close",
    Test = "test",
    Order = "order",
    Preparing = "preparing",
    Waiting = "waiting",
    Scan = "scan",
    Code = "code",
    TimeLeft = "time_left",
    Checking = "checking",
    Here = "here",
    Browser = "browser",
    OpenApp = "open_app",
    OtherPhone = "other_phone",
    OpenPage = "open_page",
    Window = "window",
    WindowOpen = "window_open",
    WindowBlocked = "window_blocked",
    Frame = "frame",
    Back = "back",
    Copy = "copy",
    Copied = "copied",
    CopyFailed = "copy_failed",
    Secured = "secured",
    Lost = "lost",
    Accepted = "accepted",
    Confirming = "confirming",
    CloseNow = "close_now",
    KeepOpen = "keep_open",
    OnHold = "on_hold",
    Paused = "paused",
    Paid = "paid",
    Thanks = "thanks",
    AlreadyPaid = "already_paid",
    PaidTo = "paid_to",
    Date = "date",
    Reference = "reference",
    Print = "print",
    Done = "done",
    Daily = "daily",
    Weekly = "weekly",
    Monthly = "monthly",
    Yearly = "yearly",
    Repeats = "repeats",
    First = "first",
    Last = "last",
    Endless = "endless",
    Agreed = "agreed",
    AgreedText = "agreed_text",
    Declined = "declined",
    Failed = "failed",
    Canceled = "canceled",
    Expired = "expired",
    Reversed = "reversed",
    NotCharged = "not_charged",
    NotApproved = "not_approved",
    Withdrawn = "withdrawn",
    Renew = "renew",
    SentBack = "sent_back",
    InsufficientFunds = "insufficient_funds",
    LimitExceeded = "limit_exceeded",
    AccountUnavailable = "account_unavailable",
    SignIn = "sign_in",
    TransferCanceled = "transfer_canceled",
    NotProcessed = "not_processed",
    Received = "received",
    BeingChecked = "being_checked",
    OtherPrice = "other_price",
    Differs = "differs",
    InDoubt = "in_doubt",
    ContactFirst = "contact_first",
    NotStarted = "not_started",
    NotPayable = "not_payable",
    Offline = "offline",
    Slow = "slow",
    Unavailable = "unavailable",
    AskShop = "ask_shop",
    Contact = "contact",
    TryAgain = "try_again",
    NewCode = "new_code",
}

#[wasm_bindgen]
extern "C" {
    /// The language that the loader has chosen.
    #[derive(Debug, Clone, PartialEq)]
    pub type Language;
    /// The language of the texts, BCP 47: `de`.
    #[wasm_bindgen(method, getter)]
    fn code(this: &Language) -> String;
    /// The shopper's locale, for amounts and dates: `de-AT`.
    #[wasm_bindgen(method, getter)]
    fn tag(this: &Language) -> String;
    /// The texts by key; absent for English.
    #[wasm_bindgen(method, getter)]
    fn texts(this: &Language) -> JsValue;
}

/// The texts of one widget.
#[derive(Debug, Clone, PartialEq)]
pub struct Messages {
    /// The page's own texts, those of the language, and English: the first that has a key counts.
    sources: [JsValue; 3],
    /// The keys, in the order of [`Text`].
    keys: Array,
    /// The language of the texts, BCP 47.
    pub language: String,
    /// The locale of amounts and dates; the browser's own if absent.
    pub locale: Option<Locale>,
}

impl Messages {
    /// Combines the page's own texts with those of a language; without a language, with the English ones.
    #[must_use]
    pub fn new(own: JsValue, language: Option<&Language>) -> Self {
        let english = english();
        let keys = Object::keys(english.unchecked_ref::<Object>());
        let texts = language.map(Language::texts).unwrap_or_default();
        Self {
            sources: [own, texts, english],
            keys,
            language: language.map_or_else(|| "en".to_owned(), Language::code),
            locale: language.and_then(|language| Locale::parse(&language.tag())),
        }
    }

    /// Returns a text.
    #[must_use]
    pub fn text(&self, text: Text) -> String {
        self.filled(text, &[])
    }

    /// Returns a text with values in place of its `{placeholders}`.
    #[must_use]
    pub fn filled(&self, text: Text, values: &[(&str, &str)]) -> String {
        let values = values.iter().chain(&[("{brand}", BRAND)]);
        String::from(values.fold(self.find(text), |text, (name, value)| text.split(name).join(value)))
    }

    /// Returns a text in two parts, before and after the brand's name.
    #[must_use]
    pub fn around_brand(&self, text: Text) -> (String, String) {
        let parts = self.find(text).split("{brand}");
        let part = |index| parts.get(index).as_string().unwrap_or_default();
        (part(0), part(1))
    }

    fn find(&self, text: Text) -> JsString {
        let key = self.keys.get(text as u32);
        let found = self.sources.iter().map(|source| Reflect::get(source, &key).unwrap_or_default());
        found.filter_map(|text| text.dyn_into().ok()).next().unwrap_or_default()
    }

    /// Returns whether the language is written from right to left.
    #[must_use]
    pub fn is_right_to_left(&self) -> bool {
        matches!(&*self.language, "ar" | "he")
    }
}

fn english() -> JsValue {
    JSON::parse(ENGLISH).unwrap_or_default()
}

/// Reads the option `messages`. Reports unknown keys and values that are no texts.
#[must_use]
pub fn own_texts(options: &Object, mistakes: &mut Vec<Failure>) -> JsValue {
    let given = browser::get(options, "messages");
    if is_absent(&given) {
        return JsValue::UNDEFINED;
    }
    if !given.is_object() {
        wrong_value("messages", "an object,", &given).keep_in(mistakes);
        return JsValue::UNDEFINED;
    }
    let (own, english) = (browser::own_properties(&given), english());
    for key in Object::keys(&own) {
        let key = key.as_string().unwrap_or_default();
        let name = "messages.".to_owned() + &key;
        if browser::get_text(&english, &key).is_none() {
            expected(&name, "a key of docs/languages.md,", "another").keep_in(mistakes);
        } else if browser::get_text(&own, &key).is_none() {
            wrong_value(&name, "a string,", &browser::get(&own, &key)).keep_in(mistakes);
        }
    }
    own.into()
}

/// A headline with the sentences below it.
pub type Said = (Text, &'static [Text]);

/// Returns the texts for a status: what happened, whether the shopper was charged, what to do.
#[must_use]
pub const fn status(status: Status, reason: Option<FailReason>) -> Said {
    match status {
        Status::Pending => (Text::Waiting, &[]),
        Status::Processing => (Text::Accepted, &[Text::Confirming]),
        Status::OnHold => (Text::OnHold, &[Text::Paused]),
        Status::Paid => (Text::Paid, &[Text::Thanks]),
        Status::Declined => (Text::Declined, &[Text::NotApproved, Text::NotCharged]),
        Status::Failed => (Text::Failed, failed(reason)),
        Status::Canceled => (Text::Canceled, &[Text::Withdrawn, Text::NotCharged]),
        Status::Expired => (Text::Expired, &[Text::NotCharged, Text::Renew]),
        Status::Reversed => (Text::Reversed, &[Text::SentBack]),
    }
}

const fn failed(reason: Option<FailReason>) -> &'static [Text] {
    match reason {
        Some(FailReason::InsufficientFunds) => &[Text::NotCharged, Text::InsufficientFunds],
        Some(FailReason::LimitExceeded) => &[Text::NotCharged, Text::LimitExceeded],
        Some(FailReason::AccountUnavailable) => &[Text::NotCharged, Text::AccountUnavailable],
        Some(FailReason::ReauthenticationRequired) => &[Text::NotCharged, Text::SignIn],
        Some(FailReason::Canceled) => &[Text::TransferCanceled, Text::NotCharged],
        Some(FailReason::Reversed) => &[Text::SentBack],
        Some(FailReason::ProcessingFailed) | None => &[Text::NotCharged, Text::NotProcessed],
    }
}

/// The texts for the consent to a payment that repeats.
pub const AGREED: Said = (Text::Agreed, &[Text::AgreedText]);

/// Returns the text for how often a payment is made.
#[must_use]
pub const fn frequency(frequency: Frequency) -> Text {
    match frequency {
        Frequency::Daily => Text::Daily,
        Frequency::Weekly => Text::Weekly,
        Frequency::Monthly => Text::Monthly,
        Frequency::Yearly => Text::Yearly,
        Frequency::Other => Text::Repeats,
    }
}

/// Returns the texts for an issue with the money, whatever the status.
#[must_use]
pub const fn issue(issue: Issue) -> Said {
    match issue {
        Issue::PaidOtherAmount => (Text::Received, &[Text::OtherPrice, Text::ContactFirst]),
        Issue::PaymentMismatch => (Text::Received, &[Text::Differs, Text::ContactFirst]),
        Issue::PaymentInDoubt => (Text::BeingChecked, &[Text::InDoubt, Text::ContactFirst]),
    }
}

/// Returns the texts for an error; never the cause, which is for the developer.
#[must_use]
pub const fn error(failure: &Failure) -> Said {
    match failure.code {
        ErrorCode::LinkRequestFailed if failure.of_page => {
            (Text::NotStarted, &[Text::NotCharged, Text::AskShop])
        }
        ErrorCode::LinkRequestFailed => (Text::NotStarted, &[Text::NotCharged, Text::Offline]),
        ErrorCode::LinkTimeout => (Text::NotStarted, &[Text::NotCharged, Text::Slow]),
        ErrorCode::ProviderUnavailable => (Text::NotStarted, &[Text::NotCharged, Text::Unavailable]),
        ErrorCode::OrderAlreadyPaid => (Text::Paid, &[Text::AlreadyPaid]),
        ErrorCode::OrderPaidOtherAmount => issue(Issue::PaidOtherAmount),
        ErrorCode::OrderPaymentInQuestion => issue(Issue::PaymentInDoubt),
        ErrorCode::LinkInvalid | ErrorCode::InvalidOption | ErrorCode::OrderRejected => {
            (Text::NotPayable, &[Text::NotCharged, Text::AskShop])
        }
        ErrorCode::WindowBlocked => (Text::WindowBlocked, &[]),
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::path::Path;
    use std::{fs, iter};

    use super::Text;

    /// The keys and texts of a language file, which has one text a line and no escapes.
    fn texts(json: &str) -> Vec<(String, String)> {
        assert!(!json.contains('\\'), "an escape");
        let lines = json.lines().filter(|line| !matches!(*line, "{" | "}"));
        let text = |line: &str| {
            let mut parts = line.trim().trim_end_matches(',').split('"');
            let [_, key, _, text, _] = [(); 5].map(|()| parts.next().unwrap_or_else(|| panic!("{line}")));
            (key.to_owned(), text.to_owned())
        };
        lines.map(text).collect()
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let mut rest = text;
        let mut found: Vec<_> = iter::from_fn(|| {
            let (_, after) = rest.split_once('{')?;
            let (name, after) = after.split_once('}')?;
            rest = after;
            Some(name)
        })
        .collect();
        found.sort_unstable();
        found
    }

    fn file(path: impl AsRef<Path>) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    #[test]
    fn each_language_has_each_text_in_its_place() {
        let english = texts(&file("www/languages/banq-en.json"));
        let keys: Vec<_> = english.iter().map(|(key, _)| &**key).collect();
        assert_eq!(keys, Text::KEYS, "the order is that of the enum");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/languages");
        let names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), 17);
        let loader = file("www/ecommerce.js");
        let documented = file("docs/languages.md");
        for (key, text) in &english {
            assert!(documented.contains(&format!("| `{key}` | {text} |")), "docs/languages.md: {key}");
        }
        for name in names {
            let code = name.strip_prefix("banq-").and_then(|name| name.strip_suffix(".json")).unwrap();
            assert!(
                loader.contains(&format!("({code}|")) || loader.contains(&format!("|{code}")),
                "{code} in the loader"
            );
            let language = texts(&file(format!("www/languages/{name}")));
            assert_eq!(language.iter().map(|(key, _)| &**key).collect::<Vec<_>>(), keys, "{name}");
            for ((key, text), (_, english)) in language.iter().zip(&english) {
                assert_eq!(placeholders(text), placeholders(english), "{name}: {key}");
                assert!(!text.trim().is_empty(), "{name}: {key}");
            }
        }
    }

    #[test]
    fn no_text_is_left_unused() {
        let sources: String = ["messages.rs", "appearance.rs", "checkout.rs"]
            .into_iter()
            .map(|name| file(format!("src/{name}")))
            .chain(
                fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/view"))
                    .unwrap()
                    .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()),
            )
            .collect();
        for key in Text::KEYS {
            let variant: String = key.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
            assert!(sources.contains(&format!("Text::{variant}")), "{key} is used nowhere");
        }
    }
}
