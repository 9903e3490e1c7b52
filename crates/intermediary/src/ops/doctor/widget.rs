//! Checks the widget's files as pages load them, and says what a page's policy must allow.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha384};

use super::{Check, Doctor, outside::root_cause};
use crate::{
    ops::page_policy::PagePolicy,
    widget::{
        bundle::{Bundle, BundleError},
        embedded,
    },
};

const FILES: [&str; 3] = ["ecommerce.js", "banq-checkout.js", "banq-checkout_bg.wasm"];

impl Doctor {
    /// Checks that each file is there, and arrives unchanged.
    pub(super) async fn widget(&self) -> Check {
        let bundle = match (&self.config.widget_dir, embedded::bundle()) {
            (Some(folder), _) => Bundle::read(folder),
            (None, Some(bundle)) => Ok(bundle),
            (None, None) => {
                return Check::warn(
                    "widget",
                    "this server serves no widget",
                    "set BANQ_WIDGET_DIR to the folder that `cargo xtask dist` made, unless another server has it",
                );
            }
        };
        let mut hashes = Vec::new();
        for name in FILES {
            match self.compare(&bundle, name).await {
                Ok(hash) => hashes.push(format!("{name} sha384-{hash}")),
                Err(problem) => {
                    let fix = "build the widget with `cargo xtask dist`, restart the server, and let no proxy change \
                               its files";
                    return Check::fail("widget", format!("{name}: {problem}"), fix);
                }
            }
        }
        Check::ok("widget", hashes.join(", "))
    }

    async fn compare(&self, bundle: &Result<Bundle, BundleError>, name: &str) -> Result<String, String> {
        let bundle = bundle.as_ref().map_err(ToString::to_string)?;
        let built = bundle.bytes(name).ok_or("is missing")?;
        let answer = self.http.get(format!("{}/widget/{name}", self.public_url)).send().await;
        let answer = answer.map_err(|error| root_cause(&error))?;
        if answer.status() != 200 {
            return Err(format!("answered with {}", answer.status().as_u16()));
        }
        let served = answer.bytes().await.map_err(|error| root_cause(&error))?;
        if *built != served {
            return Err("what is served is not what was built".to_owned());
        }
        Ok(STANDARD.encode(Sha384::digest(built)))
    }

    /// Returns the additions to a page's content security policy.
    pub(super) fn policy(&self) -> Check {
        let additions = PagePolicy::new(&self.public_url).map(|page| page.additions());
        match additions {
            Ok(additions) => Check::ok(
                "policy",
                format!(
                    "if the shop's pages have a Content-Security-Policy, add: {additions}; and for presentation \
                     \"iframe\" frame-src with the origin of your payment links"
                ),
            ),
            Err(mistake) => {
                Check::fail("policy", mistake, "set BANQ_PUBLIC_URL to the address that browsers use")
            }
        }
    }
}
