//! Pictures of a page as it is now, and the codes in them.

use image::RgbImage;
use thirtyfour::WebDriver;

use crate::{Deadline, paths, pause};

/// A colour that no page has at the mark's place.
const MARK: [u8; 3] = [255, 0, 255];

/// Puts a mark at the top of the page, above an open dialog too, or again above one that opened since. A strict policy
/// allows styles that a script sets.
const SHOW: &str = "
    let mark = document.querySelector('test-mark');
    if (!mark) {
      mark = document.createElement('test-mark');
      mark.style.cssText = 'all: initial; display: block; position: fixed; inset: 0 auto auto calc(50% - 8px); margin: 0; \
          border: 0; padding: 0; width: 16px; height: 8px; background: rgb(255, 0, 255); forced-color-adjust: none; \
          pointer-events: none; z-index: 2147483647';
      mark.popover = 'manual';
      document.documentElement.append(mark);
    } else {
      mark.hidePopover();
    }
    mark.showPopover();";

const HIDE: &str = "document.querySelectorAll('test-mark').forEach((mark) => mark.remove())";

/// Takes a picture of what the page is now, as PNG. A browser may answer with a frame that it drew before (in
/// WebKitGTK two animation frames are no paint), so the page is marked until a picture shows the mark, and then
/// unmarked until a picture does not: that one was drawn after everything that the page was before.
pub(crate) async fn of_now(driver: &WebDriver) -> Vec<u8> {
    until_marked(driver, SHOW, true).await;
    until_marked(driver, HIDE, false).await
}

/// Runs the script and takes a picture, again and again until the picture shows the mark or does not.
async fn until_marked(driver: &WebDriver, script: &str, marked: bool) -> Vec<u8> {
    let deadline = Deadline::start();
    loop {
        let over = deadline.is_over();
        driver.execute(script, vec![]).await.unwrap();
        let png = driver.screenshot_as_png().await.unwrap();
        if is_marked(&image::load_from_memory(&png).unwrap().to_rgb8()) == marked {
            return png;
        }
        if over {
            std::fs::write(paths::target().join("screenshots/not-drawn.png"), &png).unwrap();
            panic!("the page was not drawn again: {}", frames(driver).await);
        }
        pause().await;
    }
}

/// Says whether the page is visible and whether the browser still draws frames, for the message of a failure.
async fn frames(driver: &WebDriver) -> String {
    let script = "
        const done = arguments[0];
        const say = (frames) => done(`${document.visibilityState}, ${document.hasFocus() ? 'with' : 'without'} the focus, ${frames} frames in a second, ${document.elementFromPoint(innerWidth / 2, 2)?.localName} at the mark, ${document.querySelectorAll('test-mark:popover-open').length} marks`);
        let frames = 0;
        const next = () => { frames++; requestAnimationFrame(next); };
        requestAnimationFrame(next);
        setTimeout(() => say(frames), 1000);";
    match driver.execute_async(script, vec![]).await {
        Ok(said) => said.json().to_string(),
        Err(error) => error.to_string(),
    }
}

fn is_marked(picture: &RgbImage) -> bool {
    let pixel = picture.get_pixel(picture.width() / 2, 2);
    pixel.0.iter().zip(MARK).all(|(one, other)| one.abs_diff(other) < 24)
}

/// Reads the QR codes in a picture with a decoder that is not the encoder's crate. One that cannot be read counts
/// with the reason.
#[must_use]
pub fn codes(png: &[u8]) -> Vec<String> {
    let picture = image::load_from_memory(png).unwrap().to_luma8();
    let mut picture = rqrr::PreparedImage::prepare(picture);
    let grids = picture.detect_grids();
    grids.iter().map(|grid| grid.decode().map_or_else(|error| error.to_string(), |(_, text)| text)).collect()
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::{MARK, is_marked};

    #[test]
    fn the_mark_is_known_by_its_place_and_colour() {
        let mut picture = RgbImage::new(1200, 900);
        assert!(!is_marked(&picture));
        picture.put_pixel(600, 2, Rgb(MARK));
        assert!(is_marked(&picture));
    }
}
