//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use jiff::civil::Date;

/// Udaan runs an airline: it sells flights, looks after the people who bought them and runs the day of operation.
#[derive(Parser)]
#[command(
    name = "udaan",
    version,
    about,
    max_term_width = 100,
    after_help = "\
Examples:
  udaan migrate                                     create or upgrade the schema
  udaan import demo --data data                     put the demo airline on sale
  udaan all                                         serve and work in one process
  DATABASE_URL=postgresql://udaan@db/udaan udaan serve
  UDAAN_HTTP__LISTEN=0.0.0.0:8080 udaan serve       any setting, from the environment

udaan.example.toml explains every setting; docs/operations.md tells how to run it."
)]
pub(crate) struct Cli {
    /// Configuration file (TOML). The environment overrides it.
    #[arg(long, global = true, value_name = "FILE", env = "UDAAN_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve the API and the pages.
    Serve,
    /// Run the jobs: expire holds, reconcile payments, send refunds, number the search feed, relay events, send webhooks.
    Work,
    /// Serve and work in one process.
    All,
    /// Run the test payment gateway: Stripe's shapes, test card numbers, nothing real.
    #[command(after_help = "\
Examples:
  udaan gateway --listen 127.0.0.1:8090
  udaan gateway --webhook http://127.0.0.1:8080/api/v1/payments/webhook
  udaan gateway --hostile timeout_after=0.05,error_after=0.05,webhook_lost=0.05,seed=7

GET / on it lists the test numbers; docs/gateway.md is its manual.")]
    Gateway(Gateway),
    /// Create or upgrade the database schema.
    Migrate,
    /// Import airports, fare families, taxes, timetables, connection times or the demo airline.
    #[command(subcommand)]
    Import(Import),
    /// Export flights for other systems.
    #[command(subcommand)]
    Export(Export),
    /// Show what happened.
    #[command(subcommand)]
    Events(Events),
    /// Make the first administrator, and print the secret that sets their password. Works on the host, with the keys.
    BootstrapAdmin {
        /// The e-mail address to log in with.
        email: String,
    },
    /// Say what is wrong with configuration, database or clock, and what to do about it.
    Doctor,
    /// Ask of the stored data what must always be true: seats, tickets, payments, ledger.
    #[command(after_help = "\
Example:
  udaan integrity

Prints each invariant and where it is broken; fails if any is. Reads only, all of one moment; docs/operations.md says what
to do about a finding.")]
    Integrity,
    /// Look whether what staff did is still recorded as it was.
    #[command(subcommand)]
    Audit(Audit),
    /// What a gate does without a network.
    #[command(subcommand)]
    Gate(Gate),
    /// Print the SQL of a database role that serves and cannot rewrite the ledger or the audit.
    #[command(after_help = "\
Example:
  udaan serving-role airline_serves | psql --set=ON_ERROR_STOP=1 \"$DATABASE_URL\"

Run it as the role that migrates, after each `udaan migrate`; docs/operations.md says more.")]
    ServingRole {
        /// The role's name; it is made if there is none.
        name: String,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Make a file of fresh secrets.
    #[command(after_help = "Example:\n  udaan keys /etc/udaan/keys.toml")]
    Keys {
        /// The file to make; an existing one is left alone.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum Gate {
    /// Look whether boarding passes are ours and unchanged, by nothing but their text and our public keys; fails if one is not.
    #[command(after_help = "\
Examples:
  curl -s https://udaan.example/api/v1/boarding-keys > keys.json      once, and again when keys change
  udaan gate verify --keys keys.json 'M1RAO/ASHA            EKX7Q2M …'
  scanner | udaan gate verify --keys keys.json                        one bar code a line

A pass that is ours may have been taken back since, or a newer version have taken its place: only the airline knows.")]
    Verify {
        /// What `GET /api/v1/boarding-keys` answered.
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// The texts of bar codes; without any, lines of standard input.
        texts: Vec<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Go through the chain of audit records and name the first that is not as it was; fails if there is one.
    #[command(after_help = "\
Examples:
  udaan audit verify
  udaan audit verify --expect 812:9f2c…          the head it printed last time, kept elsewhere

Needs the keys (keys.file): the chain is made with them, so that the database alone is not enough to write it anew. Without
--expect nobody can tell that the newest records were removed together with their links.")]
    Verify {
        /// A head that was printed or logged before: position and hash.
        #[arg(long, value_name = "POSITION:HASH")]
        expect: Option<crate::audit::Expected>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Events {
    /// Print events, the oldest first; docs/events.md lists them.
    #[command(after_help = "\
Examples:
  udaan events tail                                      the last 20
  udaan events tail --follow --type 'booking.*'          go on printing bookings as they happen
  udaan events tail --since 2h --type payment.declined,refund.failed
  udaan events tail --since 2026-06-01T00:00:00Z --json | jq .data
  udaan events tail --subject bkg_0193f2a1c5d07bb2a4d1c0ffee000002

The events of a payment or refund are those of its booking. The order is that of recording; --follow shows an event that
takes up to a minute to commit in its turn of appearing.")]
    Tail {
        /// From when on: 90s, 15m, 2h, 3d, or a time. Without it, the last events.
        #[arg(long, value_name = "TIME", value_parser = crate::events::parse_since)]
        since: Option<crate::events::Since>,
        /// Types, parted by commas: exact, or a family such as booking.*
        #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
        types: Vec<String>,
        /// Only what is about this booking, flight or import.
        #[arg(long, value_name = "ID")]
        subject: Option<String>,
        /// How many of the last events, without --since.
        #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(i64).range(0..=10_000))]
        lines: i64,
        /// Go on as events happen, until Ctrl-C.
        #[arg(long, short)]
        follow: bool,
        /// A JSON object for each event.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum Export {
    /// Write flights as a GTFS feed, which journey planners read: times in UTC, one trip for each dated flight.
    #[command(after_help = "\
Example:
  udaan export gtfs udaan-gtfs.zip --from 2026-12-01 --days 7

Cancelled flights are left out. The same flights make the same bytes.")]
    Gtfs {
        /// The zip file to write; an existing one is replaced once the new one is complete.
        file: PathBuf,
        /// First date of departure, local at each origin.
        #[arg(long, value_name = "DATE")]
        from: Date,
        /// How many days.
        #[arg(long, value_name = "N")]
        days: u16,
    },
}

#[derive(Subcommand)]
pub(crate) enum Import {
    /// Import airports from CSV.
    #[command(after_help = "Example:\n  udaan import airports data/airports.csv")]
    Airports {
        /// `iata,icao,name,city,subdivision,country,latitude,longitude,elevation_ft,timezone`
        file: PathBuf,
    },
    /// Turn weekly patterns into dated flights, with fares and inventory. Importing again changes nothing.
    #[command(after_help = "\
Example:
  udaan import timetable data/timetable-us.csv.gz --from 2026-12-01 --days 45 --fares data/fares-us.csv

docs/fares.md explains how fares are made.")]
    Timetable {
        /// Weekly patterns as CSV, plain or gzipped; `data/README.md` lists the columns.
        file: PathBuf,
        /// First date of departure, local at each origin.
        #[arg(long, value_name = "DATE")]
        from: Date,
        /// How many days.
        #[arg(long, value_name = "N")]
        days: u16,
        /// What people paid, by market: calibrates the fares. Without it distance alone does.
        #[arg(long, value_name = "FILE")]
        fares: Option<PathBuf>,
    },
    /// File the exceptions to the minimum connection times, all of them: those filed before are replaced. Running servers
    /// follow by themselves.
    #[command(after_help = "\
Example:
  udaan import connection-times connection-times.csv

  airport,arriving,leaving,domestic,domestic_to_international,international_to_domestic,international
  ATL,,,50,75,90,90
  ,KR,S2,60,90,90,90
  ATL,KR,S2,35,60,75,75

An empty airport is all airports, empty airlines are all airlines. The most special line counts: airlines at an airport,
airlines, airport. Where none speaks, the settings do (search.min_connection_domestic and _international).")]
    ConnectionTimes {
        /// Minutes by which of the two flights cross a border; `data/README.md` lists the columns.
        file: PathBuf,
    },
    /// File the fare families: what a seat can be sold with, and at what difference. The file replaces those filed before.
    #[command(after_help = "\
Example:
  udaan import fare-families data/fare-families.csv

Within a cabin, the cheapest first; data/README.md explains the columns. Running servers take them up within seconds.
Bookings keep the conditions they were sold with.")]
    FareFamilies {
        /// `cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,…`
        file: PathBuf,
    },
    /// File taxes and charges by date of sale. The file replaces those filed before; keep the rows of past dates in it.
    #[command(after_help = "\
Example:
  udaan import taxes data/taxes.csv

Prices include taxes: filing them changes no price, only how offers explain it. data/README.md explains the columns.")]
    Taxes {
        /// `code,name,kind,country,flights,each,amount,percent,at_most,passengers,from,until,currency`
        file: PathBuf,
    },
    /// File what comes back whatever a fare family says: laws and the airline's promises, by date. The file replaces those
    /// filed before; keep the rows of past dates in it.
    #[command(after_help = "\
Example:
  udaan import refund-rules data/refund-rules.csv

While none is filed, the ones shipped with this version hold. data/README.md explains the columns.")]
    RefundRules {
        /// `code,kind,country,hours,domestic,international,citation,from,until`
        file: PathBuf,
    },
    /// File seat maps. A map that differs from the one filed becomes its aircraft's next version; other aircraft keep theirs.
    #[command(after_help = "\
Example:
  udaan import seat-maps data/seat-maps.csv

data/README.md explains the columns. Running servers have them at once. Seats that were sold stay sold.")]
    SeatMaps {
        /// `aircraft,cabin,rows,seats,zone,price,middle_price,currency,refund,features,masks,blocked`
        file: PathBuf,
    },
    /// File the catalogue of extras: baggage, meals and others. The file replaces what is filed, staff's changes too.
    #[command(after_help = "\
Example:
  udaan import extras data/extras.csv

data/README.md explains the columns. Running servers have it at once. What was sold keeps its terms.")]
    Extras {
        /// `code,kind,name,per,unit,kg,price,currency,cabins,passengers,most,stock,refund,closes_minutes`
        file: PathBuf,
    },
    /// File when check-in is open on which route, and whether it asks for a passport. The file replaces what is filed.
    #[command(after_help = "\
Example:
  udaan import check-in-policies data/check-in-policies.csv

data/README.md explains the columns. All other routes are as the settings under [check_in] say. Running servers have it at once.")]
    CheckInPolicies {
        /// `origin,destination,opens_minutes,closes_minutes,counter_closes_minutes,passport,passport_months`
        file: PathBuf,
    },
    /// File promotion codes: those of the file are added, or changed where their terms differ; all others stay.
    #[command(after_help = "\
Example:
  udaan import promotions data/promotions.csv

Bookings that have a code keep what it gave them. Codes that staff ended stay over. docs/promotions.md explains the terms,
data/README.md the columns.")]
    Promotions {
        /// `code,name,audience,kind,percent,amounts,extra,book_from,book_until,travel_from,travel_until,…`
        file: PathBuf,
    },
    /// Put the demo airline on sale: airports, fare families, taxes, refund rules, seat maps, extras, promotions, timetable, fares and two demo logins. Running it again tops the horizon up.
    Demo {
        /// The folder with the demo's files.
        #[arg(long, default_value = "data")]
        data: PathBuf,
        /// How many days from tomorrow are on sale.
        #[arg(long, default_value_t = 45)]
        days: u16,
    },
}

/// How the test gateway behaves.
#[derive(clap::Args)]
pub(crate) struct Gateway {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub(crate) listen: String,
    /// How long the numbers that time out keep a caller waiting.
    #[arg(long, default_value_t = 60)]
    pub(crate) hang_seconds: u64,
    /// How long bank debits and pending refunds take.
    #[arg(long, default_value_t = 10)]
    pub(crate) settle_seconds: u64,
    /// Where to send webhooks (http only); signed with the first of `gateway.webhook_secrets`.
    #[arg(long, value_name = "URL")]
    pub(crate) webhook: Option<String>,
    /// What goes wrong by rate: fault=probability, separated by commas; docs/gateway.md lists the faults.
    #[arg(long, value_name = "RATES", default_value = "")]
    pub(crate) hostile: gateway::Hostility,
}
