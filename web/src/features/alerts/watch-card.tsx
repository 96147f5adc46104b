import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import { api, ask, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoney } from '../../lib/money';
import { writeQuery } from '../../lib/search';
import { formatDay, formatMoment, today } from '../../lib/time';
import { Confirm } from '../../ui/confirm';
import { Icon } from '../../ui/icons';
import { City } from '../../ui/journey';
import { useCabinNames } from '../../ui/names';
import { Price, Skeleton, Tag, Trouble } from '../../ui/parts';
import { dayThatCounts, fallen, formatPercent, type Watch, watches, wishOf } from '../../ui/prices/watch';
import { draftOf, WayFields, WishFields, wishIn } from '../../ui/prices/wish-fields';

const PriceChart = lazy(() => import('../../ui/prices/chart'));

type Part = 'edit' | 'history';

const TEXT = 'btn btn-text aria-expanded:underline';

interface WatchCardProps {
  watch: Watch;
  /** It is watched no more. */
  gone: (name: string) => void;
}

/** A price that is watched: what it is, what is waited for, and what can be done now. */
export function WatchCard({ watch, gone }: WatchCardProps) {
  const { t } = useLingui();
  const [part, setPart] = useState<Part>();
  const change = useChange(watch);
  const edit = useRef<HTMLButtonElement>(null);
  const name = `${watch.flight_number ?? ''} ${watch.origin} – ${watch.destination}`.trim();
  const remove = useRemove(watch, () => gone(name));
  const toggle = (one: Part) => setPart(part === one ? undefined : one);
  const over = watch.status === 'over';
  return (
    <article className={`panel p-5 ${watch.status === 'told' ? 'border-s-[5px] border-s-kesar' : ''}`}>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <What watch={watch} />
        {!over && <Now watch={watch} />}
      </div>
      <Waits watch={watch} />
      {(change.error || remove.error) && <Trouble error={change.error ?? remove.error} />}
      <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1">
        {!over && <Act watch={watch} />}
        <div className="flex flex-wrap items-center gap-x-2">
          {!over && (
            <>
              <button
                type="button"
                className={TEXT}
                aria-expanded={part === 'history'}
                aria-label={t`How it was: ${name}`}
                onClick={() => toggle('history')}
              >
                <Trans>How it was</Trans>
              </button>
              <button
                ref={edit}
                type="button"
                className={TEXT}
                aria-expanded={part === 'edit'}
                aria-label={t`Edit: ${name}`}
                onClick={() => toggle('edit')}
              >
                <Trans>Edit</Trans>
              </button>
              <button
                type="button"
                className={TEXT}
                aria-label={watch.status === 'paused' ? t`Resume: ${name}` : t`Pause: ${name}`}
                disabled={change.isPending}
                onClick={() => change.mutate({ paused: watch.status !== 'paused' })}
              >
                {watch.status === 'paused' ? <Trans>Resume</Trans> : <Trans>Pause</Trans>}
              </button>
            </>
          )}
          <Confirm
            label={<Trans>Delete</Trans>}
            name={t`Delete: ${name}`}
            question={<Trans>Watch {name} no more?</Trans>}
            deed={<Trans>Delete</Trans>}
            busy={remove.isPending}
            act={() => remove.mutate()}
            className={TEXT}
          />
        </div>
      </div>
      {part === 'history' && (
        <div className="mt-5 border-t border-edge pt-5">
          <Suspense fallback={<Skeleton className="h-72" />}>
            <PriceChart route={{ ...watch, date: dayThatCounts(watch) }} />
          </Suspense>
        </div>
      )}
      {part === 'edit' && (
        <Edit
          watch={watch}
          done={() => {
            setPart(undefined);
            // The form is gone; the keyboard is back where it came from.
            edit.current?.focus();
          }}
        />
      )}
    </article>
  );
}

function useChange(watch: Watch) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['PriceWatchChange']) =>
      ask(api.PATCH('/api/v1/price-watches/{id}', { params: { path: { id: watch.id } }, body })),
    onSuccess: async (changed) => {
      // An answer that is on its way may be from before the change.
      await client.cancelQueries({ queryKey: watches.queryKey });
      client.setQueryData(
        watches.queryKey,
        (known) => known && { ...known, watches: known.watches.map((one) => (one.id === changed.id ? changed : one)) },
      );
    },
  });
}

function useRemove({ id }: Watch, gone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/price-watches/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      gone();
      return client.invalidateQueries({ queryKey: watches.queryKey });
    },
  });
}

function What({ watch }: { watch: Watch }) {
  const locale = useLocale();
  const cabins = useCabinNames();
  const { origin, destination, date, to_date: last, flight_number: number, cabin, seats, booking_id: booking } = watch;
  const days =
    last === date
      ? formatDay(date, locale)
      : `${formatDay(date, locale, 'number')} – ${formatDay(last, locale, 'number')}`;
  return (
    <div className="min-w-0">
      <h2 className="text-xl">
        <City code={origin} /> → <City code={destination} />
      </h2>
      <p className="mt-1 text-sm text-soft">
        {number && <b className="figures font-semibold text-ink">{number} · </b>}
        {days} · {cabins[cabin]} · <Plural value={seats} one="# seat" other="# seats" />
        {booking && (
          <>
            {' · '}
            <Trans>the fare you bought</Trans>
          </>
        )}
      </p>
    </div>
  );
}

/** What it costs now, and how far that is from what it is compared with. */
function Now({ watch }: { watch: Watch }) {
  const { t } = useLingui();
  const locale = useLocale();
  const { price, compared_with: compared } = watch;
  const by = fallen(watch);
  if (!price)
    return (
      <p className="font-semibold text-soft">
        <Trans>No seats for all of you now</Trans>
      </p>
    );
  return (
    <div className="sm:text-end">
      <p className="flex flex-wrap items-center gap-2 sm:justify-end">
        {by !== undefined && by !== 0 && (
          <Tag tone={by > 0 ? 'good' : 'plain'}>
            <span className="figures">
              {by > 0 ? t`${formatPercent(by, locale)} less` : t`${formatPercent(-by, locale)} more`}
            </span>
          </Tag>
        )}
        <Price money={price} short className="text-2xl font-bold" />
      </p>
      <p className="text-sm text-soft">
        {watch.price_date && watch.date !== watch.to_date && `${formatDay(watch.price_date, locale)} · `}
        {compared && (watch.booking_id || by !== 0) ? (
          watch.booking_id ? (
            <Trans>your fare: {formatMoney(compared, locale, true)}</Trans>
          ) : watch.status === 'told' ? (
            <Trans>as we told you: {formatMoney(compared, locale, true)}</Trans>
          ) : (
            <Trans>when you began: {formatMoney(compared, locale, true)}</Trans>
          )
        ) : (
          <Trans>one adult</Trans>
        )}
      </p>
    </div>
  );
}

/** How the watch stands, in words. */
function Waits({ watch }: { watch: Watch }) {
  const { t } = useLingui();
  const locale = useLocale();
  const states: Record<string, [string, 'good' | 'note' | 'plain']> = {
    watching: [t`Watching`, 'good'],
    // Told, or as low already as somebody began to watch.
    told: [t`Reached`, 'note'],
    paused: [t`Paused`, 'plain'],
    over: [t`Over`, 'plain'],
  };
  const [state, tone] = states[watch.status] ?? [watch.status, 'plain'];
  const wish = watch.target
    ? t`at ${formatMoney(watch.target, locale, true)} or less`
    : t`when it falls by ${formatPercent(watch.drop_percent ?? 0, locale)}`;
  const last = formatDay(watch.to_date, locale, 'number');
  return (
    <p className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <Tag tone={tone}>{state}</Tag>
      <span className="text-soft">
        {watch.status === 'over' ? (
          watch.to_date < today() ? (
            <Trans>Its last day, {last}, has passed.</Trans>
          ) : (
            <Trans>Nobody flies any more on what you bought.</Trans>
          )
        ) : watch.status === 'told' && watch.told_at ? (
          <Trans>
            Told {formatMoment(watch.told_at, locale)}. You wait for: {wish}.
          </Trans>
        ) : (
          <Trans>You wait for: {wish}.</Trans>
        )}{' '}
        {watch.status !== 'over' && (watch.email ? <Trans>By mail and inbox.</Trans> : <Trans>Inbox only.</Trans>)}
      </span>
    </p>
  );
}

/** Where one can act: the search of the day that counts, and the trip whose fare it is. */
function Act({ watch }: { watch: Watch }) {
  const { t } = useLingui();
  const { origin, destination, cabin, seats, booking_id: booking } = watch;
  const legs = [{ from: origin, to: destination, on: dayThatCounts(watch) }];
  const look = watch.status === 'told' ? 'btn-main' : 'btn-quiet';
  return (
    <div className="flex flex-wrap gap-2 max-sm:w-full max-sm:*:flex-1 max-sm:*:px-2">
      <Link
        to="/results"
        search={writeQuery({ legs, adults: seats, children: 0, infants: 0, cabin })}
        className={`btn ${look}`}
        aria-label={t`See flights: ${origin} – ${destination}`}
      >
        <Icon name="search" />
        <Trans>See flights</Trans>
      </Link>
      {booking && (
        <Link to="/trips/$id" params={{ id: booking }} className="btn btn-quiet">
          <Icon name="ticket" />
          <Trans>To the trip</Trans>
        </Link>
      )}
    </div>
  );
}

function Edit({ watch, done }: { watch: Watch; done: () => void }) {
  const { t } = useLingui();
  const change = useChange(watch);
  const [draft, setDraft] = useState(() => draftOf(watch));
  const [email, setEmail] = useState(watch.email);
  const [asked, setAsked] = useState(false);
  const currency = (watch.price ?? watch.compared_with ?? watch.target)?.currency ?? 'USD';
  return (
    <form
      className="mt-5 space-y-5 border-t border-edge pt-5"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        const wish = wishIn(draft, currency);
        if (!wish) return;
        // To say the same again would begin it anew, with the price of now.
        const same =
          'target' in wish ? wish.target.amount === watch.target?.amount : wish.percent === watch.drop_percent;
        change.mutate({ ...(same ? {} : wishOf(wish)), email }, { onSuccess: done });
      }}
    >
      <WishFields
        legend={t`Tell me when it falls`}
        draft={draft}
        set={setDraft}
        price={watch.price}
        currency={currency}
        bought={Boolean(watch.booking_id)}
        asked={asked}
      />
      <WayFields email={email} set={setEmail} />
      <p className="text-sm text-soft">
        <Trans>Waiting for something else begins anew: what it costs now is what a fall is measured by.</Trans>
      </p>
      {change.error && <Trouble error={change.error} />}
      <div className="flex flex-wrap gap-3">
        <button type="submit" className="btn btn-main" disabled={change.isPending}>
          <Trans>Save</Trans>
        </button>
        <button type="button" className="btn btn-quiet" onClick={done}>
          <Trans>Leave it</Trans>
        </button>
      </div>
    </form>
  );
}
