//! The functions that the loader calls; the only exports of the module. The page itself never calls them: it uses
//! `window.ecommerceBanqWidget` of `www/ecommerce.js`, which passes each call on.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, ShadowRoot};

use crate::callbacks::Callbacks;
use crate::checkout::{Message, Props};
use crate::error::Failure;
use crate::link_request::EarlyAnswer;
use crate::messages::Language;
use crate::mount::Mounted;
use crate::options::Options;
use crate::state::{CloseReason, Event};
use crate::{appearance, browser};

#[wasm_bindgen]
extern "C" {
    /// The objects that the loader has put into the page: `{shadow, root, language, style?, early?}`.
    #[derive(Debug)]
    pub type Place;
    /// The shadow root in the page's container; absent if the page does not allow one.
    #[wasm_bindgen(method, getter)]
    fn shadow(this: &Place) -> Option<ShadowRoot>;
    /// The element that the widget draws into and puts into the shadow root; hidden until `onReady`.
    #[wasm_bindgen(method, getter)]
    fn root(this: &Place) -> HtmlElement;
    /// The `<style>` with the button's rules, if the browser cannot construct a stylesheet.
    #[wasm_bindgen(method, getter)]
    fn style(this: &Place) -> Option<Element>;
    /// The shopper's language.
    #[wasm_bindgen(method, getter)]
    fn language(this: &Place) -> Option<Language>;
    /// The answer to the request that the loader sent when the shopper pressed the painted button.
    #[wasm_bindgen(method, getter)]
    fn early(this: &Place) -> Option<EarlyAnswer>;
}

/// One widget in the page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Widget {
    mounted: RefCell<Option<Mounted>>,
}

#[wasm_bindgen]
impl Widget {
    /// Checks the options, and draws the widget into the loader's element, beside the painted button.
    ///
    /// # Errors
    /// A JavaScript `Error` whose message names the wrong option. `onError` gets the same.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, place: &Place) -> Result<Self, JsValue> {
        let parsed = Options::from_js(options, place.language().as_ref());
        let parsed = parsed.map_err(|failure| refuse(options, &failure))?;
        let props = Props { options: Rc::new(parsed), early: place.early() };
        let shadow = place.shadow().ok_or("the page allows no shadow root")?;
        if let Ok(host) = shadow.host().dyn_into() {
            appearance::tell_of_black_words(options, &host);
        }
        let mounted = Mounted::beside_button(&shadow, &place.root(), place.style().as_ref(), props)?;
        Ok(Self { mounted: RefCell::new(Some(mounted)) })
    }

    /// Opens the dialog, as a click on the button does.
    pub fn open(&self) {
        self.send(Message::Event(Event::Open));
    }

    /// Closes the dialog; a running payment continues.
    pub fn close(&self) {
        self.send(Message::Event(Event::Close(CloseReason::Api)));
    }

    /// Shows an open dialog above everything again, after the page has moved it: it is still open, but no longer on top.
    pub fn raise(&self) {
        self.send(Message::DialogResized);
    }

    /// Replaces all options, and the language. A running payment continues, unless the new options may mean another
    /// order.
    ///
    /// # Errors
    /// As in [`Widget::new`]; the old options stay then.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an exported function cannot borrow an optional object"
    )]
    pub fn update(&self, options: &JsValue, language: Option<Language>) -> Result<(), JsValue> {
        let parsed = Options::from_js(options, language.as_ref());
        let parsed = parsed.map_err(|failure| refuse(options, &failure))?;
        self.send(Message::Options(Rc::new(parsed)));
        Ok(())
    }

    /// Removes the widget from the page. It may be called at any time, any number of times.
    pub fn destroy(&self) {
        if let Some(mounted) = self.mounted.take() {
            mounted.app().send_message(Message::Event(Event::Destroy));
            mounted.destroy();
        }
    }

    fn send(&self, message: Message) {
        if let Some(mounted) = &*self.mounted.borrow() {
            mounted.app().send_message(message);
        }
    }
}

/// Calls the page's `onError`, and returns the `Error` to throw.
fn refuse(options: &JsValue, failure: &Failure) -> JsValue {
    Callbacks::from_js(&browser::own_properties(options), &mut Vec::new()).error(failure);
    failure.to_js()
}
