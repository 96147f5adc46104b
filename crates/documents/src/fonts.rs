//! The fonts that are shipped, and which of them has which letters (fonts/README.md).

use std::sync::LazyLock;

use krilla::text::Font;
use rustybuzz::Face;

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// A font as the shaper and the writer of PDF see it.
pub(crate) struct Loaded {
    pub(crate) face: Face<'static>,
    pub(crate) font: Font,
}

/// The fonts of a weight.
pub(crate) struct Family {
    pub(crate) latin: Loaded,
    pub(crate) devanagari: Loaded,
}

/// The family of a weight. `None` only if the files in this crate are not fonts, which a test excludes.
pub(crate) fn family(weight: Weight) -> Option<&'static Family> {
    static REGULAR: LazyLock<Option<Family>> = LazyLock::new(|| {
        let latin = load(include_bytes!("../fonts/NotoSans-Regular.ttf"))?;
        Some(Family { latin, devanagari: load(include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf"))? })
    });
    static BOLD: LazyLock<Option<Family>> = LazyLock::new(|| {
        let latin = load(include_bytes!("../fonts/NotoSans-Bold.ttf"))?;
        Some(Family { latin, devanagari: load(include_bytes!("../fonts/NotoSansDevanagari-Bold.ttf"))? })
    });
    match weight {
        Weight::Regular => REGULAR.as_ref(),
        Weight::Bold => BOLD.as_ref(),
    }
}

fn load(bytes: &'static [u8]) -> Option<Loaded> {
    Some(Loaded { face: Face::from_slice(bytes, 0)?, font: Font::new(bytes.to_vec().into(), 0)? })
}

impl Family {
    pub(crate) fn get(&self, devanagari: bool) -> &Loaded {
        if devanagari { &self.devanagari } else { &self.latin }
    }
}

/// Whether a letter is set in the font for Devanagari: its block, its extensions, and the joiners between its letters.
pub(crate) const fn is_devanagari(letter: char) -> bool {
    matches!(letter, '\u{900}'..='\u{97f}' | '\u{1cd0}'..='\u{1cff}' | '\u{a8e0}'..='\u{a8ff}' | '\u{200c}' | '\u{200d}' | '\u{25cc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_have_what_airlines_print() {
        for weight in [Weight::Regular, Weight::Bold] {
            let family = family(weight).expect("fonts");
            for letter in "AZaz09 .,:;-–·/()€₹£¥éłñışğŐĐĳØÆßΩЖṃā".chars() {
                assert!(family.latin.face.glyph_index(letter).is_some(), "{letter}");
            }
            for letter in "अआशाक्षज्ञ़ऑ ।".chars() {
                assert!(family.devanagari.face.glyph_index(letter).is_some(), "{letter}");
            }
        }
    }
}
