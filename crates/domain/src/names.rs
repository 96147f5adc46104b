//! Names of people, as they stand on a ticket.

/// Most characters of a given or a family name.
pub const NAME_MAX: usize = 60;

/// A name in any script: letters with their marks, and what stands between the parts of names.
pub fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.trim().chars().count())
        && text.chars().any(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphanumeric() || " .'’-\u{200c}\u{200d}".contains(c) || is_mark(c))
}

/// Combining marks belong to the letters of names and are not letters to Unicode.
fn is_mark(c: char) -> bool {
    ('\u{0300}'..='\u{036f}').contains(&c) || ('\u{0900}'..='\u{0dff}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world() {
        for name in ["Asha", "O'Brien", "Jean-Luc", "María José", "Nguyễn", "आशा", "X Æ", "St. John"]
        {
            assert!(is_name(name), "{name}");
        }
        let long = "a".repeat(NAME_MAX + 1);
        for name in ["", " ", "42", "<b>", "A\nB", "a;b", long.as_str()] {
            assert!(!is_name(name), "{name}");
        }
    }
}
