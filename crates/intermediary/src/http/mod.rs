//! The HTTP interface: the router, its routes and middleware, bodies, problems, the OpenAPI document, and the server's
//! own connections.

pub(crate) mod accept_header;
pub(crate) mod body;
pub(crate) mod conditional;
pub(crate) mod error;
pub(crate) mod failure_log;
pub(crate) mod fields;
pub(crate) mod middleware;
pub(crate) mod openapi;
pub(crate) mod problem;
pub(crate) mod report_limits;
pub(crate) mod response;
pub(crate) mod router;
pub(crate) mod routes;
pub(crate) mod sampler;
pub(crate) mod serve;
pub(crate) mod state;
