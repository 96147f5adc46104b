//! `GET /faq` and `GET /faq/{id}`: answers, for everybody and for every cache between.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::http::problem::Outcome;
use platform::http::{Path, Problem, Query};
use platform::messages::Locale;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::article::{Article, SECTIONS};
use crate::app::App;

/// An article changes with a release or a restart: five minutes late is soon enough, and a day while the server is away.
const KEPT: &str = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=86400";
const QUESTION_MAX: usize = 200;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FaqQuery {
    /// A question, or words of one; at most 200 characters. Ten articles at most, the best first.
    #[param(example = "power bank")]
    q: Option<String>,
}

/// A group of articles.
#[derive(Serialize, ToSchema)]
pub(super) struct FaqSection {
    #[schema(example = "check_in")]
    id: &'static str,
    title: String,
}

/// An article in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct FaqEntry {
    #[schema(example = "check-in-when")]
    id: String,
    /// Of which section.
    #[schema(example = "check_in")]
    section: &'static str,
    title: String,
    /// How it begins, as plain text.
    summary: String,
    /// `en` or `hi`: English where an article has no other.
    language: &'static str,
}

/// Sections and articles, in order; or the articles that answer a question, the best first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"sections": [{"id": "check_in", "title": "Check-in"}], "articles": [{"id": "check-in-when", "section": "check_in",
    "title": "When can I check in?", "summary": "Online from 48 hours before departure …", "language": "en"}]}))]
pub(super) struct FaqList {
    sections: Vec<FaqSection>,
    articles: Vec<FaqEntry>,
}

/// An article.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "check-in-when", "section": "check_in", "title": "When can I check in?",
    "html": "<p>Online from 48 hours before departure …</p>", "markdown": "Online from 48 hours before departure …", "language": "en"}))]
pub(super) struct FaqArticle {
    id: String,
    section: &'static str,
    title: String,
    /// Paragraphs, lists, emphasis and links; nothing that runs.
    html: String,
    markdown: String,
    /// `en` or `hi`.
    language: &'static str,
}

/// Answers to what is asked often, in the language of `Accept-Language`. An answer may be kept for five minutes; asked again with
/// `If-None-Match` it is 304 if nothing has changed.
#[utoipa::path(get, path = "/faq", tag = "support", params(FaqQuery),
    responses((status = 200, description = "Sections and articles", body = FaqList), (status = 304, description = "Nothing has changed")))]
pub(super) async fn list_articles(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    headers: HeaderMap,
    Query(query): Query<FaqQuery>,
) -> Outcome<Response> {
    let question = query.q.as_deref().map(str::trim).filter(|question| !question.is_empty());
    if question.is_some_and(|question| question.chars().count() > QUESTION_MAX) {
        return Err(Problem::invalid("q", format!("it must have at most {QUESTION_MAX} characters")));
    }
    let articles: Vec<&Article> = match question {
        Some(question) => app.faq.search(locale, question),
        None => app.faq.all(locale).iter().collect(),
    };
    let title = |id| app.messages.text(locale, &format!("faq-section-{id}").replace('_', "-"), &[]);
    let sections = SECTIONS.into_iter().map(|id| FaqSection { id, title: title(id) }).collect();
    let list = FaqList { sections, articles: articles.into_iter().map(entry).collect() };
    cached(&headers, locale, &list)
}

fn entry(article: &Article) -> FaqEntry {
    FaqEntry {
        id: article.id.clone(),
        section: article.section,
        title: article.title.clone(),
        summary: article.summary.clone(),
        language: article.language.tag(),
    }
}

/// One answer, as HTML and as Markdown.
#[utoipa::path(get, path = "/faq/{id}", tag = "support",
    params(("id" = String, Path, description = "The article", example = "check-in-when")),
    responses((status = 200, description = "The article", body = FaqArticle), (status = 304, description = "Nothing has changed")))]
pub(super) async fn get_article(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Outcome<Response> {
    let article = app.faq.find(locale, &id).ok_or_else(Problem::not_found)?;
    let view = FaqArticle {
        id: article.id.clone(),
        section: article.section,
        title: article.title.clone(),
        html: article.html.clone(),
        markdown: article.markdown.clone(),
        language: article.language.tag(),
    };
    cached(&headers, article.language, &view)
}

/// JSON that caches may keep, by its content (RFC 9110 section 8.8.3, 13.1.2).
fn cached(asked: &HeaderMap, language: Locale, body: &impl Serialize) -> Result<Response, Problem> {
    let json = serde_json::to_vec(body).map_err(Problem::internal)?;
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&json)[..12]));
    let headers = [
        (CACHE_CONTROL, KEPT.to_owned()),
        (CONTENT_LANGUAGE, language.tag().to_owned()),
        (VARY, "accept-language".to_owned()),
        (ETAG, tag.clone()),
    ];
    let known = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // A proxy that compressed an answer marks its tag as weak.
    let is_known =
        known.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*");
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, headers, Body::empty()).into_response());
    }
    Ok((headers, [(CONTENT_TYPE, "application/json")], json).into_response())
}
