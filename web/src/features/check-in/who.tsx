import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../../ui/icons';
import { City } from '../../ui/journey';
import { usePassengerNames } from '../../ui/names';
import { type Booking, type Flight, Frame, nameOf, ToTrip } from './frame';

interface WhoProps {
  booking: Booking;
  flights: Flight[];
  papers: boolean;
  able: number[];
  chosen: number[];
  then: (who: number[]) => void;
}

/** Who is to be checked in: nobody is ticked, unless there is only one. */
export function Who({ booking, flights, papers, able, chosen, then }: WhoProps) {
  const { t } = useLingui();
  const kinds = usePassengerNames();
  const [who, setWho] = useState(chosen);
  const [asked, setAsked] = useState(false);
  const wrong = useRef<HTMLParagraphElement>(null);
  const missing = asked && who.length === 0;
  useEffect(() => {
    if (missing) wrong.current?.focus();
  }, [missing]);
  const type = (passenger: number) => booking.passengers.find((one) => one.passenger === passenger)?.type ?? '';
  const toggle = (passenger: number, on: boolean) =>
    setWho(able.filter((one) => (one === passenger ? on : who.includes(one))));
  return (
    <Frame
      step="who"
      papers={papers}
      title={t`Who checks in?`}
      intro={
        <>
          <City code={flights[0]?.origin ?? ''} /> → <City code={flights.at(-1)?.destination ?? ''} /> ·{' '}
          {flights.map((one) => one.flight_number).join(', ')}
        </>
      }
    >
      <form
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (who.length > 0) then(who);
        }}
      >
        {missing && (
          <p ref={wrong} tabIndex={-1} id="who-wrong" className="flex items-center gap-2 font-semibold text-bad">
            <Icon name="alert" />
            <Trans>Choose at least one traveller.</Trans>
          </p>
        )}
        <fieldset aria-describedby={missing ? 'who-wrong' : undefined}>
          <legend className="sr-only">
            <Trans>Travellers</Trans>
          </legend>
          <ul className="space-y-3">
            {able.map((passenger) => (
              <li key={passenger}>
                <label className="panel flex min-h-16 cursor-pointer items-center gap-4 px-5 py-3 has-checked:border-brand has-checked:bg-tint">
                  <input
                    type="checkbox"
                    className="size-6 shrink-0 accent-brand"
                    checked={who.includes(passenger)}
                    onChange={(event) => toggle(passenger, event.target.checked)}
                  />
                  <span>
                    <span className="block font-semibold">{nameOf(booking, passenger)}</span>
                    <span className="block text-sm text-soft">
                      {kinds[type(passenger)]}
                      {type(passenger) === 'infant' && (
                        <>
                          {' · '}
                          <Trans>goes with the adult whose lap it is on</Trans>
                        </>
                      )}
                    </span>
                  </span>
                </label>
              </li>
            ))}
          </ul>
        </fieldset>
        <div className="flex flex-wrap gap-3">
          {able.length > 1 && (
            <button type="button" className="btn btn-quiet flex-1" onClick={() => setWho(able)}>
              <Icon name="people" />
              <Trans>Choose everybody</Trans>
            </button>
          )}
          <button type="submit" className="btn btn-main flex-1">
            <Trans>Go on</Trans>
          </button>
        </div>
      </form>
      <ToTrip id={booking.id} />
    </Frame>
  );
}
