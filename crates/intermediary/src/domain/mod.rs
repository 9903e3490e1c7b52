//! The domain without I/O: orders, ids, times, and the transition function.

pub(crate) mod browser_report;
pub(crate) mod check;
pub(crate) mod checkout;
pub(crate) mod evidence;
pub(crate) mod order_code;
pub(crate) mod order_id;
pub(crate) mod order_source;
pub(crate) mod provider_id;
pub(crate) mod signing_key;
pub(crate) mod time;
pub(crate) mod transition;
