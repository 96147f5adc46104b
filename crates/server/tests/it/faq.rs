//! Answers to what is asked often: found, in the reader's language, and kept by caches no longer than they are true.

use std::fs;

use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderName, HeaderValue};

use crate::support::{Airline, Reply, request, send};

async fn get(airline: &Airline, path: &str, with: &[(HeaderName, &str)]) -> Reply {
    let mut asked = request("GET", path, None, None, None);
    for (name, value) in with {
        asked.headers_mut().insert(name, HeaderValue::from_str(value).expect("a value"));
    }
    send(airline.router(), asked).await
}

#[tokio::test]
async fn answers_are_found_in_the_readers_language_and_can_be_cached() {
    let airline = Airline::new().await;
    let all = get(&airline, "/faq", &[]).await.expect(200);
    let header =
        |reply: &Reply, name| reply.headers.get(name).map(|value| value.to_str().expect("text").to_owned());
    assert!(header(&all, CACHE_CONTROL).is_some_and(|value| value.starts_with("public, max-age=300")));
    assert_eq!(header(&all, VARY).map(|value| value.to_lowercase().contains("accept-language")), Some(true));
    assert_eq!(all.json["sections"].as_array().map(Vec::len), Some(8));
    let found = get(&airline, "/faq?q=luggage+weight", &[]).await.expect(200);
    assert_eq!(found.text("/articles/0/id"), "baggage-allowance");
    let english = get(&airline, "/faq/check-in-when", &[]).await.expect(200);
    let hindi = get(&airline, "/faq/check-in-when", &[(ACCEPT_LANGUAGE, "hi-IN")]).await.expect(200);
    assert_ne!(english.text("/html"), hindi.text("/html"));
    assert_eq!(
        (header(&english, CONTENT_LANGUAGE), header(&hindi, CONTENT_LANGUAGE)),
        (Some("en".into()), Some("hi".into()))
    );
    // The same again is not sent again; another language is.
    let tag = header(&english, ETAG).expect("a tag");
    for known in [tag.clone(), format!("\"x\", W/{tag}")] {
        let same = get(&airline, "/faq/check-in-when", &[(IF_NONE_MATCH, &known)]).await.expect(304);
        assert!(same.bytes.is_empty());
    }
    get(&airline, "/faq/check-in-when", &[(IF_NONE_MATCH, &tag), (ACCEPT_LANGUAGE, "hi")]).await.expect(200);
    get(&airline, "/faq/no-such-thing", &[]).await.expect(404);
    get(&airline, &format!("/faq?q={}", "x".repeat(201)), &[]).await.expect(422);
}

#[tokio::test]
async fn an_airline_writes_answers_of_its_own() {
    let folder = std::env::temp_dir().join(format!("udaan-faq-{}", std::process::id()));
    fs::create_dir_all(folder.join("en")).expect("a folder");
    let file = folder.join("en/pets.md");
    fs::write(
        &file,
        "+++\ntitle = \"May my cat come along?\"\nsection = \"baggage\"\norder = 1\n+++\nYes.\n",
    )
    .expect("written");
    let place = folder.display().to_string();
    let airline = Airline::with(|config| config.faq.folder = place.clone()).await;
    let hindi = get(&airline, "/faq?q=cats", &[(ACCEPT_LANGUAGE, "hi")]).await.expect(200);
    assert_eq!(
        (hindi.text("/articles/0/id"), hindi.text("/articles/0/language")),
        ("pets".into(), "en".into())
    );
    // An article that cannot be read keeps the server from starting, and is named.
    fs::write(&file, "Yes.").expect("written");
    let mut config = airline.app.config.clone();
    config.faq.folder = place;
    let error = server::App::new(config, airline.keys(), airline.clock.clone()).err().expect("refused");
    assert!(format!("{error:#}").contains("pets.md"), "{error:#}");
    fs::remove_dir_all(&folder).expect("removed");
}
