//! The way to PostgreSQL over TLS: only to a server that proves to be who it is taken for, and never in the clear instead.

use ::platform::config::Database;
use ::platform::db::{Db, is_in_the_open, server_version};
use testkit::TestDb;
use testkit::proxy::PgProxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::support::protected::fixture;

/// What a client asks first when it wants TLS: a length, and a number that is no version (PostgreSQL's protocol, `SSLRequest`).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// PostgreSQL behind somebody who speaks TLS, or who says that it does not. Ends with the runtime.
async fn served(database: &Database, tls: Option<TlsAcceptor>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server: tokio_postgres::Config = database.url.parse().expect("a URL");
    let behind = *server.get_ports().first().expect("a port");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let tls = tls.clone();
            tokio::spawn(async move {
                let mut asked = [0; 8];
                client.read_exact(&mut asked).await?;
                assert_eq!(asked, SSL_REQUEST, "it was asked for something else before TLS");
                let Some(tls) = tls else { return client.write_all(b"N").await };
                client.write_all(b"S").await?;
                let mut client = tls.accept(client).await?;
                let mut server = TcpStream::connect(("127.0.0.1", behind)).await?;
                copy_bidirectional(&mut client, &mut server).await.map(|_| ())
            });
        }
    });
    port
}

/// What a pool makes of a server at `localhost` or elsewhere.
async fn reach(database: &Database, host: &str, port: u16, ca_file: &str) -> Result<(), String> {
    let server: tokio_postgres::Config = database.url.parse().expect("a URL");
    let (user, name) = (server.get_user().expect("a user"), server.get_dbname().expect("a database"));
    let url = format!("postgresql://{user}@{host}:{port}/{name}?sslmode=require");
    let config = Database { url, ca_file: ca_file.into(), ..database.clone() };
    let db = Db::new(&config).map_err(|error| error.to_string())?;
    server_version(&db).await.map(|_| ()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn only_a_server_that_proves_who_it_is_is_asked_anything() {
    let test = TestDb::empty().await.expect("a database");
    let proxy = PgProxy::start(&test.config).await.expect("a proxy");
    let (database, ca) = (proxy.database(), fixture("ca.pem"));
    let tls = testkit::tls::acceptor(fixture("receiver.pem").as_ref(), fixture("receiver.key").as_ref())
        .expect("TLS");
    let port = served(&database, Some(tls)).await;
    assert_eq!(reach(&database, "localhost", port, &ca).await, Ok(()));
    // A certificate for another name, one of an authority nobody named, and a server that has none.
    assert!(reach(&database, "127.0.0.1", port, &ca).await.is_err());
    assert!(reach(&database, "localhost", port, "").await.is_err());
    let plain = served(&database, None).await;
    let refused = reach(&database, "localhost", plain, &ca).await.expect_err("no TLS");
    assert!(refused.contains("TLS"), "{refused}");
    let unread = reach(&database, "localhost", port, "/nowhere.pem").await.expect_err("no such file");
    assert!(unread.contains("database.ca_file /nowhere.pem"), "{unread}");
}

#[test]
fn what_goes_to_another_host_in_the_clear_is_known() {
    for (url, open) in [
        ("postgresql://udaan@/udaan?host=/run/postgresql", false),
        ("postgresql://udaan@localhost/udaan", false),
        ("postgresql://udaan@127.0.0.1/udaan", false),
        ("postgresql://udaan@[::1]/udaan", false),
        ("postgresql://udaan@db.example/udaan", true),
        ("postgresql://udaan@10.0.0.7/udaan?sslmode=prefer", true),
        ("postgresql://udaan@localhost,db.example/udaan", true),
        ("postgresql://udaan@db.example/udaan?sslmode=require", false),
    ] {
        assert_eq!(is_in_the_open(url), open, "{url}");
    }
}
