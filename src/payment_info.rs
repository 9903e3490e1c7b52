//! What the shop answers when it is asked for a payment link, and which links may be shown.

use wasm_bindgen::JsValue;

use crate::error::{ErrorCode, Failure};
use crate::js;

/// Which links are acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Environment {
    /// Development: `http:` is also allowed to private network addresses.
    Local,
    /// Banq's sandbox.
    Sandbox,
    /// Real money.
    #[default]
    Production,
}

impl Environment {
    /// The word in the page's options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

/// A link that is safe to draw as a QR code, to put into an `href` and to open in a window.
///
/// The attack: whoever can make the shop answer with `javascript:…` runs script in the shop's page, and
/// with `http://` to a foreign host reads or changes the payment page on its way. So the constructor is
/// the only way to get one, and it takes `https:` and, for development, `http:` to this machine.
///
/// What was checked is what is used: the link as the parser read it. `https:host/x` is that host for a parser
/// without a base, and a file of the shop for an `href`; the server (`link_url.rs`) refuses the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentUrl {
    href: String,
    origin: String,
}

impl PaymentUrl {
    /// Checks a link. The browser's own parser decides what the link means.
    ///
    /// # Errors
    /// [`ErrorCode::LinkInvalid`] with the reason.
    pub fn parse(link: &str, environment: Environment) -> Result<Self, Failure> {
        let invalid = |why: &str| Failure::new(ErrorCode::LinkInvalid, why);
        // The parser drops or changes these silently.
        if link.bytes().any(|byte| byte <= b' ' || byte == 0x7f || byte == b'\\') {
            return Err(invalid("the payment link contains white space or a backslash"));
        }
        let url = web_sys::Url::new(link).map_err(|_| invalid("the payment link is not an absolute URL"))?;
        let part = |name| js::get_text(&url, name).unwrap_or_default();
        let protocol = part("protocol");
        if !is_allowed(&protocol, &part("hostname"), environment) {
            return Err(invalid("the payment link must begin with https:"));
        }
        // The parser leaves the length of a scheme as it is, whatever its case.
        let rest = link.get(protocol.len()..).unwrap_or_default();
        if !rest.starts_with("//") || rest.starts_with("///") {
            return Err(invalid("the payment link must begin with https:// and a host"));
        }
        if !part("username").is_empty() || !part("password").is_empty() {
            return Err(invalid("the payment link must not contain a user name"));
        }
        Ok(Self { href: part("href"), origin: part("origin") })
    }

    /// The link as it was checked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.href
    }

    /// Its origin, the only one whose messages are heard.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

fn is_allowed(protocol: &str, host: &str, environment: Environment) -> bool {
    match protocol {
        "https:" => true,
        "http:" => is_loopback(host) || (environment == Environment::Local && is_private(host)),
        _ => false,
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || octets(host).is_some_and(|[first, ..]| first == 127)
}

fn is_private(host: &str) -> bool {
    octets(host).is_some_and(|[first, second, ..]| {
        first == 10 || (first == 172 && (16..32).contains(&second)) || (first == 192 && second == 168)
    })
}

/// The browser's parser has already turned every spelling of an IPv4 address into the dotted one.
fn octets(host: &str) -> Option<[u8; 4]> {
    let mut parts = host.as_bytes().split(|byte| *byte == b'.').map(octet);
    let octets = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(octets)
}

fn octet(digits: &[u8]) -> Option<u8> {
    let value =
        |sum: u8, digit: &u8| sum.checked_mul(10)?.checked_add(digit.checked_sub(b'0').filter(|d| *d < 10)?);
    if digits.is_empty() { None } else { digits.iter().try_fold(0, value) }
}

/// `PaymentInfo` of the page's contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentInfo {
    /// Where the shopper pays.
    pub url: PaymentUrl,
    /// The checkout's id at the merchant's server.
    pub checkout_id: Option<String>,
    /// Where the page learns what became of it; without it, payments by phone stay unseen.
    pub events_url: Option<String>,
    /// Amount in major units, a decimal string.
    pub funds: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// What is being bought.
    pub comment: Option<String>,
    /// When the link ends, RFC 3339.
    pub expires_at: Option<String>,
}

impl PaymentInfo {
    /// Reads what `getPaymentInfo` resolved to, or the shop's server answered: a link, a `PaymentInfo`, or
    /// `{data: PaymentInfo}`.
    ///
    /// # Errors
    /// [`ErrorCode::LinkInvalid`] saying what is missing or why the link is refused.
    pub fn from_js(value: &JsValue, environment: Environment) -> Result<Self, Failure> {
        let inner = js::own_some(value, "data").filter(JsValue::is_object);
        let fields = inner.as_ref().unwrap_or(value);
        let link = fields.as_string().or_else(|| js::own_text(fields, "url")).ok_or_else(|| {
            let expected = "expected a payment link, {url, …} or {data: {url, …}}, got ";
            Failure::new(ErrorCode::LinkInvalid, [expected, &js::kind(fields)].concat())
        })?;
        let text = |name| js::own_text(fields, name);
        Ok(Self {
            url: PaymentUrl::parse(&link, environment)?,
            checkout_id: text("checkoutId"),
            events_url: text("eventsUrl").and_then(|url| stream_url(&url)),
            funds: text("funds"),
            currency: text("currency"),
            comment: text("comment"),
            expires_at: text("expiresAt"),
        })
    }
}

/// The address of a status stream, relative to the page; `None` where no stream can be.
fn stream_url(address: &str) -> Option<String> {
    let page = web_sys::window().and_then(|window| window.document());
    let base = page.and_then(|page| js::get_text(&page, "baseURI")).unwrap_or_default();
    let url = web_sys::Url::new_with_base(address, &base).ok();
    let part = |name| js::get_text(url.as_ref()?, name);
    let usable = matches!(part("protocol").as_deref(), Some("https:" | "http:"));
    if !usable {
        js::warn("eventsUrl is not a URL");
    }
    part("href").filter(|_| usable)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
impl PaymentInfo {
    /// For tests of the state machine: a link with or without a status stream.
    pub(crate) fn example(events: bool) -> Self {
        Self {
            url: PaymentUrl {
                href: "https://link.banq.com/abc".to_owned(),
                origin: "https://link.banq.com".to_owned(),
            },
            checkout_id: events.then(|| "c1".to_owned()),
            events_url: events.then(|| "https://shop.example/checkouts/c1/events".to_owned()),
            funds: None,
            currency: None,
            comment: None,
            expires_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, is_allowed};

    #[test]
    fn https_is_allowed_everywhere() {
        for environment in [Environment::Local, Environment::Sandbox, Environment::Production] {
            assert!(is_allowed("https:", "link.banq.com", environment));
        }
    }

    #[test]
    fn plain_http_is_allowed_to_this_machine_only() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_allowed("http:", host, Environment::Production), "{host}");
        }
        for host in
            ["link.banq.com", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "1270.0.0.1"]
        {
            assert!(!is_allowed("http:", host, Environment::Production), "{host}");
        }
    }

    #[test]
    fn private_addresses_are_allowed_in_the_local_environment_only() {
        for host in ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.5"] {
            assert!(is_allowed("http:", host, Environment::Local), "{host}");
            assert!(!is_allowed("http:", host, Environment::Sandbox), "{host}");
        }
        for host in ["172.15.0.1", "172.32.0.1", "192.169.0.1", "11.0.0.1", "8.8.8.8"] {
            assert!(!is_allowed("http:", host, Environment::Local), "{host}");
        }
    }

    #[test]
    fn no_other_scheme_is_ever_allowed() {
        for scheme in ["javascript:", "data:", "file:", "blob:", "ftp:", "banq:", ""] {
            assert!(!is_allowed(scheme, "localhost", Environment::Local), "{scheme}");
        }
    }
}
