//! Limits what the reports of browsers may cost: anyone can send them.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    domain::browser_report::BrowserReport,
    http::sampler::Sampler,
    limits::rate::{Exceeded, RateLimiter},
};

/// Requests of one address per minute; a browser sends its reports together.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Lines in the log for each interval.
const LINES: u32 = 10;
const INTERVAL: Duration = Duration::from_secs(60);

/// What the reports of strangers may cost.
pub(crate) struct ReportLimits {
    rate: RateLimiter,
    log: Mutex<Sampler>,
}

impl ReportLimits {
    pub(crate) fn new() -> Self {
        Self { rate: RateLimiter::new(PER_MINUTE), log: Mutex::new(Sampler::new(LINES, INTERVAL)) }
    }

    /// Counts a request of this address.
    ///
    /// # Errors
    /// [`Exceeded`]
    pub(crate) fn check(&self, address: IpAddr, now: Instant) -> Result<(), Exceeded> {
        self.rate.check(address, now)
    }

    /// Writes a report about a page of the shop.
    pub(crate) fn write(&self, report: &BrowserReport) {
        let Some(page) = &report.page else { return };
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(hidden) = log.note(Instant::now()) else { return };
        drop(log);
        let (kind, directive, refused) = (report.kind.as_str(), report.directive, report.refused.as_str());
        let enforced = report.is_enforced;
        tracing::warn!(
            kind,
            directive,
            refused,
            enforced,
            page,
            hidden,
            "a browser reports that a page's policy refused something"
        );
    }
}
