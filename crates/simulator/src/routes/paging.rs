//! Pages (000, "Pagination"): `page` from 1 and `pageSize`, answered with `{meta: {resourceCount, pageCount}, data}`.

use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The maximum page size; *assumed*.
const LARGEST: usize = 100;

/// The requested page and its size.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Paging {
    page: usize,
    page_size: usize,
}

impl Default for Paging {
    fn default() -> Paging {
        Paging { page: 1, page_size: 20 }
    }
}

#[derive(Serialize)]
pub(super) struct Page<T> {
    meta: Meta,
    data: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    resource_count: usize,
    page_count: usize,
}

/// Reads the query.
pub(super) fn paging(query: Result<Query<Paging>, QueryRejection>) -> Result<Paging, Error> {
    let paging = query.map(|Query(paging)| paging).ok();
    let in_bounds = |paging: &Paging| paging.page >= 1 && (1..=LARGEST).contains(&paging.page_size);
    paging
        .filter(in_bounds)
        .ok_or_else(|| Error::Invalid(format!("page must be at least 1, and pageSize 1 to {LARGEST}.")))
}

impl Paging {
    /// Returns this page of all items; a page beyond the last is empty.
    pub(super) fn cut<T>(self, all: impl Iterator<Item = T>) -> Result<Json<Page<T>>, Error> {
        let all: Vec<T> = all.collect();
        let resource_count = all.len();
        let skipped = (self.page - 1).saturating_mul(self.page_size);
        let data = all.into_iter().skip(skipped).take(self.page_size).collect();
        Ok(Json(Page {
            meta: Meta { resource_count, page_count: resource_count.div_ceil(self.page_size) },
            data,
        }))
    }
}
