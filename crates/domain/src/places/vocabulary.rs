//! The words of all names, sorted, each with the entries that have it.

use std::collections::HashMap;
use std::ops::Range;

use super::typos::{self, Lexicon, Near};

/// That an entry has a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting {
    pub(super) entry: usize,
    /// The word is only in the name of the state or province around it.
    pub(super) region: bool,
}

/// The words are kept as letters, because errors are counted in letters and not in bytes.
#[derive(Debug)]
pub(super) struct Vocabulary {
    lexicon: Lexicon,
    /// Where the postings of each word begin; one more at the end.
    starts: Vec<usize>,
    postings: Vec<Posting>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self { lexicon: Lexicon::default(), starts: vec![0], postings: Vec::new() }
    }
}

impl Vocabulary {
    pub(super) fn new(postings_of: HashMap<String, Vec<Posting>>) -> Self {
        let mut words: Vec<(String, Vec<Posting>)> = postings_of.into_iter().collect();
        words.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut vocabulary = Self::default();
        for (word, postings) in words {
            vocabulary.lexicon.push(word.chars().collect());
            vocabulary.postings.extend(postings);
            vocabulary.starts.push(vocabulary.postings.len());
        }
        vocabulary
    }

    /// The postings of all words that begin with `typed`.
    pub(super) fn beginning_with(&self, typed: &[char]) -> &[Posting] {
        let words = self.range(typed);
        &self.postings[self.starts[words.start]..self.starts[words.end]]
    }

    /// Hands each posting of a word like `typed` to `each`: words that begin with it, and words that begin with it but
    /// for as many typing errors as its length allows.
    pub(super) fn like(&self, typed: &[char], mut each: impl FnMut(Near, Posting)) {
        let mut hand_out = |word: usize, near: Near| {
            for posting in &self.postings[self.starts[word]..self.starts[word + 1]] {
                each(near, *posting);
            }
        };
        match typos::allowed(typed.len()) {
            0 => {
                for word in self.range(typed) {
                    let whole = self.lexicon.words()[word].len() == typed.len();
                    hand_out(word, Near { errors: 0, whole });
                }
            }
            allowed => self.lexicon.near(typed, allowed, |word, near| {
                // People seldom miss the first letter: that and the end still to come is too little to tell.
                if near.whole || self.lexicon.words()[word].first() == typed.first() {
                    hand_out(word, near);
                }
            }),
        }
    }

    fn range(&self, typed: &[char]) -> Range<usize> {
        let words = self.lexicon.words();
        let first = words.partition_point(|word| **word < *typed);
        let count = words[first..].partition_point(|word| word.starts_with(typed));
        first..first + count
    }
}
