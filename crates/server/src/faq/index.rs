//! Finding the article that answers a question: by BM25 over its words, those of its title and keywords counting more. English words
//! are cut to their stems; the last letters of Hindi ones say less than the rest, so a word that is not known is also looked for by its beginning.

use std::collections::BTreeSet;

use bm25::{Document, SearchEngine, SearchEngineBuilder, Tokenizer};
use rust_stemmers::{Algorithm, Stemmer};
use unicode_segmentation::UnicodeSegmentation;

use super::article::Article;

/// How much more a word of the title and one of the keywords count than one of the text.
const TITLE_COUNTS: usize = 4;
const KEYWORD_COUNTS: usize = 3;
/// Articles that a question finds at most.
const FOUND_MOST: usize = 10;
/// A word that is not in any article is taken for the beginning of others, if it has so many letters, and of so many at most.
const BEGINNING_MIN: usize = 3;
const BEGINNINGS_MOST: usize = 8;

/// Words that stand in every question.
const STOP_WORDS: [&str; 60] = [
    "a",
    "about",
    "am",
    "an",
    "and",
    "are",
    "at",
    "be",
    "by",
    "can",
    "do",
    "does",
    "for",
    "from",
    "how",
    "i",
    "if",
    "in",
    "is",
    "it",
    "me",
    "must",
    "my",
    "not",
    "of",
    "on",
    "or",
    "the",
    "there",
    "to",
    "was",
    "what",
    "when",
    "where",
    "which",
    "who",
    "will",
    "with",
    "you",
    "your",
    "का",
    "की",
    "के",
    "को",
    "से",
    "में",
    "है",
    "हैं",
    "और",
    "क्या",
    "मैं",
    "मेरा",
    "मेरी",
    "मेरे",
    "कैसे",
    "कब",
    "कहाँ",
    "पर",
    "तो",
    "यह",
];

struct Words(Stemmer);

impl Default for Words {
    fn default() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }
}

impl Tokenizer for Words {
    fn tokenize(&self, text: &str) -> Vec<String> {
        let lower = text.to_lowercase();
        let words = lower.unicode_words().filter(|word| !STOP_WORDS.contains(word));
        // The stemmer leaves what is not Latin as it is.
        words.map(|word| self.0.stem(word).into_owned()).collect()
    }
}

pub(super) struct Index {
    engine: SearchEngine<u32, u32, Words>,
    known: BTreeSet<String>,
}

impl Index {
    pub(super) fn new(articles: &[Article]) -> Self {
        let texts: Vec<String> = articles.iter().map(text).collect();
        let documents = (0..).zip(&texts).map(|(id, text)| Document::new(id, text.as_str()));
        let words = Words::default();
        let known = texts.iter().flat_map(|text| words.tokenize(text)).collect();
        let engine = SearchEngineBuilder::with_tokenizer_and_documents(words, documents.collect::<Vec<_>>());
        Self { engine: engine.build(), known }
    }

    /// The places of the articles that answer a question, the best first.
    pub(super) fn search(&self, question: &str) -> Vec<usize> {
        let words = Words::default().tokenize(question);
        let asked: Vec<&str> = words.iter().flat_map(|word| self.words_for(word)).collect();
        let found = self.engine.search(&asked.join(" "), FOUND_MOST);
        found.iter().filter_map(|result| usize::try_from(result.document.id).ok()).collect()
    }

    /// The word itself if an article has it; else those that begin with it.
    fn words_for<'a>(&'a self, word: &'a str) -> Vec<&'a str> {
        if self.known.contains(word) || word.chars().count() < BEGINNING_MIN {
            return vec![word];
        }
        let following = self.known.range(word.to_owned()..).take_while(|known| known.starts_with(word));
        following.take(BEGINNINGS_MOST).map(String::as_str).collect()
    }
}

fn text(article: &Article) -> String {
    let title = std::iter::repeat_n(article.title.as_str(), TITLE_COUNTS);
    let keywords =
        article.keywords.iter().flat_map(|word| std::iter::repeat_n(word.as_str(), KEYWORD_COUNTS));
    title.chain(keywords).chain([article.markdown.as_str()]).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use platform::messages::Locale;

    use super::super::article::Faq;

    #[test]
    fn questions_as_people_ask_them_find_their_answer_first() {
        let faq = Faq::load("").expect("articles");
        for (locale, question, expected) in [
            (Locale::En, "How many kg of luggage can I bring?", "baggage-allowance"),
            (Locale::En, "when does online check in open", "check-in-when"),
            (Locale::En, "CANCELLING my booking: fees?", "change-cancel"),
            (Locale::En, "power banks", "baggage-dangerous"),
            (Locale::En, "wheelch", "assistance"),
            (Locale::En, "forgot my password", "account-password"),
            (Locale::En, "boarding passes", "check-in-boarding-pass"),
            (Locale::Hi, "पासपोर्ट और वीज़ा", "check-in-documents"),
            (Locale::Hi, "व्हीलचे", "assistance"),
            (Locale::Hi, "सामान का वज़न", "baggage-allowance"),
        ] {
            let found = faq.search(locale, question);
            assert_eq!(found.first().map(|article| article.id.as_str()), Some(expected), "{question}");
        }
        for nothing in ["", "the of and", "zzzzzz", "🦀"] {
            assert!(faq.search(Locale::En, nothing).is_empty(), "{nothing}");
        }
    }
}
