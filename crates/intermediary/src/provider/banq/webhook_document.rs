//! Describes Banq's webhook in `/openapi.json`.

use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        self,
        schema::{ObjectBuilder, Schema, Type},
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

/// The part of the document that describes Banq's webhook.
#[derive(OpenApi)]
#[openapi(paths(receive), modifiers(&Signature))]
pub(super) struct Document;

struct Signature;

impl Modify for Signature {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let signature = ApiKeyValue::with_description(
            "X-Banq-Webhook-Hmac",
            "Base64 of HMAC-SHA256 over the raw body, keyed by BANQ_WEBHOOK_SECRET.",
        );
        components.add_security_scheme("banqSignature", SecurityScheme::ApiKey(ApiKey::Header(signature)));
    }
}

/// Receives a webhook.
#[utoipa::path(
    post,
    path = "/your-web-hooks/payment-status",
    operation_id = "receivePaymentStatus",
    tag = "servers",
    security(("banqSignature" = [])),
    request_body = BanqWebhook,
    responses((status = 200, description = "It is on disk."))
)]
#[expect(dead_code, reason = "http/routes/webhooks.rs takes webhooks; this describes Banq's")]
fn receive() {}

/// A webhook from Banq.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the provider; this is its description")]
struct BanqWebhook {
    /// The webhook's own id, the same for every repeat.
    #[schema(schema_with = provider_id)]
    id: String,
    /// For example `Completed`. An unknown action is stored and changes nothing.
    action: String,
    /// `Payment` or `Transaction`.
    #[schema(rename = "resourceType")]
    resource_type: String,
    #[schema(rename = "resourceId", schema_with = provider_id)]
    resource_id: String,
}

/// Returns the schema of an id: a GUID, as far as is known.
fn provider_id() -> Schema {
    text().pattern(Some("^[A-Za-z0-9_-]{1,100}$")).into()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::banq::webhook::PATH;

    #[test]
    fn webhook_is_described_at_its_path() {
        let document = Document::openapi();
        assert!(document.paths.paths.contains_key(PATH), "{PATH}");
    }
}
