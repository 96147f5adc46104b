import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask, isRefusal, type Refusal, type Schemas } from '../../api/client';
import { offer as offerQuery, savedTravellers, useKeepBooking, useLocale, useProfile } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { dayOf, formatDay, isDay } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { dayTyped } from '../../ui/birthday';
import { JourneyLine } from '../../ui/journey';
import { usePassengerNames } from '../../ui/names';
import { Field, Notice, Price, Trouble, Waiting } from '../../ui/parts';
import { SignInForm, SignUpForm } from '../../ui/sign-in-form';
import { draftOf, keepDraft } from './draft';
import { Frame } from './frame';
import type { Person } from './person';
import { Traveller } from './traveller';

type Offer = Schemas['Offer'];

export default function Passengers() {
  const { t } = useLingui();
  const raw = useSearch({ strict: false });
  const offer = useQuery(offerQuery(raw.offer ?? ''));
  const me = useProfile();
  useTitle(t`Travellers`);
  if (offer.error) return <Gone error={offer.error} />;
  if (!offer.data || me.isPending) return <Waiting />;
  return (
    <Frame at={0} title={me.data ? t`Who flies?` : t`First, who are you?`} aside={<OfferSummary offer={offer.data} />}>
      {me.data ? <Form key={`${me.data.id} ${raw.offer}`} offer={offer.data} me={me.data} /> : <Doors />}
    </Frame>
  );
}

/** Back to the same search, which knows what is there now. */
function Again() {
  const { offer: _, ...search } = useSearch({ strict: false });
  return (
    <Link to="/results" search={search} className="btn btn-quiet mt-3">
      <Trans>Search again</Trans>
    </Link>
  );
}

function Gone({ error }: { error: unknown }) {
  return (
    <div className="page max-w-xl space-y-3 py-12">
      <h1 className="display text-3xl">
        <Trans>This offer is over</Trans>
      </h1>
      <Trouble error={error} />
      <Again />
    </div>
  );
}

/** A booking belongs to an account, so that nobody else can change it. */
function Doors() {
  const { t } = useLingui();
  const [isNew, setIsNew] = useState(false);
  const door = (value: boolean, name: string) => (
    <label className="flex-1 cursor-pointer rounded-xl px-4 py-2.5 text-center font-semibold text-soft has-checked:bg-card has-checked:text-ink has-focus-visible:outline-3 has-focus-visible:outline-ring">
      <input type="radio" name="door" className="sr-only" checked={isNew === value} onChange={() => setIsNew(value)} />
      {name}
    </label>
  );
  return (
    <section className="panel max-w-lg p-5 sm:p-7">
      <p className="mb-4 text-soft">
        <Trans>A booking belongs to an account, so that only you can change it. Your flight stays chosen.</Trans>
      </p>
      <fieldset className="mb-5 flex rounded-2xl bg-sunk p-1">
        <legend className="sr-only">
          <Trans>Account</Trans>
        </legend>
        {door(false, t`I have an account`)}
        {door(true, t`I am new`)}
      </fieldset>
      {isNew ? <SignUpForm then={() => undefined} /> : <SignInForm then={() => undefined} />}
    </section>
  );
}

function OfferSummary({ offer }: { offer: Offer }) {
  const locale = useLocale();
  const names = usePassengerNames();
  return (
    <>
      <h2 className="mb-4 text-lg">
        <Trans>Your flights</Trans>
      </h2>
      <ul className="space-y-5">
        {offer.slices.map((slice, index) => (
          <li key={index}>
            <p className="mb-2 text-sm text-soft">
              {formatDay(dayOf(slice.segments[0]?.departs_at ?? ''), locale)} · {slice.fare_family.name}
            </p>
            <JourneyLine flights={slice.segments} />
          </li>
        ))}
      </ul>
      <ul className="mt-5 space-y-1 border-t border-edge pt-3 text-sm">
        {offer.passengers.map((one) => (
          <li key={one.type} className="flex justify-between gap-3">
            <span>
              {names[one.type]} × {one.count}
            </span>
            <Price money={{ ...one.total, amount: one.total.amount * one.count }} />
          </li>
        ))}
      </ul>
      <p className="mt-3 flex items-baseline justify-between border-t border-edge pt-3 font-semibold">
        <Trans>Total</Trans> <Price money={offer.price} className="text-2xl" />
      </p>
      <p className="text-sm text-soft">
        <Trans>Taxes and fees are in it.</Trans>
      </p>
    </>
  );
}

/** What somebody typed outlives a reload and a changed price, in this tab alone. */
function useDraft(owner: string, types: string[]) {
  const [people, setPeople] = useState(() => draftOf(owner, types));
  const set = (index: number, part: Partial<Person>) => {
    const next = people.map((one, at) => (at === index ? { ...one, ...part } : one));
    setPeople(next);
    keepDraft({ of: owner, people: next });
  };
  return { people, set };
}

function Form({ offer, me }: { offer: Offer; me: Schemas['Profile'] }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const keepBooking = useKeepBooking();
  const types = offer.passengers.flatMap((one) => Array.from({ length: one.count }, () => one.type));
  const { people, set } = useDraft(me.id, types);
  const [contact, setContact] = useState({ email: me.email, phone: me.phone ?? '' });
  const [asked, setAsked] = useState(false);
  const saved = useQuery(savedTravellers).data?.travellers ?? [];
  const hold = useMutation({
    mutationFn: async (offer_id: string) => {
      const body = {
        offer_id,
        contact: { email: contact.email, phone: contact.phone.replaceAll(/[\s()-]/g, '') || undefined },
        passengers: people.map((one) => ({
          type: one.type,
          given_name: one.given.trim(),
          family_name: one.family.trim(),
          born_on: dayTyped(one),
        })),
      };
      const key = keyFor('hold', body);
      const booking = await ask(api.POST('/api/v1/bookings', { params: { header: key.header }, body }));
      key.done();
      return booking;
    },
    onSuccess: (booking) => {
      keepBooking(booking);
      keepDraft(undefined);
      void navigate({ to: '/bookings/$id/seats', params: { id: booking.id } });
    },
  });
  const wrong = people.some((one) => !one.given.trim() || !one.family.trim() || !isDay(dayTyped(one)));
  const changed = isRefusal(hold.error, 'price_changed') ? hold.error : undefined;
  const over = isRefusal(hold.error, 'sold_out', 'offer_expired', 'connection_changed');
  return (
    <form
      noValidate
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (wrong)
          requestAnimationFrame(() => document.querySelector<HTMLElement>('#main [aria-invalid=true]')?.focus());
        else hold.mutate(offer.offer_id);
      }}
    >
      {people.map((person, index) => (
        <Traveller
          key={index}
          index={index}
          person={person}
          saved={saved}
          asked={asked}
          set={(part) => set(index, part)}
        />
      ))}
      <fieldset className="panel p-5">
        <legend className="sr-only">
          <Trans>How we reach you</Trans>
        </legend>
        <h2 className="mb-3 text-lg">
          <Trans>How we reach you</Trans>
        </h2>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label={t`E-mail`}
            type="email"
            autoComplete="email"
            value={contact.email}
            onChange={(event) => setContact({ ...contact, email: event.target.value })}
          />
          <Field
            label={t`Phone (if you like)`}
            type="tel"
            autoComplete="tel"
            help={t`With the country: +91 98123 45678`}
            value={contact.phone}
            onChange={(event) => setContact({ ...contact, phone: event.target.value })}
          />
        </div>
      </fieldset>
      {changed && <PriceChanged refusal={changed} accept={(offer_id) => hold.mutate(offer_id)} />}
      {hold.error && !changed && (
        <>
          <Trouble error={hold.error} />
          {over && <Again />}
        </>
      )}
      <button type="submit" className="btn btn-main w-full text-lg sm:w-auto" disabled={hold.isPending}>
        {hold.isPending ? t`Holding your seats …` : t`Hold these seats`}
      </button>
      <p className="text-sm text-soft">
        <Trans>Nothing is charged yet. How long the seats are yours stands on the next page.</Trans>
      </p>
    </form>
  );
}

/** Another price than the one that was shown is never charged without a yes. */
function PriceChanged({ refusal, accept }: { refusal: Refusal; accept: (offer: string) => void }) {
  const { price, old_price, offer_id } = refusal.more as {
    price?: Schemas['Money'];
    old_price?: Schemas['Money'];
    offer_id?: string;
  };
  return (
    <Notice tone="note">
      <h2 className="text-xl">
        <Trans>The price has changed</Trans>
      </h2>
      {price && old_price && (
        <p className="mt-1">
          <Trans>
            It was <Price money={old_price} /> and is <Price money={price} /> now. Nothing was charged, and what you
            typed is still here.
          </Trans>
        </p>
      )}
      <div className="mt-3 flex flex-wrap items-end gap-3">
        {offer_id && (
          <button type="button" className="btn btn-quiet" onClick={() => accept(offer_id)}>
            <Trans>Take it at the new price</Trans>
          </button>
        )}
        <Again />
      </div>
    </Notice>
  );
}
