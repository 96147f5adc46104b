import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask, isRefusal } from '../../api/client';
import { useLocale, useProfile } from '../../api/hooks';
import { formatDay } from '../../lib/time';
import { Sheet } from '../dialog';
import { City } from '../journey';
import { useCabinNames } from '../names';
import { Notice, Price, Trouble } from '../parts';
import { SignInForm, SignUpForm } from '../sign-in-form';
import PriceChart from './chart';
import { history, lastOf, newWatch, SPANS, type Subject, type Watch, type Wish, watches } from './watch';
import { type Draft, WayFields, WishFields, wishIn } from './wish-fields';

interface WatchSheetProps {
  subject: Subject;
  close: () => void;
}

/** What a price was, and to be told when it falls. */
export default function WatchSheet({ subject, close }: WatchSheetProps) {
  const { t } = useLingui();
  const me = useProfile().data;
  const [made, setMade] = useState<Watch>();
  return (
    <Sheet title={subject.booking ? t`Watch the fare you bought` : t`Watch this price`} close={close}>
      <div className="space-y-6">
        <What subject={subject} />
        {!subject.flight && !made && <PriceChart route={subject} />}
        {made ? <Made watch={made} close={close} /> : me ? <Form subject={subject} made={setMade} /> : <Doors />}
      </div>
    </Sheet>
  );
}

function What({ subject }: { subject: Subject }) {
  const locale = useLocale();
  const cabins = useCabinNames();
  const { origin, destination, date, flight, seats, cabin, booking } = subject;
  return (
    <div>
      <h3 className="text-xl">
        <City code={origin} /> → <City code={destination} />
      </h3>
      <p className="mt-1 text-soft">
        {flight && <b className="figures font-semibold text-ink">{flight.number} · </b>}
        {formatDay(date, locale)} · {cabins[cabin]} · <Plural value={seats} one="# seat" other="# seats" />
      </p>
      <p className="mt-2 text-sm text-soft">
        {booking ? (
          <Trans>
            We compare the cheapest fare of this flight now with your own fare, as it is sold in the cheapest fare
            family: without extras and discounts. What changing or cancelling would bring, the trip's page says first.
          </Trans>
        ) : flight ? (
          <Trans>What counts is what one adult pays on this flight, where there are seats for all of you.</Trans>
        ) : (
          <Trans>
            What counts is what one adult pays on the cheapest direct flight, where there are seats for all of you.
            Flights with a stop are not watched.
          </Trans>
        )}
      </p>
    </div>
  );
}

/** A watch belongs to an account: somebody has to be told. */
function Doors() {
  const [isNew, setIsNew] = useState(false);
  return (
    <section className="rounded-2xl border border-edge p-5">
      <h3 className="mb-3 text-lg">
        {isNew ? <Trans>An account to tell you</Trans> : <Trans>Sign in, and we tell you</Trans>}
      </h3>
      {isNew ? <SignUpForm then={() => undefined} /> : <SignInForm then={() => undefined} />}
      <button type="button" className="link mt-3 min-h-11" onClick={() => setIsNew(!isNew)}>
        {isNew ? <Trans>I have an account</Trans> : <Trans>I am new here</Trans>}
      </button>
    </section>
  );
}

interface FormProps {
  subject: Subject;
  made: (watch: Watch) => void;
}

function Form({ subject, made }: FormProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const client = useQueryClient();
  const bought = Boolean(subject.booking);
  const [draft, setDraft] = useState<Draft>({ percent: bought ? 5 : 10, typed: '' });
  const [email, setEmail] = useState(true);
  const [days, setDays] = useState(1);
  const [asked, setAsked] = useState(false);
  const known = useQuery({ ...history(subject), enabled: !subject.flight }).data;
  const begin = useMutation({
    mutationFn: (wish: Wish) => ask(api.POST('/api/v1/price-watches', { body: newWatch(subject, wish, email, days) })),
    onSuccess: (watch) => {
      void client.invalidateQueries({ queryKey: watches.queryKey });
      made(watch);
    },
  });
  const { date, currency } = subject;
  return (
    <form
      className="space-y-5"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const wish = wishIn(draft, subject.currency);
        setAsked(true);
        if (wish) begin.mutate(wish);
      }}
    >
      {!subject.flight && (
        <label className="block max-w-60">
          <span className="mb-1 block font-semibold">
            <Trans>Days that suit you</Trans>
          </span>
          <select className="input" value={days} onChange={({ target }) => setDays(Number(target.value))}>
            {SPANS.map((span) => (
              <option key={span} value={span}>
                {span === 1
                  ? formatDay(date, locale, 'number')
                  : `${formatDay(date, locale, 'number')} – ${formatDay(lastOf(date, span), locale, 'number')}`}
              </option>
            ))}
          </select>
        </label>
      )}
      <WishFields
        legend={bought ? t`Tell me when it falls below my fare` : t`Tell me when it falls`}
        draft={draft}
        set={setDraft}
        price={known?.price}
        currency={currency}
        bought={bought}
        asked={asked}
      />
      <WayFields email={email} set={setEmail} />
      {begin.error && (
        <div className="space-y-2">
          <Trouble error={begin.error} />
          {isRefusal(begin.error, 'too_many_watches') && (
            <Link to="/alerts" className="link inline-flex min-h-11 items-center">
              <Trans>Prices you watch</Trans>
            </Link>
          )}
        </div>
      )}
      <button type="submit" className="btn btn-main w-full" disabled={begin.isPending}>
        <Trans>Watch it</Trans>
      </button>
    </form>
  );
}

function Made({ watch, close }: { watch: Watch; close: () => void }) {
  const { price, compared_with: compared } = watch;
  return (
    <div className="space-y-4">
      <Notice tone="good" icon="check">
        <p className="font-semibold">
          <Trans>You watch it from now on. We tell you when it falls.</Trans>
        </p>
        {price ? (
          <p>
            <Trans>
              Now one adult pays <Price money={price} short />.
            </Trans>{' '}
            {watch.booking_id && compared && (
              <Trans>
                Your fare counts as <Price money={compared} short />.
              </Trans>
            )}
          </p>
        ) : (
          <p>
            <Trans>
              Now there are no seats for all of you. We tell you also when that changes, and the price is right.
            </Trans>
          </p>
        )}
      </Notice>
      <div className="flex flex-wrap gap-3">
        <Link to="/alerts" className="btn btn-quiet flex-1">
          <Trans>Prices you watch</Trans>
        </Link>
        <button
          type="button"
          className="btn btn-main flex-1"
          // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone
          autoFocus
          onClick={close}
        >
          <Trans>Done</Trans>
        </button>
      </div>
    </div>
  );
}
