//! Pictures made anew: read as points and written again, so that nothing comes along that is not to be seen: where a telephone was,
//! who owns it, or what a program hides behind the last line.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// Larger than any telephone's; what says that it is larger is not read.
const SIDE_MAX: u32 = 16_384;
/// Points of the largest picture that is read. A photograph of so many fits into what may be attached; a larger one was made smaller by the
/// telephone, or is mostly one colour.
const POINTS_MAX: u64 = 26_000_000;
/// Memory that a picture may take as points: so many of four bytes, or half as many of eight. Reading it takes as much again for a while, for
/// what is still in parts (a JPEG that becomes sharper by and by), for the upright copy, or for what it is written from.
const MEMORY_MAX: u64 = 4 * POINTS_MAX;
const JPEG_QUALITY: u8 = 85;

/// What a picture may come as, and what it is kept as: photographs as photographs, everything with sharp edges or holes as PNG.
const KINDS: [(&str, ImageFormat, Kept); 4] = [
    ("image/jpeg", ImageFormat::Jpeg, Kept::Jpeg),
    ("image/webp", ImageFormat::WebP, Kept::Jpeg),
    ("image/png", ImageFormat::Png, Kept::Png),
    ("image/gif", ImageFormat::Gif, Kept::Png),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Jpeg,
    Png,
}

/// A picture as it is kept.
pub(super) struct Picture {
    pub(super) bytes: Vec<u8>,
    pub(super) media_type: &'static str,
    pub(super) ending: &'static str,
}

/// Whether it is a picture of a kind that is read here.
pub(super) fn is_picture(media_type: &str) -> bool {
    KINDS.iter().any(|(kind, ..)| *kind == media_type)
}

/// The picture made anew, upright, in at most so many bytes; `None` if it cannot be read, or is too large. It takes a processor up to a second.
pub(super) fn made_anew(media_type: &str, bytes: &[u8], most: usize) -> Option<Picture> {
    let (_, format, kept) = KINDS.into_iter().find(|(kind, ..)| *kind == media_type)?;
    let picture = read(format, bytes)?;
    let sharp = kept == Kept::Png || picture.color().has_alpha();
    let small = |picture: &Picture| picture.bytes.len() <= most;
    let png = if sharp { as_png(&picture).filter(small) } else { None };
    // What is too large with its holes is kept without them.
    png.or_else(|| as_jpeg(picture).filter(small))
}

fn read(format: ImageFormat, bytes: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if !fits(decoder.dimensions(), decoder.total_bytes()) {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

/// Whether a picture of these sides, and of so many bytes as points, is read.
fn fits((width, height): (u32, u32), bytes: u64) -> bool {
    u64::from(width) * u64::from(height) <= POINTS_MAX && bytes <= MEMORY_MAX
}

fn as_png(picture: &DynamicImage) -> Option<Picture> {
    let mut out = Vec::new();
    picture.write_to(&mut Cursor::new(&mut out), ImageFormat::Png).ok()?;
    Some(Picture { bytes: out, media_type: "image/png", ending: "png" })
}

fn as_jpeg(picture: DynamicImage) -> Option<Picture> {
    let mut out = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
    DynamicImage::ImageRgb8(picture.into_rgb8()).write_with_encoder(encoder).ok()?;
    Some(Picture { bytes: out, media_type: "image/jpeg", ending: "jpg" })
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    const MOST: usize = 1_000_000;

    /// Wide, and red at its left end.
    fn wide() -> DynamicImage {
        let point = |x, _| if x < 20 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) };
        DynamicImage::ImageRgb8(RgbImage::from_fn(80, 40, point))
    }

    fn written(format: ImageFormat) -> Vec<u8> {
        let mut out = Vec::new();
        wide().write_to(&mut Cursor::new(&mut out), format).expect("written");
        out
    }

    /// A JPEG with an Exif segment: turned by a quarter, and taken at a place.
    fn with_exif() -> Vec<u8> {
        let jpeg = written(ImageFormat::Jpeg);
        // TIFF, big-endian, one entry: orientation (0x0112) is 6, the upper left corner is shown at the upper right.
        let tiff = [
            &b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"[..],
            b"GPS canary of a place",
        ]
        .concat();
        let length = u16::try_from(tiff.len() + 2).expect("short").to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &tiff, &jpeg[2..]].concat()
    }

    fn has(bytes: &[u8], what: &[u8]) -> bool {
        bytes.windows(what.len()).any(|window| window == what)
    }

    #[test]
    fn what_is_not_to_be_seen_is_left_behind_and_the_picture_stands_upright() {
        let sent = with_exif();
        assert!(has(&sent, b"canary"));
        let kept = made_anew("image/jpeg", &sent, MOST).expect("a picture");
        assert!(!has(&kept.bytes, b"canary") && !has(&kept.bytes, b"Exif"));
        let shown = image::load_from_memory(&kept.bytes).expect("a picture").into_rgb8();
        assert_eq!(shown.dimensions(), (40, 80));
        assert!(shown.get_pixel(20, 5)[0] > 150 && shown.get_pixel(20, 75)[0] < 100);
        let hidden = [&written(ImageFormat::Png)[..], b"<script>canary</script>"].concat();
        assert!(!has(&made_anew("image/png", &hidden, MOST).expect("a picture").bytes, b"canary"));
    }

    #[test]
    fn each_kind_is_kept_as_one_that_everything_shows() {
        for (format, sent, kept) in [
            (ImageFormat::Jpeg, "image/jpeg", "image/jpeg"),
            (ImageFormat::WebP, "image/webp", "image/jpeg"),
            (ImageFormat::Png, "image/png", "image/png"),
            (ImageFormat::Gif, "image/gif", "image/png"),
        ] {
            let picture = made_anew(sent, &written(format), MOST).expect(sent);
            assert_eq!(picture.media_type, kept, "{sent}");
            let shown = image::load_from_memory(&picture.bytes).expect("a picture");
            assert_eq!((shown.width(), shown.height()), (80, 40), "{sent}");
        }
    }

    #[test]
    fn what_would_grow_beyond_the_limit_loses_its_holes_or_is_not_kept() {
        // Points without a rule, some of them not to be seen: PNG cannot make them smaller.
        let mut state = 1_u32;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let noise = image::RgbaImage::from_fn(120, 120, |_, _| image::Rgba([next(), next(), next(), next()]));
        let mut sent = Vec::new();
        DynamicImage::ImageRgba8(noise)
            .write_to(&mut Cursor::new(&mut sent), ImageFormat::Png)
            .expect("written");
        let kept = |most| made_anew("image/png", &sent, most).map(|picture| picture.media_type);
        assert_eq!((kept(MOST), kept(40_000), kept(1_000)), (Some("image/png"), Some("image/jpeg"), None));
    }

    #[test]
    fn a_photograph_is_read_and_a_poster_is_not() {
        for (sides, bytes_of_point, expected) in [
            ((5_712, 4_284), 3, true),
            ((6_500, 4_000), 4, true),
            ((6_500, 4_001), 1, false),
            ((4_000, 3_250), 8, true),
            ((4_000, 3_251), 8, false),
            ((SIDE_MAX, SIDE_MAX), 1, false),
        ] {
            let bytes = u64::from(sides.0) * u64::from(sides.1) * bytes_of_point;
            assert_eq!(fits(sides, bytes), expected, "{sides:?} of {bytes_of_point}");
        }
    }

    #[test]
    fn what_says_that_it_is_huge_is_not_read() {
        let mut bomb = written(ImageFormat::Png);
        // Width and height stand behind the signature, the length and the name of the first chunk.
        for (side, at) in [(16_000_u32, 16), (16_000, 20)] {
            bomb[at..at + 4].copy_from_slice(&side.to_be_bytes());
        }
        let sum = crc32(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&sum);
        assert!(made_anew("image/png", &bomb, MOST).is_none());
        for torn in [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP"] {
            assert!(KINDS.iter().all(|(kind, ..)| made_anew(kind, torn, MOST).is_none()));
        }
    }

    /// As PNG has it (ISO/IEC 15948 annex D).
    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum()
    }
}
