//! What mails say: texts of the message catalogue (`mail-…`), filled in, as plain text and as simple HTML.

use jiff::SignedDuration;
use platform::messages::{Locale, Messages};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    /// To a new account: show that the address is yours.
    VerifyAddress,
    /// To an account whose address was registered again.
    AccountExists,
    /// To whoever forgot their password.
    ResetPassword,
    /// A password was set.
    PasswordChanged,
    /// A second factor was added.
    SecondFactorAdded,
    /// One was taken away.
    SecondFactorRemoved,
    /// All were taken away by the airline.
    SecondFactorsReset,
    /// Recovery codes were made anew.
    RecoveryCodesMade,
    /// To the new address of an account: show that it is yours.
    ConfirmAddress,
    /// To the old address: it was changed, and this is the way back.
    AddressChanged,
    /// To the contact of a booking: the code that shows all of it.
    RecordCode,
    /// A provider's identity opens the account from now on.
    ProviderLinked,
    /// The same, of an account that was never confirmed and is its address's owner's from now on.
    ProviderConfirmed,
    /// The account is gone.
    AccountDeleted,
}

impl Template {
    /// Every template.
    pub const ALL: [Self; 14] = [
        Self::VerifyAddress,
        Self::AccountExists,
        Self::ResetPassword,
        Self::PasswordChanged,
        Self::SecondFactorAdded,
        Self::SecondFactorRemoved,
        Self::SecondFactorsReset,
        Self::RecoveryCodesMade,
        Self::ConfirmAddress,
        Self::AddressChanged,
        Self::RecordCode,
        Self::ProviderLinked,
        Self::ProviderConfirmed,
        Self::AccountDeleted,
    ];

    /// Its name in the database and, after `mail-`, in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyAddress => "verify-address",
            Self::AccountExists => "account-exists",
            Self::ResetPassword => "reset-password",
            Self::PasswordChanged => "password-changed",
            Self::SecondFactorAdded => "second-factor-added",
            Self::SecondFactorRemoved => "second-factor-removed",
            Self::SecondFactorsReset => "second-factors-reset",
            Self::RecoveryCodesMade => "recovery-codes-made",
            Self::ConfirmAddress => "confirm-address",
            Self::AddressChanged => "address-changed",
            Self::RecordCode => "record-code",
            Self::ProviderLinked => "provider-linked",
            Self::ProviderConfirmed => "provider-confirmed",
            Self::AccountDeleted => "account-deleted",
        }
    }

    /// The template of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.as_str() == name)
    }

    /// After this long there is no point in sending it: what it carries is over, or it is no news.
    pub(super) fn worth_sending_for(self) -> SignedDuration {
        match self {
            Self::RecordCode => SignedDuration::from_mins(10),
            Self::ResetPassword => SignedDuration::from_mins(30),
            _ => SignedDuration::from_hours(24),
        }
    }
}

/// A mail's content: which text, filled in with what.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Which text.
    pub template: Template,
    /// Arguments of the text.
    pub args: Vec<(&'static str, String)>,
    /// What the reader is to open; the text has a label for it (`.action`).
    pub link: Option<String>,
}

/// What a mail says that tells a notification, made when it is sent.
#[derive(Clone, Debug)]
pub struct Notice {
    /// One line.
    pub subject: String,
    /// What there is to say.
    pub paragraphs: Vec<String>,
    /// The label of a link, and where it leads.
    pub link: Option<(String, String)>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// What it is about for programs that read mails (JSON-LD); null for nothing.
    pub linked: Value,
    /// What mails of one matter have in common: mail programs show them together (`References`, RFC 5322 section 3.6.4).
    pub thread: Option<String>,
    /// The label of a link that ends mails of its kind, and where it leads.
    pub end: Option<(String, String)>,
}

/// A file that comes with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is sealed of a queued mail.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) to: String,
    args: Vec<(String, String)>,
    link: Option<String>,
    /// It goes to the contact of a booking as well, and says nothing that somebody typed.
    #[serde(default)]
    pub(super) is_copy: bool,
}

impl Content {
    pub(super) fn new(to: &str, letter: &Letter) -> Self {
        let args = letter.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { to: to.to_owned(), args, link: letter.link.clone(), is_copy: false }
    }

    /// Of a mail that tells a notification.
    pub(super) fn of_notice(to: &str, is_copy: bool) -> Self {
        Self { to: to.to_owned(), args: Vec::new(), link: None, is_copy }
    }
}

/// A mail as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
    pub(super) attachments: Vec<Attachment>,
    pub(super) thread: Option<String>,
    /// Where mails like it end (`List-Unsubscribe`, RFC 2369 section 3.2).
    pub(super) end: Option<String>,
}

/// The names an argument can have; a text has no others.
const ARGUMENTS: [&str; 7] = ["airline", "minutes", "hours", "code", "locator", "address", "provider"];

/// Fills the texts in.
pub(super) fn write(
    messages: &Messages,
    locale: Locale,
    airline: &str,
    template: Template,
    content: &Content,
) -> Written {
    let mut args = vec![("airline", one_line(airline))];
    for (name, value) in &content.args {
        args.extend(ARGUMENTS.iter().find(|known| *known == name).map(|known| (*known, one_line(value))));
    }
    let id = format!("mail-{}", template.as_str());
    let say = |id: &str| messages.text(locale, id, &args);
    let link = content.link.as_deref().map(|link| (say(&format!("{id}.action")), link));
    let body = say(&id);
    let paragraphs: Vec<String> = body.split("\n\n").map(|part| part.trim().replace('\n', " ")).collect();
    let close = say("mail-signature");
    Written {
        subject: one_line(&say(&format!("{id}.subject"))),
        text: plain(&paragraphs, link.as_ref(), &Close { text: close.clone(), end: None }),
        html: markup(locale, &paragraphs, link.as_ref(), (&Close { text: close, end: None }, &Value::Null)),
        attachments: Vec::new(),
        thread: None,
        end: None,
    }
}

/// The same of a notification.
pub(super) fn write_notice(messages: &Messages, locale: Locale, airline: &str, notice: Notice) -> Written {
    let text = messages.text(locale, "mail-signature", &[("airline", one_line(airline))]);
    let close = Close { text, end: notice.end };
    let paragraphs: Vec<String> = notice.paragraphs.iter().map(|text| one_line(text)).collect();
    let link = notice.link.as_ref().map(|(label, link)| (label.clone(), link.as_str()));
    Written {
        subject: one_line(&notice.subject),
        text: plain(&paragraphs, link.as_ref(), &close),
        html: markup(locale, &paragraphs, link.as_ref(), (&close, &notice.linked)),
        attachments: notice.attachments,
        thread: notice.thread,
        end: close.end.map(|(_, link)| link),
    }
}

/// What stands under a mail: who it is from, and where mails like it end.
struct Close {
    text: String,
    end: Option<(String, String)>,
}

fn plain(paragraphs: &[String], link: Option<&(String, &str)>, close: &Close) -> String {
    let mut parts = paragraphs.to_vec();
    parts.extend(link.map(|(label, link)| format!("{label}:\n{link}")));
    let end = close.end.as_ref().map(|(label, link)| format!("\n{label}:\n{link}"));
    parts.push(format!("-- \n{}{}", close.text, end.unwrap_or_default()));
    parts.join("\n\n") + "\n"
}

fn markup(
    locale: Locale,
    paragraphs: &[String],
    link: Option<&(String, &str)>,
    (close, linked): (&Close, &Value),
) -> String {
    let mut body: Vec<String> = paragraphs.iter().map(|part| format!("<p>{}</p>", escape(part))).collect();
    body.extend(link.map(|(label, link)| {
        format!("<p><a href=\"{0}\">{1}</a></p>\n<p><small>{0}</small></p>", escape(link), escape(label))
    }));
    body.push(format!("<p><small>{}</small></p>", escape(&close.text)));
    body.extend(close.end.as_ref().map(|(label, link)| {
        format!("<p><small><a href=\"{}\">{}</a></small></p>", escape(link), escape(label))
    }));
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">{}</head>\n<body style=\"font-family: sans-serif\">\n{}\n</body></html>\n",
        locale.tag(),
        script(linked),
        body.join("\n")
    )
}

/// JSON-LD in a page. What people write cannot end the element: `<` stands in it as an escape of JSON.
fn script(linked: &Value) -> String {
    if linked.is_null() {
        return String::new();
    }
    let json = linked.to_string().replace('<', "\\u003c");
    format!("\n<script type=\"application/ld+json\">{json}</script>\n")
}

pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Without line ends and other control characters, so that no value makes a paragraph or a header.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(locale: Locale, template: Template, link: Option<&str>, args: &[(&str, &str)]) -> Written {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let content = Content { to: "a@b.co".into(), args, link: link.map(str::to_owned), is_copy: false };
        write(&crate::app::messages().expect("texts"), locale, "Udaan", template, &content)
    }

    #[test]
    fn every_text_is_there_in_every_language_and_wants_no_argument_it_is_not_given() {
        let messages = crate::app::messages().expect("texts");
        for (template, locale) in Template::ALL.into_iter().flat_map(|t| Locale::ALL.map(|l| (t, l))) {
            let id = format!("mail-{}", template.as_str());
            assert!(messages.has(locale, &id) && messages.has(locale, &format!("{id}.subject")), "{id}");
            let args = ARGUMENTS.map(|name| (name, "7"));
            let mail = written(locale, template, Some("https://x.example/#a=b"), &args);
            for text in [&mail.subject, &mail.text, &mail.html] {
                assert!(!text.contains(['{', '}']) && !text.contains("mail-"), "{id}: {text}");
            }
            assert_eq!(Template::parse(template.as_str()), Some(template));
        }
        assert_eq!(Template::parse("advertisement"), None);
    }

    #[test]
    fn what_is_linked_is_data_and_never_ends_its_element() {
        let linked = serde_json::json!([{"name": "</script><script>alert(1)</script>"}]);
        let element = script(&linked);
        assert_eq!(element.matches("</script>").count(), 1, "{element}");
        let json = element.trim().strip_prefix("<script type=\"application/ld+json\">").expect("a script");
        let json = json.strip_suffix("</script>").expect("its end");
        assert_eq!(serde_json::from_str::<Value>(json).expect("JSON"), linked);
        assert_eq!(script(&Value::Null), "");
    }

    #[test]
    fn what_people_write_becomes_neither_markup_nor_a_line() {
        let hostile = "<script>alert(1)</script>\r\nBcc: x@y.zz\r\n\r\n& 'more'";
        let mail =
            written(Locale::En, Template::RecordCode, None, &[("code", hostile), ("locator", hostile)]);
        assert!(!mail.html.contains("<script") && mail.html.contains("&lt;script&gt;"), "{}", mail.html);
        assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
        assert!(!mail.text.contains("\nBcc") && !mail.text.contains('\r'), "{}", mail.text);
        let quoted = written(Locale::En, Template::VerifyAddress, Some("https://x/\"><b>"), &[]);
        assert!(!quoted.html.contains("<b>"), "{}", quoted.html);
    }
}
