//! The message catalogue: every text shown to a person, by locale, in Fluent files (projectfluent.org).

use std::collections::HashMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

/// The languages the airline speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Hindi.
    Hi,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Hi];

    /// The language tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Hi => "hi",
        }
    }

    /// The locale of a tag, whatever its region.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(language))
    }

    /// The best of an `Accept-Language` header (RFC 9110 section 12.5.4); English where nothing fits.
    pub fn negotiate(header: &str) -> Self {
        let weighed = header.split(',').take(16).filter_map(|range| {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight =
                parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())?;
            Some((Self::from_tag(tag)?, weight))
        });
        let best = weighed
            .filter(|(_, weight)| *weight > 0.0)
            .fold((Self::En, 0.0), |best, next| if next.1 > best.1 { next } else { best });
        best.0
    }
}

/// The catalogue. Built once at start; a missing message falls back to English, then to its own name.
pub struct Messages {
    bundles: HashMap<Locale, FluentBundle<FluentResource>>,
}

impl Messages {
    /// A catalogue from Fluent texts, one for each locale.
    pub fn new(texts: &[(Locale, &str)]) -> anyhow::Result<Self> {
        let mut bundles = HashMap::new();
        for (locale, text) in texts {
            let resource = FluentResource::try_new((*text).to_owned())
                .map_err(|(_, errors)| anyhow::anyhow!("messages {}: {errors:?}", locale.tag()))?;
            let tag: LanguageIdentifier = locale.tag().parse()?;
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // Isolation marks around arguments are for mixed right-to-left text; neither locale is.
            bundle.set_use_isolating(false);
            bundle
                .add_resource(resource)
                .map_err(|errors| anyhow::anyhow!("messages {}: {errors:?}", locale.tag()))?;
            bundles.insert(*locale, bundle);
        }
        Ok(Self { bundles })
    }

    /// Whether the locale itself has the message (or `message.attribute`).
    pub fn has(&self, locale: Locale, id: &str) -> bool {
        self.find(locale, id, None).is_some()
    }

    /// The text of `id` (or `id.attribute`) with its arguments filled in.
    pub fn text(&self, locale: Locale, id: &str, args: &[(&'static str, String)]) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in args {
            values.set(*name, value.as_str());
        }
        let found = self.find(locale, id, Some(&values)).or_else(|| self.find(Locale::En, id, Some(&values)));
        found.unwrap_or_else(|| id.to_owned())
    }

    fn find(&self, locale: Locale, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle = self.bundles.get(&locale)?;
        let (message, attribute) =
            id.split_once('.').map_or((id, None), |(message, attribute)| (message, Some(attribute)));
        let message = bundle.get_message(message)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        let mut errors = Vec::new();
        Some(bundle.format_pattern(pattern, args, &mut errors).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiates_by_weight() {
        for (header, locale) in [
            ("hi-IN,hi;q=0.9,en;q=0.8", Locale::Hi),
            ("fr,en;q=0.5,hi;q=0.4", Locale::En),
            ("en;q=0.2, hi;q=0.7", Locale::Hi),
            ("hi;q=0", Locale::En),
            ("", Locale::En),
            (";;;,q=", Locale::En),
        ] {
            assert_eq!(Locale::negotiate(header), locale, "{header}");
        }
    }

    #[test]
    fn falls_back_to_english_and_fills_in() {
        let english = "a = Hello { $name }\n    .title = Greeting\n";
        let messages =
            Messages::new(&[(Locale::En, english), (Locale::Hi, "b = नमस्ते\n")]).expect("a catalogue");
        assert_eq!(messages.text(Locale::Hi, "a", &[("name", "Asha".into())]), "Hello Asha");
        assert_eq!(messages.text(Locale::En, "a.title", &[]), "Greeting");
        assert!(!messages.has(Locale::Hi, "a"));
        assert_eq!(messages.text(Locale::Hi, "missing", &[]), "missing");
    }
}
