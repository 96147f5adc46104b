//! The database role that serves.

use super::six;

/// What `udaan serving-role` prints, run as it is: twice, as after each migration.
#[tokio::test]
async fn the_role_that_serves_adds_and_changes_nothing_that_must_stay() {
    let (airline, _) = six().await;
    let sql = airline.sql().await;
    let name = format!("serves_{}", airline.app.new_id(kernel::UserId::new).uuid().simple());
    let text = platform::db::serving_role(&name).expect("a name");
    for _ in 0..2 {
        sql.batch(&text).await.expect("made");
    }
    let insert = "INSERT INTO audit_records SELECT lane, gen_random_uuid(), recorded_at, actor, role, client, address, request_id,
        action, object, before, after FROM audit_records LIMIT 1";
    let mut statements = vec![
        (insert.to_owned(), true),
        ("UPDATE users SET name_sealed = name_sealed".to_owned(), true),
        ("DELETE FROM sessions".to_owned(), true),
        ("SELECT nextval(pg_get_serial_sequence(t.oid::regclass::text, a.attname)) FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
          WHERE pg_get_serial_sequence(t.oid::regclass::text, a.attname) IS NOT NULL AND t.relkind = 'r' AND a.attnum > 0 LIMIT 1".to_owned(), true),
        ("DELETE FROM schema_migrations".to_owned(), false),
    ];
    for table in ["ledger_postings", "audit_records", "audit_links"] {
        statements.push((format!("SELECT count(*) FROM {table}"), true));
        statements.push((format!("DELETE FROM {table}"), false));
        statements.push((format!("TRUNCATE {table}"), false));
        statements.push((format!("ALTER TABLE {table} DISABLE TRIGGER ALL"), false));
    }
    for (table, column) in
        [("ledger_postings", "currency"), ("audit_records", "role"), ("audit_links", "hash")]
    {
        statements.push((format!("UPDATE {table} SET {column} = {column}"), false));
    }
    for (statement, allowed) in statements {
        let tx = airline.app.db.begin().await.expect("a transaction");
        tx.batch(&format!("SET LOCAL ROLE {name}")).await.expect("a role");
        let done = tx.batch(&statement).await;
        assert_eq!(done.is_ok(), allowed, "{statement}: {done:?}");
    }
    let rewritable = async || {
        let tx = airline.app.db.begin().await.expect("a transaction");
        tx.batch(&format!("SET LOCAL ROLE {name}")).await.expect("a role");
        platform::db::rewritable(&tx).await.expect("read")
    };
    assert_eq!(rewritable().await, Vec::<String>::new());
    // It cannot give itself the right: PostgreSQL warns that nothing was granted.
    {
        let tx = airline.app.db.begin().await.expect("a transaction");
        tx.batch(&format!("SET LOCAL ROLE {name}; GRANT UPDATE ON audit_links TO {name}"))
            .await
            .expect("nothing");
        assert_eq!(platform::db::rewritable(&tx).await.expect("read"), Vec::<String>::new());
    }
    // As an older recipe left it; and the recipe of now mends it.
    sql.batch(&format!("GRANT UPDATE ON audit_links TO {name}; GRANT DELETE ON audit_records TO {name}"))
        .await
        .expect("granted");
    assert_eq!(rewritable().await, ["audit_links", "audit_records"]);
    sql.batch(&text).await.expect("mended");
    assert_eq!(rewritable().await, Vec::<String>::new());
    sql.batch(&format!("DROP OWNED BY {name}; DROP ROLE {name}")).await.expect("dropped");
}
