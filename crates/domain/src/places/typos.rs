//! Words that were meant, although a letter is wrong, missing, too many, or changed places with its neighbour.
//!
//! The distance is that of Damerau and Levenshtein in its restricted form (optimal string alignment): no letter takes
//! part in two errors. All words are compared at once: they are sorted, so a word goes on from the rows of the table that
//! belong to the letters it shares with the word before, and where a beginning is already too far from what was typed,
//! all words that begin so are passed over.

/// How a word compares to what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Near {
    /// Typing errors between what was typed and the word, or the beginning of it that is nearest.
    pub(super) errors: u8,
    /// Whether the word as a whole is that near, and not only a beginning.
    pub(super) whole: bool,
}

/// Typing errors forgiven in a word of that many letters: none where a short word would become any other, nor in a
/// longer one than people type in full.
pub(super) const fn allowed(letters: usize) -> u8 {
    match letters {
        4..=7 => 1,
        8..=LONGEST => 2,
        _ => 0,
    }
}

/// The longest word that is searched for errors; it bounds the table.
const LONGEST: usize = 24;
/// Farther than anybody is forgiven, and far enough from the end of the type to be added to.
const FAR: u8 = u8::MAX / 2;

/// A word of fewer letters is an abbreviation or a code: nobody means it with more letters and an error.
const SHORTEST: usize = 4;

/// Sorted words, ready to be compared.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: Vec<Box<[char]>>,
    /// How many letters each word shares with the one before it.
    shared: Vec<usize>,
}

impl Lexicon {
    /// Adds a word that comes after all there are, and is longer than nothing.
    pub(super) fn push(&mut self, word: Box<[char]>) {
        let last = self.words.last();
        self.shared.push(last.map_or(0, |last| last.iter().zip(&word).take_while(|(a, b)| a == b).count()));
        self.words.push(word);
    }

    pub(super) fn words(&self) -> &[Box<[char]>] {
        &self.words
    }

    /// Hands to `found` the index of each word that is within `allowed` errors of `typed` as a whole or by a beginning.
    pub(super) fn near(&self, typed: &[char], allowed: u8, mut found: impl FnMut(usize, Near)) {
        if typed.len() > LONGEST {
            return;
        }
        let least_letters = typed.len().saturating_sub(usize::from(allowed)).max(SHORTEST);
        let mut table = Table::new(typed, allowed);
        // What a word shares with the one that was read last.
        let mut shared = 0;
        // A word that shares so many letters with it is as far as it was.
        let mut too_far = usize::MAX;
        for (index, word) in self.words.iter().enumerate() {
            shared = shared.min(self.shared[index]);
            if word.len() < least_letters || shared >= too_far {
                continue;
            }
            too_far = usize::MAX;
            match table.read(word, shared) {
                Ok(Some(near)) => found(index, near),
                Ok(None) => {}
                Err(letters) => too_far = letters,
            }
            shared = usize::MAX;
        }
    }
}

/// Row `depth` has the distances between the first `depth` letters of a word and each beginning of what was typed. Only
/// cells near the diagonal are ever written; the others stay too far.
type Row = [u8; LONGEST + 1];

struct Table<'a> {
    typed: &'a [char],
    allowed: u8,
    rows: Vec<Row>,
    /// The least distance of all beginnings up to each depth.
    nearest: Vec<u8>,
    /// The last row that belongs to the word read last.
    depth: usize,
}

impl<'a> Table<'a> {
    fn new(typed: &'a [char], allowed: u8) -> Self {
        // A beginning that is longer by more letters than are forgiven is too far.
        let deepest = typed.len() + usize::from(allowed);
        let mut rows = vec![[FAR; LONGEST + 1]; deepest + 1];
        for (cell, letters) in rows[0].iter_mut().zip(0..=allowed) {
            *cell = letters;
        }
        Self { typed, allowed, rows, nearest: vec![FAR; deepest + 1], depth: 0 }
    }

    /// Compares a word of which `shared` letters are those of the word read before. `Err(n)`: every word with these
    /// first `n` letters is too far.
    fn read(&mut self, word: &[char], shared: usize) -> Result<Option<Near>, usize> {
        let end = word.len().min(self.rows.len() - 1);
        self.depth = self.depth.min(shared);
        while self.depth < end {
            self.depth += 1;
            let least = self.fill(word);
            if least > self.allowed && self.nearest[self.depth] > self.allowed {
                return Err(self.depth);
            }
        }
        let errors = self.nearest[end];
        let whole = word.len() == end && self.rows[end][self.typed.len()] == errors;
        Ok((errors <= self.allowed).then_some(Near { errors, whole }))
    }

    /// Fills the row of the present depth; returns its least cell.
    fn fill(&mut self, word: &[char]) -> u8 {
        let (depth, band) = (self.depth, usize::from(self.allowed));
        let letter = word[depth - 1];
        let letter_before = depth.checked_sub(2).map(|before| word[before]);
        let mut least = FAR;
        for column in depth.saturating_sub(band)..=(depth + band).min(self.typed.len()) {
            let mut cell = self.rows[depth - 1][column] + 1;
            if column > 0 {
                let wrong = u8::from(self.typed[column - 1] != letter);
                cell = cell.min(self.rows[depth][column - 1] + 1);
                cell = cell.min(self.rows[depth - 1][column - 1] + wrong);
            }
            let changed_places = column > 1
                && letter_before == Some(self.typed[column - 1])
                && self.typed[column - 2] == letter;
            if changed_places {
                cell = cell.min(self.rows[depth - 2][column - 2] + 1);
            }
            self.rows[depth][column] = cell.min(FAR);
            least = least.min(cell);
        }
        self.nearest[depth] = self.nearest[depth - 1].min(self.rows[depth][self.typed.len()]);
        least
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The textbook's table, whole.
    fn distance(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                if i == 0 || j == 0 {
                    table[i][j] = i + j;
                    continue;
                }
                let wrong = usize::from(a[i - 1] != b[j - 1]);
                let mut least =
                    (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(table[i - 1][j - 1] + wrong);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(table[i - 2][j - 2] + 1);
                }
                table[i][j] = least;
            }
        }
        table[a.len()][b.len()]
    }

    fn letters(text: &str) -> Box<[char]> {
        text.chars().collect()
    }

    fn lexicon(words: impl IntoIterator<Item = String>) -> Lexicon {
        let mut words: Vec<Box<[char]>> = words.into_iter().map(|word| letters(&word)).collect();
        words.sort();
        words.dedup();
        let mut lexicon = Lexicon::default();
        for word in words {
            lexicon.push(word);
        }
        lexicon
    }

    proptest! {
        /// Comparing all words at once finds what comparing each word and each of its beginnings finds.
        #[test]
        fn agrees_with_the_textbook(
            words in proptest::collection::vec("[abé]{1,9}", 1..40),
            typed in "[abé]{1,9}",
            allowed in 1_u8..=2,
        ) {
            let (lexicon, typed) = (lexicon(words), letters(&typed));
            let mut found = Vec::new();
            lexicon.near(&typed, allowed, |index, near| found.push((index, near)));
            let mut expected = Vec::new();
            for (index, word) in lexicon.words().iter().enumerate().filter(|(_, word)| word.len() >= SHORTEST) {
                let nearest = (1..=word.len()).map(|letters| distance(&word[..letters], &typed)).min();
                let errors = nearest.and_then(|errors| u8::try_from(errors).ok()).unwrap_or(FAR);
                if errors <= allowed {
                    let whole = distance(word, &typed) == usize::from(errors);
                    expected.push((index, Near { errors, whole }));
                }
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn each_kind_of_error_counts_one() {
        for (typed, expected) in [
            ("chicago", Some((0, true))),
            ("chicgo", Some((1, true))),   // typos:ignore
            ("chiccago", Some((1, true))), // typos:ignore
            ("chucago", Some((1, true))),  // typos:ignore
            ("cihcago", Some((1, true))),  // typos:ignore
            ("chci", Some((1, false))),    // typos:ignore
            ("denver", None),
        ] {
            let mut found = None;
            lexicon(["chicago".to_owned()]).near(&letters(typed), 1, |_, near| found = Some(near));
            assert_eq!(found.map(|near| (near.errors, near.whole)), expected, "{typed}");
        }
    }
}
