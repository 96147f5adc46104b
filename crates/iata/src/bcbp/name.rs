//! A person's name as bar codes and passports have it: capital letters A to Z and blanks.

use unicode_normalization::UnicodeNormalization;

/// Characters of the name's field.
pub const NAME_WIDTH: usize = 20;

/// Letters that are no A to Z with a mark on it, as ICAO 9303 part 3, section 6, has them.
const LETTERS: &[(char, &str)] = &[
    ('Ä', "AE"),
    ('Å', "AA"),
    ('Æ', "AE"),
    ('Ð', "D"),
    ('Đ', "D"),
    ('Ħ', "H"),
    ('ı', "I"),
    ('Ĳ', "IJ"),
    ('Ł', "L"),
    ('Ŋ', "N"),
    ('Ö', "OE"),
    ('Ø', "OE"),
    ('Œ', "OE"),
    ('ẞ', "SS"),
    ('ß', "SS"),
    ('Þ', "TH"),
    ('Ŧ', "T"),
    ('Ü', "UE"),
];

/// `SURNAME/GIVEN` in twenty characters. Accents go, hyphens become blanks, apostrophes and digits are left away, and
/// letters of other scripts are written by their sound. A long surname leaves two characters for the stroke and an initial. `None` if no
/// letter is left of the surname.
pub fn name_of(surname: &str, given: &str) -> Option<String> {
    let (surname, given) = (latin(surname), latin(given));
    if surname.is_empty() {
        return None;
    }
    if given.is_empty() {
        return Some(cut(&surname, NAME_WIDTH).to_owned());
    }
    let surname = cut(&surname, NAME_WIDTH - 2);
    let given = cut(&given, NAME_WIDTH - 1 - surname.len());
    Some(format!("{surname}/{given}"))
}

/// So many characters of it, and no blank at the end.
fn cut(text: &str, width: usize) -> &str {
    text.get(..width).unwrap_or(text).trim_end_matches(' ')
}

fn latin(name: &str) -> String {
    let mut letters = String::new();
    // Composed first, so that an Ö typed as O and a mark is the same letter.
    for c in name.nfc().flat_map(upper) {
        match LETTERS.iter().find(|(letter, _)| *letter == c) {
            Some((_, written)) => letters.push_str(written),
            None if c.is_whitespace() || "-‐‑–".contains(c) => letters.push(' '),
            None => letters.push_str(&in_latin(c)),
        }
    }
    letters.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A letter with a mark without it; one of another script as any-ascii writes it.
fn in_latin(c: char) -> String {
    let plain: String = std::iter::once(c).nfkd().filter(char::is_ascii_uppercase).collect();
    if !plain.is_empty() || c.is_ascii() {
        return plain;
    }
    any_ascii::any_ascii_char(c)
        .chars()
        .map(|c| c.to_ascii_uppercase())
        .filter(char::is_ascii_uppercase)
        .collect()
}

/// The capital of a letter. That of ß would be SS and that of ı an I, which the table says as well.
fn upper(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_in_passports() {
        for (surname, given, written) in [
            ("Desmarais", "Luc", "DESMARAIS/LUC"),
            ("O'Brien", "Seán", "OBRIEN/SEAN"),
            ("Müller-Lüdenscheidt", "Jürgen", "MUELLER LUEDENSCHE/J"),
            ("Mu\u{308}ller", "A\u{308}nne", "MUELLER/AENNE"),
            ("Groß", "Łukasz", "GROSS/LUKASZ"),
            ("Ångström", "Ægir", "AANGSTROEM/AEGIR"),
            ("Dvořák", "  Antonín   Leopold ", "DVORAK/ANTONIN LEOPO"),
            ("de la Cruz", "María José", "DE LA CRUZ/MARIA JOS"),
            ("Rao", "", "RAO"),
            ("Sanchez Gonzalez A B", "Bo", "SANCHEZ GONZALEZ A/B"),
        ] {
            let name = name_of(surname, given).expect("letters");
            assert_eq!(name, written);
            assert!(name.len() <= NAME_WIDTH, "{name}");
        }
    }

    #[test]
    fn other_scripts_are_written_by_their_sound() {
        for (surname, given, written) in
            [("Иванов", "Пётр", "IVANOV/PETR"), ("राव", "आशा", "RAV/ASA"), ("王", "小明", "WANG/XIAOMING")]
        {
            assert_eq!(name_of(surname, given).as_deref(), Some(written));
        }
        for surname in ["", "'-'", "123"] {
            assert_eq!(name_of(surname, "Asha"), None, "{surname:?}");
        }
        assert_eq!(name_of("Rao", "123").as_deref(), Some("RAO"), "a given name may be missing");
    }
}
