//! The layers that every request passes before its route.

pub(crate) mod bearer;
pub(crate) mod client_ip;
pub(crate) mod cors;
pub(crate) mod count_requests;
pub(crate) mod request_id;
