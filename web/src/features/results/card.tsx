import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { lazy, Suspense, useId, useState } from 'react';
import type { Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import type { Party } from '../../lib/search';
import { dayOf } from '../../lib/time';
import { FamilyTerms } from '../../ui/family';
import { Icon } from '../../ui/icons';
import { JourneyLine, Timeline } from '../../ui/journey';
import { Price } from '../../ui/parts';
import { WatchFlight } from './watch-flight';
import { type Whole, WholePrice } from './whole';

const ReviewSheet = lazy(() => import('./review-sheet'));

interface CardProps {
  itinerary: Schemas['ItineraryView'];
  families: Schemas['FareFamily'][];
  party: Party;
  whole: Whole | undefined;
  choose: (offer: string) => void;
  busy: boolean;
}

/** Fewer seats than this at the price are worth saying, as they are. */
const FEW = 5;

/** A way to get there; opened, it shows its flights and what the fares promise. */
export function JourneyCard({ itinerary, families, party, whole, choose, busy }: CardProps) {
  const { t } = useLingui();
  const id = useId();
  const [open, setOpen] = useState(false);
  const { segments, price } = itinerary;
  const seats = party.adults + party.children;
  // Of a journey with a stop there is no price to watch.
  const only = segments.length === 1 ? segments[0] : undefined;
  const few = itinerary.seats_left_at_price < Math.max(FEW, seats) && itinerary.seats_left_at_price > 0;
  return (
    <article className={`panel transition-shadow ${open ? 'shadow-card' : 'hover:border-field'}`}>
      <div className="grid items-center gap-x-8 gap-y-3 p-4 sm:p-5 md:grid-cols-[1fr_auto]">
        <div className="min-w-0">
          <h2 className="sr-only">{segments.map((one) => one.flight_number).join(', ')}</h2>
          <JourneyLine flights={segments} />
          <p className="mt-2 flex flex-wrap gap-x-3 text-sm text-soft">
            {segments.map((one) => (
              <span key={one.flight_id} className="inline-flex items-center gap-1">
                {one.flight_number}
                <Rating reviews={one.reviews} number={one.flight_number} />
              </span>
            ))}
            {few && (
              <span className="font-semibold text-kesar-ink">
                <Plural
                  value={itinerary.seats_left_at_price}
                  one="# seat left at this price"
                  other="# seats left at this price"
                />
              </span>
            )}
          </p>
        </div>
        <div className="flex items-center justify-between gap-4 md:flex-col md:items-end md:gap-2 md:text-end">
          <WholePrice money={price} whole={whole} className="text-2xl font-semibold sm:text-[1.75rem]" />
          <button
            type="button"
            className={`btn ${open ? 'btn-quiet' : 'btn-main'}`}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            {open ? t`Close` : t`See fares`}
            <Icon name="down" className={`size-4 transition-transform ${open ? 'rotate-180' : ''}`} />
          </button>
        </div>
      </div>
      {open && (
        <div id={id} className="animate-[rise_200ms_ease-out] space-y-5 border-t border-edge p-4 sm:p-5">
          <Timeline flights={segments} />
          <Fares itinerary={itinerary} families={families} whole={whole} choose={choose} busy={busy} />
          {only && (
            <WatchFlight
              subject={{
                origin: only.origin,
                destination: only.destination,
                date: dayOf(only.departs_at),
                cabin: only.cabin,
                seats,
                currency: price.currency,
                flight: { id: only.flight_id, number: only.flight_number },
              }}
            />
          )}
        </div>
      )}
    </article>
  );
}

interface RatingProps {
  reviews?: Schemas['ReviewSummary'] | null;
  number: string;
}

/** The average of a flight number; behind it is what travellers say. */
function Rating({ reviews, number }: RatingProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const [open, setOpen] = useState(false);
  if (!reviews) return null;
  const stars = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(reviews.average);
  const text = t`${stars} of 5 (${reviews.count})`;
  return (
    <>
      <button
        type="button"
        className="inline-flex min-h-6 items-center gap-0.5 underline underline-offset-2 hover:text-ink"
        aria-label={t`${text}, reviews of ${number}`}
        onClick={() => setOpen(true)}
      >
        <Icon name="star" className="size-4 text-kesar" />
        {text}
      </button>
      {open && (
        <Suspense>
          <ReviewSheet number={number} close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

type FaresProps = Pick<CardProps, 'itinerary' | 'families' | 'whole' | 'choose' | 'busy'>;

function Fares({ itinerary, families, whole, choose, busy }: FaresProps) {
  return (
    <section>
      <h3 className="mb-3 text-lg">
        <Trans>Choose a fare</Trans>
      </h3>
      <ul className="grid gap-3 md:grid-cols-3">
        {itinerary.fare_families.map((one, index) => {
          const family = families.find((each) => each.code === one.fare_family);
          if (!family) return null;
          return (
            <li key={one.fare_family} className="flex flex-col rounded-2xl border border-edge p-4">
              <h4 className="text-lg font-semibold">{family.name}</h4>
              <WholePrice money={one.price} whole={whole} className="text-xl font-semibold" />
              <p className="mb-3 text-sm text-soft">
                {index === 0 ? (
                  <Trans>the lowest for this flight</Trans>
                ) : (
                  <>
                    +<Price money={one.difference} short />
                  </>
                )}
              </p>
              <FamilyTerms family={family} />
              <button
                type="button"
                className="btn btn-main mt-auto w-full"
                disabled={busy}
                onClick={() => choose(one.offer_id)}
              >
                <Trans>Take {family.name}</Trans>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
