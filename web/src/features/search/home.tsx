import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { busiest, useLocale, usePlace } from '../../api/hooks';
import { isComplete, type Query, readQuery, writeQuery } from '../../lib/search';
import { keep, recall } from '../../lib/storage';
import { addDays, formatDay, today } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { City } from '../../ui/journey';
import { SearchForm } from './form';

const RouteMap = lazy(() => import('../../ui/route-map'));
const RECENT = 'recent';
const FIRST: Query = {
  legs: [
    { from: '', to: '', on: '' },
    { from: '', to: '', on: '' },
  ],
  adults: 1,
  children: 0,
  infants: 0,
  cabin: 'economy',
};

export default function Home() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const raw = useSearch({ strict: false });
  const [recent] = useState(() =>
    (recall<Query[]>(RECENT) ?? []).filter((one) => isComplete(one) && (one.legs[0]?.on ?? '') >= today()),
  );
  const query = raw.trip === undefined ? FIRST : readQuery(raw);
  const [asked, setAsked] = useState(false);
  useTitle(t`Flights`);
  const change = (next: Query) =>
    void navigate({ to: '/', search: writeQuery(next), replace: true, resetScroll: false });
  const search = () => {
    setAsked(true);
    if (!isComplete(query)) return;
    const same = (one: Query) => JSON.stringify(one.legs) === JSON.stringify(query.legs);
    keep(RECENT, [query, ...recent.filter((one) => !same(one))].slice(0, 4));
    void navigate({ to: '/results', search: writeQuery(query) });
  };
  return (
    <>
      <section className="relative isolate overflow-hidden bg-deep text-white">
        <Backdrop query={query} />
        <div className="page relative h-[30rem] pt-8 sm:h-[32rem] sm:pt-16">
          <h1 className="display text-[2.5rem] md:max-w-[43%] md:text-6xl">
            <Trans>Where does your line lead?</Trans>
          </h1>
          <p className="mt-3 text-deep-soft md:max-w-[38%] md:text-lg">
            <Trans>Every price is the whole price, from the first list on.</Trans>
          </p>
        </div>
      </section>
      <div className="page relative -mt-32 sm:-mt-40">
        <SearchForm query={query} change={change} submit={search} asked={asked} />
        {recent.length > 0 && <Recent queries={recent} />}
        <Departures
          pick={(from, to) => change({ ...query, legs: withEnds(query, from, to) })}
          from={query.legs[0]?.from ?? ''}
        />
      </div>
    </>
  );
}

function withEnds(query: Query, from: string, to: string) {
  const [out, back, ...rest] = query.legs;
  const first = { from, to, on: out?.on || addDays(today(), 14) };
  return back ? [first, { ...back, from: to, to: from, on: back.on || addDays(first.on, 7) }, ...rest] : [first];
}

/** Beside the words, or below them on a phone; above the form in both. */
const beside = (width: number, height: number): [[number, number], [number, number]] =>
  width < 768
    ? [
        [24, 185],
        [width - 24, height - 150],
      ]
    : [
        [width * 0.46, 40],
        [width * 0.94, height - 205],
      ];

/** The land, the airports, and the line that is asked for. */
function Backdrop({ query }: { query: Query }) {
  const airports = useQuery(busiest).data?.airports;
  const [from, to] = [usePlace(query.legs[0]?.from ?? ''), usePlace(query.legs[0]?.to ?? '')];
  if (!airports) return null;
  return (
    <Suspense>
      <RouteMap
        dots={airports.map((one) => [one.longitude, one.latitude])}
        lines={from?.at && to?.at ? [[from.at, to.at]] : []}
        place={beside}
        className="absolute inset-0 -z-10 size-full"
      />
    </Suspense>
  );
}

function Recent({ queries }: { queries: Query[] }) {
  const locale = useLocale();
  return (
    <section className="mt-10">
      <h2 className="mb-3 text-xl">
        <Trans>Looked for lately</Trans>
      </h2>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {queries.map((query) => (
          <li key={JSON.stringify(query.legs)}>
            <Link to="/results" search={writeQuery(query)} className="panel block p-4 hover:border-brand">
              <span className="block font-semibold">
                <City code={query.legs[0]?.from ?? ''} /> → <City code={query.legs[0]?.to ?? ''} />
              </span>
              <span className="text-sm text-soft">
                {query.legs.map((leg) => formatDay(leg.on, locale, 'number')).join(' – ')}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Where most of the airline's flights begin, whether or not one goes there from here: a way in for whoever has no plan yet. */
function Departures({ from, pick }: { from: string; pick: (from: string, to: string) => void }) {
  const places = useQuery(busiest).data?.airports ?? [];
  const start = places.find((one) => one.code === from) ?? places[0];
  if (!start) return null;
  const ends = places.filter((one) => one.code !== start.code && one.city !== start.city).slice(0, 8);
  return (
    <section className="mt-10">
      <h2 className="mb-3 text-xl">
        <Trans>From {start.city} to our busiest airports</Trans>
      </h2>
      <ul className="flex flex-wrap gap-2">
        {ends.map((end) => (
          <li key={end.code}>
            <button type="button" className="btn btn-quiet" onClick={() => pick(start.code, end.code)}>
              {end.city}
              <Icon name="next" className="size-4 text-soft rtl:-scale-x-100" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
