import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, ask } from '../../api/client';
import { checkIn, useLocale } from '../../api/hooks';
import { formatDay, isDay } from '../../lib/time';
import { DateFields, dayTyped, type TypedDate } from '../../ui/birthday';
import { Icon } from '../../ui/icons';
import { Field, Trouble } from '../../ui/parts';
import { fieldsOf } from '../../ui/sign-in-form';
import { type Booking, type Flight, Frame, nameOf, type Passenger } from './frame';

interface PapersProps {
  booking: Booking;
  flights: Flight[];
  papers: boolean;
  chosen: number[];
  then: () => void;
}

/** A passport of each who needs one. What was given before is told by its last characters; it cannot be read again. */
export default function Papers({ booking, flights, papers, chosen, then }: PapersProps) {
  const { t } = useLingui();
  const of = (passenger: number): Passenger | undefined =>
    flights
      .filter((one) => one.passport)
      .flatMap((one) => one.passengers)
      .find((one) => one.passenger === passenger);
  /** Whose passport is typed once more: a letter was wrong, or there is a new one. */
  const [again, setAgain] = useState<number[]>([]);
  /** Whose passport was kept last: the keyboard goes on from what took the form's place. */
  const [last, setLast] = useState<number>();
  const missing = chosen.filter((one) => of(one)?.needs.includes('passport'));
  return (
    <Frame
      step="papers"
      papers={papers}
      title={t`Passports`}
      intro={
        <Trans>
          This route asks for them. They are kept sealed, are never shown again, and are deleted some days after the
          last flight.
        </Trans>
      }
    >
      {chosen.map((passenger) => {
        const one = of(passenger);
        const shows = one?.document && !one.needs.includes('passport') && !again.includes(passenger);
        return shows && one.document ? (
          <Known
            key={passenger}
            name={nameOf(booking, passenger)}
            document={one.document}
            isNews={last === passenger}
            another={() => setAgain([...again, passenger])}
          />
        ) : (
          <Asked
            key={passenger}
            booking={booking}
            passenger={passenger}
            isAgain={again.includes(passenger)}
            kept={() => setLast(passenger)}
            done={() => setAgain((all) => all.filter((each) => each !== passenger))}
          />
        );
      })}
      {missing.length > 0 ? (
        <p className="text-soft">
          <Trans>When every passport is there you can go on.</Trans>
        </p>
      ) : (
        <button type="button" className="btn btn-main w-full" onClick={then}>
          <Trans>Go on</Trans>
        </button>
      )}
    </Frame>
  );
}

interface KnownProps {
  name: string;
  document: NonNullable<Passenger['document']>;
  isNews: boolean;
  another: () => void;
}

function Known({ name, document, isNews, another }: KnownProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isNews) heading.current?.focus();
  }, [isNews]);
  const until = formatDay(document.expires_on, locale, 'long');
  return (
    <div className="panel flex items-start gap-3 p-5">
      <Icon name="check" className="mt-0.5 size-6 text-good" />
      <div>
        <h2 ref={heading} tabIndex={-1} className="text-lg">
          {name}
        </h2>
        <p className="text-soft">
          <Trans>
            Passport …{document.ends_with}, {document.issuer}, until {until}
          </Trans>
        </p>
        <button
          type="button"
          className="link min-h-11"
          aria-label={t`Type another passport: ${name}`}
          onClick={another}
        >
          <Trans>Type another</Trans>
        </button>
      </div>
    </div>
  );
}

interface AskedProps {
  booking: Booking;
  passenger: number;
  /** Typed once more, in the place of the button that asks for it. */
  isAgain: boolean;
  kept: () => void;
  done: () => void;
}

function Asked({ booking, passenger, isAgain, kept, done }: AskedProps) {
  const { t } = useLingui();
  const client = useQueryClient();
  const name = nameOf(booking, passenger);
  const [until, setUntil] = useState<TypedDate>({ day: '', month: '', year: '' });
  const [asked, setAsked] = useState(false);
  const send = useMutation({
    mutationFn: async (fields: Record<string, string>) => {
      const text = (key: string) => (fields[key] ?? '').replaceAll(/\s/g, '').toUpperCase();
      const passport = {
        number: text('number'),
        issuer: text('issuer'),
        nationality: text('nationality'),
        expires_on: dayTyped(until),
      };
      const params = { path: { id: booking.id, passenger } };
      await ask(api.PUT('/api/v1/bookings/{id}/passengers/{passenger}/document', { params, body: { passport } }));
      kept();
      await client.invalidateQueries({ queryKey: checkIn(booking.id).queryKey });
      done();
    },
  });
  return (
    <form
      className="panel space-y-4 p-5"
      aria-label={name}
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        setAsked(true);
        if (isDay(dayTyped(until))) send.mutate(fieldsOf(form));
        // What is wrong is where the keyboard goes, and is read with it.
        else requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
      }}
    >
      <h2 className="text-lg">{name}</h2>
      {send.error && <Trouble error={send.error} />}
      <Field label={t`Passport number`} name="number" autoComplete="off" maxLength={12} autoFocus={isAgain} required />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={t`Issued by`}
          name="issuer"
          help={t`The three letters in the passport, like IND`}
          autoComplete="off"
          autoCapitalize="characters"
          pattern="[A-Za-z]{1,3}"
          maxLength={3}
          required
        />
        <Field
          label={t`Nationality`}
          name="nationality"
          help={t`The three letters in the passport, like IND`}
          autoComplete="off"
          autoCapitalize="characters"
          pattern="[A-Za-z]{1,3}"
          maxLength={3}
          required
        />
      </div>
      <DateFields
        date={until}
        asked={asked}
        set={(part) => setUntil({ ...until, ...part })}
        autofill={false}
        legend={<Trans>Valid until</Trans>}
        hint={<Trans>A date that exists, like 17 5 2031</Trans>}
      />
      <button type="submit" className="btn btn-main w-full" disabled={send.isPending}>
        <Trans>Keep this passport</Trans>
      </button>
    </form>
  );
}
