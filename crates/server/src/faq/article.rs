//! Articles as they are written: Markdown with front matter (TOML between lines of `+++`), a file for each language.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use include_dir::{Dir, include_dir};
use platform::messages::Locale;
use pulldown_cmark::{Event, Parser, TagEnd, html};
use serde::Deserialize;

use super::index::Index;

/// The articles that come with the binary.
static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../data/faq");

/// The sections, in the order in which they are shown; their titles are in the message catalogue.
pub(super) const SECTIONS: [&str; 8] =
    ["booking", "payment", "changes", "check_in", "baggage", "disruption", "assistance", "account"];
/// Longest text that stands for an article in a list, characters.
const SUMMARY_MAX: usize = 200;

/// What stands over an article.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    section: String,
    /// Its place in the section.
    order: u32,
    /// Words by which it is found that are not in it.
    #[serde(default)]
    keywords: Vec<String>,
}

/// An article in one language.
#[derive(Clone, Debug)]
pub(super) struct Article {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) section: &'static str,
    pub(super) order: u32,
    pub(super) keywords: Vec<String>,
    pub(super) markdown: String,
    pub(super) html: String,
    /// The beginning of it as plain text.
    pub(super) summary: String,
    /// The language it is written in: English where another has none.
    pub(super) language: Locale,
}

/// All articles in all languages.
pub struct Faq {
    by_locale: BTreeMap<&'static str, (Vec<Article>, Index)>,
}

impl Faq {
    /// The articles of a folder with one for each language (`en/`, `hi/`); those of the binary if its name is empty.
    pub fn load(folder: &str) -> anyhow::Result<Self> {
        let read = |locale: Locale| match folder {
            "" => built_in(locale),
            folder => in_folder(&Path::new(folder).join(locale.tag())),
        };
        let english = articles(Locale::En, &read(Locale::En)?)?;
        anyhow::ensure!(!english.is_empty(), "faq.folder = {folder:?} has no articles in en/");
        let mut by_locale = BTreeMap::new();
        for locale in Locale::ALL {
            let own = articles(locale, &read(locale)?)?;
            let lacking = english.iter().filter(|article| own.iter().all(|one| one.id != article.id));
            let mut all: Vec<Article> = own.iter().chain(lacking).cloned().collect();
            all.sort_by_key(|article| (place(article.section), article.order, article.id.clone()));
            let index = Index::new(&all);
            by_locale.insert(locale.tag(), (all, index));
        }
        Ok(Self { by_locale })
    }

    fn of(&self, locale: Locale) -> Option<&(Vec<Article>, Index)> {
        self.by_locale.get(locale.tag())
    }

    /// All articles of a language, in order.
    pub(super) fn all(&self, locale: Locale) -> &[Article] {
        self.of(locale).map_or(&[], |(articles, _)| articles)
    }

    /// One of them.
    pub(super) fn find(&self, locale: Locale, id: &str) -> Option<&Article> {
        self.all(locale).iter().find(|article| article.id == id)
    }

    /// Those that answer a question, the best first.
    pub(super) fn search(&self, locale: Locale, question: &str) -> Vec<&Article> {
        let Some((articles, index)) = self.of(locale) else { return Vec::new() };
        index.search(question).into_iter().filter_map(|place| articles.get(place)).collect()
    }
}

fn place(section: &str) -> Option<usize> {
    SECTIONS.iter().position(|known| *known == section)
}

/// Name and text of each article.
type Files = BTreeMap<String, String>;

fn built_in(locale: Locale) -> anyhow::Result<Files> {
    let folder = BUILT_IN.get_dir(locale.tag()).context("no folder")?;
    let text = |file: &include_dir::File<'_>| {
        let text = file.contents_utf8().context("no UTF-8")?;
        Ok((file.path().display().to_string(), text.to_owned()))
    };
    folder.files().map(text).collect()
}

/// A language without a folder has no articles of its own.
fn in_folder(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "md") {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            files.insert(path.display().to_string(), text);
        }
    }
    Ok(files)
}

fn articles(locale: Locale, files: &Files) -> anyhow::Result<Vec<Article>> {
    files.iter().map(|(name, text)| article(locale, name, text).with_context(|| name.clone())).collect()
}

fn article(locale: Locale, name: &str, text: &str) -> anyhow::Result<Article> {
    let rest = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let rest = rest.strip_prefix("+++\n").context("line 1 must be +++, and front matter follow it")?;
    let (front, markdown) = rest.split_once("\n+++\n").context("front matter must end with a line of +++")?;
    let front: FrontMatter = toml::from_str(front).context("front matter")?;
    let known = SECTIONS.into_iter().find(|known| *known == front.section);
    let section = known.with_context(|| format!("section must be one of {}", SECTIONS.join(", ")))?;
    let id = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    anyhow::ensure!(plain, "an article's name has small letters and hyphens");
    anyhow::ensure!(!front.title.trim().is_empty(), "title is empty");
    anyhow::ensure!(!markdown.trim().is_empty(), "there is no text");
    Ok(Article {
        id,
        title: front.title.trim().to_owned(),
        section,
        order: front.order,
        keywords: front.keywords,
        html: to_html(markdown),
        summary: summary(markdown),
        markdown: markdown.trim().to_owned(),
        language: locale,
    })
}

/// Markdown as HTML. Tags that stand in it are shown as text: whoever writes articles writes no scripts.
fn to_html(markdown: &str) -> String {
    let events = Parser::new(markdown).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        event => event,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

/// The first words, without marks.
fn summary(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => {
                text.push(' ');
            }
            _ => {}
        }
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= SUMMARY_MAX {
        return words;
    }
    let cut: String = words.chars().take(SUMMARY_MAX).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole} …")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_article_is_there_in_each_language() {
        let faq = Faq::load("").expect("articles");
        assert!(faq.all(Locale::En).len() > 15);
        for article in faq.all(Locale::Hi) {
            assert_eq!(article.language, Locale::Hi, "{}", article.id);
        }
        let ids = |locale| faq.all(locale).iter().map(|article| article.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(Locale::En), ids(Locale::Hi));
        for section in SECTIONS {
            assert!(faq.all(Locale::En).iter().any(|article| article.section == section), "{section}");
        }
    }

    #[test]
    fn what_stands_wrong_is_named() {
        let good = "+++\ntitle = \"T\"\nsection = \"booking\"\norder = 1\n+++\nText.";
        assert!(article(Locale::En, "en/some-thing.md", good).is_ok());
        for (name, text, says) in [
            ("a.md", "Text.".to_owned(), "line 1"),
            ("a.md", "+++\ntitle = \"T\"\nText.".to_owned(), "must end"),
            ("a.md", good.replace("booking", "cats"), "section must be one of booking"),
            ("a.md", good.replace("order", "colour"), "front matter"),
            ("A b.md", good.to_owned(), "small letters"),
            ("a.md", good.replace("Text.", " "), "no text"),
        ] {
            let error = article(Locale::En, name, &text).expect_err(&text);
            assert!(format!("{error:#}").contains(says), "{error:#}");
        }
    }

    #[test]
    fn tags_in_an_article_are_text() {
        let html = to_html("A <script>alert(1)</script> **b** [c](/d)\n\n<iframe src=x>\n");
        assert!(!html.contains("<script") && !html.contains("<iframe"), "{html}");
        assert!(html.contains("<strong>b</strong>") && html.contains("<a href=\"/d\">c</a>"), "{html}");
    }

    #[test]
    fn summaries_end_at_a_word() {
        assert_eq!(summary("**Yes**, if\nyou `can`.\n\n- one\n"), "Yes, if you can. one");
        assert!(summary(&"word ".repeat(100)).ends_with("word …"));
    }
}
