//! What an announcement says.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{AnnouncementId, UserId};
use platform::db::Sql;
use platform::http::Problem;
use platform::messages::Locale;
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::identity::api::user_key;
use crate::notify::store::NotificationRow;
use crate::notify::store::announcements::{self as store, AnnouncementRow, Kept};

const TITLE_MAX: usize = 120;
const TEXT_MAX: usize = 2_000;

/// A title and a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnnouncedText, example = json!({"title": "Strike at Atlanta", "text": "Security queues are long. Please come three hours early."}))]
pub(in crate::notify) struct Said {
    /// One line, 1 to 120 characters.
    pub(in crate::notify) title: String,
    /// 1 to 2,000 characters; an empty line begins a paragraph.
    pub(in crate::notify) text: String,
}

/// The same by language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnnouncedTexts, example = json!({"en": {"title": "Strike at Atlanta", "text": "Security queues are long. Please come three hours early."}, "hi": null}))]
pub(in crate::notify) struct Texts {
    /// English, and what is read in a language that has no text of its own.
    en: Said,
    /// Hindi.
    hi: Option<Said>,
}

impl Texts {
    /// Without spaces around; refusals name the text and what it should be.
    pub(super) fn checked(self) -> Result<Self, Problem> {
        let en = checked("en", &self.en)?;
        Ok(Self { en, hi: self.hi.map(|said| checked("hi", &said)).transpose()? })
    }

    /// In a language.
    fn into_language(self, locale: Locale) -> Said {
        match locale {
            Locale::En => self.en,
            Locale::Hi => self.hi.unwrap_or(self.en),
        }
    }

    /// What is kept of it: the airline's words as they are, and what is said to one account under its key.
    pub(super) fn kept(&self, app: &App, id: AnnouncementId, key: Option<&UserKey>) -> Result<Kept, Problem> {
        let texts = serde_json::to_value(self).map_err(Problem::internal)?;
        Ok(match key {
            None => Kept::Open(texts),
            Some(key) => Kept::Sealed(app.sealer.seal(key, place(id), texts.to_string().as_bytes())?),
        })
    }

    /// The texts of an announcement.
    pub(super) fn of(app: &App, row: &AnnouncementRow, key: Option<&UserKey>) -> Result<Self, Problem> {
        let texts = match &row.kept {
            Kept::Open(texts) => serde_json::from_value(texts.clone()),
            Kept::Sealed(sealed) => {
                let key = key.ok_or_else(|| Problem::internal(anyhow::anyhow!("{} needs a key", row.id)))?;
                serde_json::from_slice(&app.sealer.open(key, place(row.id), sealed)?)
            }
        };
        texts.map_err(Problem::internal)
    }
}

fn checked(language: &str, said: &Said) -> Result<Said, Problem> {
    let said = Said { title: said.title.trim().to_owned(), text: said.text.trim().replace("\r\n", "\n") };
    let fits = |text: &str, most: usize, allowed: fn(char) -> bool| {
        (1..=most).contains(&text.chars().count())
            && !text.chars().any(|one| one.is_control() && !allowed(one))
    };
    if !fits(&said.title, TITLE_MAX, |_| false) {
        let reason = format!("it must be one line of 1 to {TITLE_MAX} characters");
        return Err(Problem::invalid(&format!("texts.{language}.title"), reason));
    }
    if !fits(&said.text, TEXT_MAX, |one| one == '\n') {
        let reason = format!(
            "it must be 1 to {TEXT_MAX} characters, line ends among them and no other control characters"
        );
        return Err(Problem::invalid(&format!("texts.{language}.text"), reason));
    }
    Ok(said)
}

fn place(id: AnnouncementId) -> Place {
    Place::new("announcements.texts_sealed", id.uuid())
}

/// Which announcements these tell.
pub(in crate::notify) fn announced_in(rows: &[NotificationRow]) -> BTreeSet<AnnouncementId> {
    rows.iter().filter_map(|row| row.params.announcement).collect()
}

/// What these announcements say to somebody, in a language. What is not kept any more is left out.
pub(in crate::notify) async fn said_to(
    app: &App,
    sql: &Sql,
    (user, ids): (UserId, &BTreeSet<AnnouncementId>),
    locale: Locale,
) -> Result<BTreeMap<AnnouncementId, Said>, Problem> {
    let mut said = BTreeMap::new();
    if ids.is_empty() {
        return Ok(said);
    }
    let mut key = None;
    let is_theirs = |row: &AnnouncementRow| row.user.is_none_or(|owner| owner == user);
    for row in store::find(sql, ids).await?.into_iter().filter(is_theirs) {
        if key.is_none() && row.user.is_some() {
            key = Some(user_key(sql, &app.sealer, user).await?);
        }
        said.insert(row.id, Texts::of(app, &row, key.as_ref())?.into_language(locale));
    }
    Ok(said)
}
