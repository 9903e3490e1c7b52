//! Entry points for the fuzz targets of `fuzz/`: parsers of untrusted bytes, without sockets and stores.

use axum::http::{HeaderMap, HeaderValue};

use crate::{
    domain::checkout::CheckoutId,
    http::routes::{events, payment_links},
};

pub use crate::provider::fuzz_webhook as webhook;

/// Reads the body of a link request.
pub fn link_request(body: &[u8]) {
    payment_links::read_payment_link_request(body);
}

/// Reads the path and header of a stream request.
pub fn stream_request(last_event_id: &[u8], checkout_id: &str) {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(last_event_id) {
        headers.insert("last-event-id", value);
    }
    let _ = events::last_event_id(&headers);
    if let Some(id) = CheckoutId::parse(checkout_id) {
        assert_eq!(id.as_str(), checkout_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_doors_stand_what_is_known_to_be_nasty() {
        for bytes in
            [&b""[..], b"{", b"\xff\xfe", b"[[[[[[[[", br#"{"orderId":1e999999999}"#, br#"{"id":"\u0000"}"#]
        {
            webhook(bytes, bytes);
            link_request(bytes);
            stream_request(bytes, &String::from_utf8_lossy(bytes));
        }
        link_request("[".repeat(100_000).as_bytes());
        link_request(br#"{"orderId":"\ud800","funds":"99999999999999999999999999999999","comment":"\r\n"}"#);
    }
}
