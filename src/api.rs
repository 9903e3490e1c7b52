//! What the loader calls; the only exports of the module. The page itself never sees this: it talks to
//! `window.ecommerceBanqWidget` in `www/ecommerce.js`, which passes each call on.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, ShadowRoot};

use crate::appearance;
use crate::callbacks::Callbacks;
use crate::checkout::{Message, Props};
use crate::error::Failure;
use crate::js;
use crate::merchant::Early;
use crate::mount::Mounted;
use crate::options::Options;
use crate::state::{CloseReason, Event};

#[wasm_bindgen]
extern "C" {
    /// What the loader has put into the page: `{shadow, root, style?, early?}`.
    #[derive(Debug)]
    pub type Place;
    /// The shadow root in the page's container; none where the page does not let it be made.
    #[wasm_bindgen(method, getter)]
    fn shadow(this: &Place) -> Option<ShadowRoot>;
    /// The element that the widget is drawn into and puts there; hidden until `onReady`.
    #[wasm_bindgen(method, getter)]
    fn root(this: &Place) -> HtmlElement;
    /// The `<style>` with the button's rules, where the browser cannot construct a stylesheet.
    #[wasm_bindgen(method, getter)]
    fn style(this: &Place) -> Option<Element>;
    /// The request for a link that an early click made.
    #[wasm_bindgen(method, getter)]
    fn early(this: &Place) -> Option<Early>;
}

/// One widget in the page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Widget {
    mounted: RefCell<Option<Mounted>>,
    /// What was told about `appearance` and `nonce`.
    mistakes: RefCell<String>,
}

#[wasm_bindgen]
impl Widget {
    /// Checks the options and draws the widget beside the painted button, into the loader's element.
    ///
    /// # Errors
    /// A JavaScript `Error` whose message names the option that is wrong. `onError` gets the same.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, place: &Place) -> Result<Self, JsValue> {
        let parsed = Options::from_js(options).map_err(|failure| refuse(options, &failure))?;
        let props = Props { options: Rc::new(parsed), early: place.early() };
        let shadow = place.shadow().ok_or("the page allows no shadow root")?;
        let mounted = Mounted::beside_button(&shadow, &place.root(), place.style().as_ref(), props)?;
        let widget = Self { mounted: RefCell::new(Some(mounted)), mistakes: RefCell::default() };
        widget.tell_mistakes(options);
        Ok(widget)
    }

    /// Opens the dialog, as a click on the button does.
    pub fn open(&self) {
        self.send(Message::Event(Event::Open));
    }

    /// Closes the dialog; the payment goes on.
    pub fn close(&self) {
        self.send(Message::Event(Event::Close(CloseReason::Api)));
    }

    /// Takes other options, all of them. A payment that runs goes on, unless the order can be another one.
    ///
    /// # Errors
    /// As in [`Widget::new`]; the old options stay then.
    pub fn update(&self, options: &JsValue) -> Result<(), JsValue> {
        let parsed = Options::from_js(options).map_err(|failure| refuse(options, &failure))?;
        self.send(Message::Options(Rc::new(parsed)));
        self.tell_mistakes(options);
        Ok(())
    }

    /// Takes the widget out of the page. Can be called at any time, any number of times.
    pub fn destroy(&self) {
        if let Some(mounted) = self.mounted.take() {
            mounted.app().send_message(Message::Event(Event::Destroy));
            mounted.destroy();
        }
    }

    /// Tells the page what is wrong with the options that only change the look, once.
    fn tell_mistakes(&self, options: &JsValue) {
        let mistakes = appearance::mistakes(options);
        let before = self.mistakes.replace(mistakes.clone());
        if mistakes != before
            && !mistakes.is_empty()
            && let Ok(callbacks) = Callbacks::from_js(options)
        {
            // Later: the page may destroy the app for it, which must have this widget by then.
            let tell = move |_| callbacks.mistake(&mistakes);
            js::settle(js_sys::Promise::resolve(&JsValue::UNDEFINED), Box::new(tell));
        }
    }

    fn send(&self, message: Message) {
        if let Some(mounted) = &*self.mounted.borrow() {
            mounted.app().send_message(message);
        }
    }
}

/// Tells the page's `onError` (if that much of the options can be read) and makes the `Error` to throw.
fn refuse(options: &JsValue, failure: &Failure) -> JsValue {
    if let Ok(callbacks) = Callbacks::from_js(options) {
        callbacks.error(failure);
    } else {
        js::warn(&failure.cause);
    }
    let error = js_sys::Error::new(&failure.cause);
    // Cannot fail on a fresh error.
    let _ = js_sys::Reflect::set(&error, &"code".into(), &failure.code.as_str().into());
    error.into()
}
