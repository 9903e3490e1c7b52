//! Checks this server as browsers and the payment provider reach it, through any proxy in front.

use std::time::{Duration, Instant};

use reqwest::{Method, header};

use super::{Check, Doctor};
use crate::{
    config::origins,
    provider::{
        WEBHOOK_PATH,
        report::{Reply, SignedWith},
    },
};

/// The probe's second event comes 1.5 s after its first; a shorter pause means that a proxy buffers.
const SHORTEST_PAUSE: Duration = Duration::from_millis(700);

impl Doctor {
    pub(super) async fn reachable(&self) -> (Check, Reply) {
        let (name, url) = ("reachable", &self.public_url);
        match self.http.get(format!("{url}/readyz")).send().await {
            Ok(answer) if answer.status() == 200 => {
                (Check::ok(name, format!("{url} is there and ready")), Reply::Accepted)
            }
            Ok(answer) if answer.status() == 503 => {
                let fix = "look for \"not ready\" in the server's log, which has the cause; or for a proxy without a \
                           server behind it";
                (Check::fail(name, format!("{url} is there and not ready"), fix), Reply::Refused)
            }
            Ok(answer) => {
                let detail = format!("{url}/readyz answers {}", answer.status().as_u16());
                let fix = "look at BANQ_PUBLIC_URL and the proxy in front: is it this server that answers?";
                (Check::fail(name, detail, fix), Reply::Refused)
            }
            Err(error) => {
                let cause = root_cause(&error);
                let detail = format!(
                    "{url}: {cause}; signature, cors, stream and widget were not checked, which needs the server"
                );
                let fix = "start the server; if it runs, look at BANQ_PUBLIC_URL, DNS, the certificate and the proxy \
                           in front";
                (Check::fail(name, detail, fix), Reply::None)
            }
        }
    }

    /// Checks that a probe with our secret is accepted, and one with another secret refused.
    pub(super) async fn signature(&self) -> Check {
        let good = self.deliver(SignedWith::OurSecret).await;
        let bad = self.deliver(SignedWith::AnotherSecret).await;
        match (good, bad) {
            (Ok(200), Ok(401)) => {
                Check::ok("signature", "a signed webhook is taken, and a forged one refused")
            }
            (Ok(401), _) => Check::fail(
                "signature",
                "the server refuses what BANQ_WEBHOOK_SECRET signs",
                "give the server the same BANQ_WEBHOOK_SECRET, and let no proxy change bodies or headers",
            ),
            (good, bad) => {
                let say = |result: Result<u16, String>| {
                    result.map_or_else(|cause| cause, |status| status.to_string())
                };
                let detail = format!("signed: {}, forged: {}", say(good), say(bad));
                Check::fail("signature", detail, "let the proxy pass POST to the server unchanged")
            }
        }
    }

    async fn deliver(&self, signed: SignedWith) -> Result<u16, String> {
        let probe = self.provider.probe(signed).ok_or("no signature can be made")?;
        let (name, signature) = probe.signature;
        let request = self.http.post(format!("{}{WEBHOOK_PATH}", self.public_url));
        let request = request.header(header::CONTENT_TYPE, "application/json").header(name, signature);
        match request.body(probe.body).send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) => Err(root_cause(&error)),
        }
    }

    /// Sends one signed probe; returns the status of the response.
    ///
    /// # Errors
    /// Why there was no response.
    pub async fn test_webhook(&self) -> Result<u16, String> {
        self.deliver(SignedWith::OurSecret).await
    }

    /// Sends the preflight request that a browser sends before a page of `origin` requests a link.
    pub(super) async fn cors(&self, origin: &str) -> Check {
        // Configured origins already have this form.
        let origin = match origins::read(origin) {
            Ok(origin) => origin,
            Err(fault) => return Check::fail("cors", fault, "name an origin as browsers write it"),
        };
        let request = self
            .http
            .request(Method::OPTIONS, format!("{}/generate-payment-link", self.public_url))
            .header(header::ORIGIN, &origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type");
        let fix =
            format!("add {origin} to BANQ_ALLOWED_ORIGINS, and let the proxy add no CORS headers of its own");
        match request.send().await {
            Ok(answer) => {
                let values: Vec<_> =
                    answer.headers().get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter().collect();
                match values.as_slice() {
                    [value] if value.as_bytes() == origin.as_bytes() => {
                        Check::ok("cors", format!("pages of {origin} may ask"))
                    }
                    [] => Check::fail("cors", format!("pages of {origin} may not ask"), fix),
                    _ => Check::fail("cors", format!("the answer for {origin} is changed on its way"), fix),
                }
            }
            Err(error) => Check::fail("cors", root_cause(&error), fix),
        }
    }

    /// Checks whether events arrive when they are sent.
    pub(super) async fn stream(&self) -> Check {
        let fix = "switch buffering and compression off for /checkouts/*/events (nginx: proxy_buffering off, no gzip for text/event-stream; see docs/deploy.md)";
        let request = self.http.get(format!("{}/healthz/stream", self.public_url));
        let mut arrived = Vec::new();
        // As browsers ask: some proxies buffer only responses that they compress.
        let request =
            request.header(header::ACCEPT, "text/event-stream").header(header::ACCEPT_ENCODING, "gzip, br");
        match request.send().await {
            Err(error) => return Check::fail("stream", root_cause(&error), fix),
            Ok(answer) if answer.headers().contains_key(header::CONTENT_ENCODING) => {
                return Check::fail("stream", "events are compressed on their way, which collects them", fix);
            }
            Ok(mut answer) => {
                let mut text = Vec::new();
                loop {
                    match answer.chunk().await {
                        Ok(Some(chunk)) => text.extend_from_slice(&chunk),
                        Ok(None) => break,
                        Err(error) => return Check::fail("stream", root_cause(&error), fix),
                    }
                    let count = text.windows(2).filter(|pair| *pair == b"\n\n").count();
                    arrived.resize(count.min(2), Instant::now());
                }
            }
        }
        match arrived.as_slice() {
            [first, second] if second.duration_since(*first) >= SHORTEST_PAUSE => {
                Check::ok("stream", "events come when they are sent")
            }
            [_, _] => {
                Check::fail("stream", "something in front collects events before it passes them on", fix)
            }
            _ => Check::fail("stream", "the events of /healthz/stream do not come through", fix),
        }
    }
}

/// Returns the innermost cause: reqwest's own text says only that sending failed.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
