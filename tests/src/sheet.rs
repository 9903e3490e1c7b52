//! Pictures of all entries on one sheet, compared with the sheet in the repository.

use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops;
use image::{GenericImageView, RgbImage};

use crate::paths;

/// Pictures in a row of the sheet.
const COLUMNS: u32 = 8;

/// From this difference of a colour on (of 255) a pixel is another one.
const DIFFERENT: u8 = 48;

/// The part of a picture's pixels that may be other ones: another version of the browser draws letters a little
/// differently.
const TOLERANCE: f64 = 0.01;

/// The pictures, made smaller.
pub struct Sheet {
    name: String,
    smaller: u32,
    entries: Vec<String>,
    pictures: Vec<RgbImage>,
}

impl Sheet {
    /// An empty sheet, for pictures that are made this many times smaller.
    #[must_use]
    pub fn new(name: &str, smaller: u32) -> Self {
        Self { name: name.to_owned(), smaller, entries: Vec::new(), pictures: Vec::new() }
    }

    /// Adds the picture of an entry; all are of one size.
    pub fn add(&mut self, entry: &str, png: &[u8]) {
        let picture = image::load_from_memory(png).unwrap().to_rgb8();
        let (width, height) = (picture.width() / self.smaller, picture.height() / self.smaller);
        self.entries.push(entry.to_owned());
        self.pictures.push(imageops::thumbnail(&picture, width, height));
    }

    /// Asserts that each picture is like the one in `tests/pictures/NAME.png`, and keeps the new sheet among the
    /// screenshots. With `BANQ_PICTURES=renew` the new sheet takes the place of the old one instead.
    pub fn assert_unchanged(&self) {
        let png = self.png();
        let kept = paths::target().join("screenshots").join(format!("sheet-{}.png", self.name));
        std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
        std::fs::write(&kept, &png).unwrap();
        let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures").join(format!("{}.png", self.name));
        if std::env::var("BANQ_PICTURES").is_ok_and(|word| word == "renew") {
            std::fs::write(&known, &png).unwrap();
        }
        let look = format!("look at {} and, if it is right, renew {}", kept.display(), known.display());
        let sheet = std::fs::read(&known).unwrap_or_else(|error| panic!("{error}: {look}"));
        let sheet = image::load_from_memory(&sheet).unwrap().to_rgb8();
        assert_eq!((sheet.width(), sheet.height()), self.size(), "another number of pictures: {look}");
        let mut changed = Vec::new();
        for (index, (entry, picture)) in self.entries.iter().zip(&self.pictures).enumerate() {
            let (x, y) = self.place(index);
            let part = difference(&sheet.view(x, y, picture.width(), picture.height()).to_image(), picture);
            if part > TOLERANCE {
                changed.push(format!("{entry} ({:.1} %)", 100.0 * part));
            }
        }
        assert!(
            changed.is_empty(),
            "{}: other pictures of {}: {look} with BANQ_PICTURES=renew",
            self.name,
            changed.join(", ")
        );
    }

    fn tile(&self) -> (u32, u32) {
        self.pictures.first().map_or((1, 1), |picture| picture.dimensions())
    }

    fn size(&self) -> (u32, u32) {
        let (width, height) = self.tile();
        (width * COLUMNS, height * (self.pictures.len() as u32).div_ceil(COLUMNS))
    }

    fn place(&self, index: usize) -> (u32, u32) {
        let (width, height) = self.tile();
        (index as u32 % COLUMNS * width, index as u32 / COLUMNS * height)
    }

    fn png(&self) -> Vec<u8> {
        let (width, height) = self.size();
        let mut sheet = RgbImage::new(width, height);
        for (index, picture) in self.pictures.iter().enumerate() {
            let (x, y) = self.place(index);
            imageops::replace(&mut sheet, picture, x.into(), y.into());
        }
        let mut png = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive);
        sheet.write_with_encoder(encoder).unwrap();
        png
    }
}

/// The part of the pixels that are other ones.
fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let is_other = |(one, other): &(&image::Rgb<u8>, &image::Rgb<u8>)| {
        one.0.iter().zip(other.0).any(|(one, other)| one.abs_diff(other) > DIFFERENT)
    };
    let pixels = one.pixels().zip(other.pixels());
    pixels.filter(is_other).count() as f64 / f64::from(one.width() * one.height())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::{TOLERANCE, difference};

    const WHITE: Rgb<u8> = Rgb([255; 3]);

    #[test]
    fn a_missing_button_is_a_difference_and_another_shade_is_none() {
        let page = RgbImage::from_pixel(160, 320, WHITE);
        let mut with_button = page.clone();
        for (x, y) in (20..140).flat_map(|x| (250..262).map(move |y| (x, y))) {
            with_button.put_pixel(x, y, Rgb([90, 30, 160]));
        }
        assert!(difference(&page, &with_button) > TOLERANCE);
        assert!(difference(&page, &RgbImage::from_pixel(160, 320, Rgb([230; 3]))) <= TOLERANCE);
    }
}
