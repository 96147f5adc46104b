//! Text as it is compared: lower-case words of plain letters, so that "São Paulo" and "sao paulo", "O'Hare" and "ohare",
//! "St. Louis" and "st louis" are the same.

/// The words of a text. Letters lose their case and accents, apostrophes and full stops go, everything else that is
/// neither letter nor digit parts words. Letters of other scripts stay.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
        } else if let Some(plain) = plain(letter) {
            word.push_str(plain);
        } else if letter.is_alphanumeric() {
            word.push(letter);
        } else if !is_silent(letter) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Spellings of one word that people mix: whoever types either means both.
const SAME: &[(&str, &str)] = &[("st", "saint"), ("ft", "fort"), ("mt", "mount"), ("intl", "international")];

/// The same words with each abbreviation written out and each full form abbreviated; `None` where there are none.
pub(super) fn other_spelling(words: &[String]) -> Option<Vec<String>> {
    let other = |word: &String| {
        let pair = SAME.iter().find(|(short, long)| word == short || word == long);
        pair.map_or_else(
            || word.clone(),
            |(short, long)| (*if word == short { long } else { short }).to_owned(),
        )
    };
    let others: Vec<String> = words.iter().map(other).collect();
    (others != words).then_some(others)
}

/// Marks that belong inside a word and are often left out: apostrophes of all kinds, full stops, accents that follow
/// their letter, the sign that joins consonants in Devanagari.
const fn is_silent(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '.' | '`' | '´' | '‘' | '’' | 'ʻ' | 'ʼ' | '′' | '\u{300}'..='\u{36f}' | '\u{93c}' | '\u{94d}'
    )
}

/// Accented letters after the plain ones they are read as: Latin as Europe, Turkey, Azerbaijan and Vietnam write it.
const ACCENTED: &[(&str, &str)] = &[
    ("a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ("ae", "æ"),
    ("c", "çćĉċč"),
    ("d", "ðďđḍḑ"),
    ("e", "èéêëēĕėęěəǝẹẻẽếềểễệ"),
    ("g", "ĝğġģ"),
    ("h", "ĥħḥḩ"),
    ("i", "ìíîïĩīĭįıỉị"),
    ("j", "ĵ"),
    ("k", "ķḳ"),
    ("l", "ĺļľŀł"),
    ("n", "ñńņň"),
    ("o", "òóôõöøōŏőơọỏốồổỗộớờởỡợ"),
    ("oe", "œ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšșṣ"),
    ("ss", "ß"),
    ("t", "ţťŧțṭ"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűųưụủứừửữự"),
    ("w", "ŵ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("z", "źżžẓ"),
];

fn plain(letter: char) -> Option<&'static str> {
    ACCENTED.iter().find(|(_, accented)| accented.contains(letter)).map(|(plain, _)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_signs_do_not_matter() {
        for (text, expected) in [
            ("São Paulo", "sao paulo"),
            ("Sa\u{303}o  PAULO ", "sao paulo"),
            ("O'Hare / O’Hare", "ohare ohare"),
            ("St. Louis, D.C.", "st louis dc"),
            ("Minneapolis–St. Paul", "minneapolis st paul"),
            ("Łódź Đà Nẵng Gəncə Ærø İstanbul Iğdır", "lodz da nang gence aero istanbul igdir"),
            ("(Long Beach)\t[x]", "long beach x"),
            ("दिल्ली", "दिलली"),
            ("東京", "東京"),
            ("?! ☃ '", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn an_abbreviation_has_another_spelling() {
        for (text, expected) in [
            ("St. Louis", Some("saint louis")),
            ("Fort Smith International", Some("ft smith intl")),
            ("Boston", None),
        ] {
            assert_eq!(other_spelling(&words(text)).map(|words| words.join(" ")).as_deref(), expected);
        }
    }
}
