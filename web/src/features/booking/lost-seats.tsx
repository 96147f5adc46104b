import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, useState } from 'react';
import type { Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoney } from '../../lib/money';
import { nearby } from './live-seats';

type Seat = Schemas['SeatOnFlight'];

/** A seat that somebody chose for a passenger, and that another took meanwhile. */
export interface Loss {
  passenger: number;
  seat: string;
}

interface LostSeatsProps {
  losses: Loss[];
  cabin: Schemas['SeatCabin'];
  chosen: string[];
  passengers: { passenger: number; given_name: string }[];
  give: (seat: Seat, passenger: number) => void;
  close: () => void;
}

/** What comes up under a finger is not pressed by it. */
const STILL_MS = 500;

/** Says which chosen seats are gone, with what is free near them. It lies above the page, so that nothing of it moves. */
export function LostSeats({ losses, cabin, chosen, passengers, give, close }: LostSeatsProps) {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), STILL_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <section className="panel fixed inset-x-4 bottom-4 z-30 max-h-[60dvh] space-y-4 overflow-y-auto p-4 shadow-lift sm:start-auto sm:end-6 sm:w-96">
      {losses.map((loss) => (
        <Lost
          key={loss.passenger}
          loss={loss}
          name={passengers.find((one) => one.passenger === loss.passenger)?.given_name ?? ''}
          others={nearby(cabin, loss.seat, loss.passenger, chosen)}
          ready={ready}
          give={(seat) => give(seat, loss.passenger)}
        />
      ))}
      <button type="button" className="btn btn-quiet w-full" disabled={!ready} onClick={close}>
        <Trans>I choose on the map</Trans>
      </button>
    </section>
  );
}

interface LostProps {
  loss: Loss;
  name: string;
  others: Seat[];
  ready: boolean;
  give: (seat: Seat) => void;
}

function Lost({ loss: { seat }, name, others, ready, give }: LostProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const price = (one: Seat) => (one.price.amount === 0 ? t`free of charge` : formatMoney(one.price, locale, true));
  return (
    <div>
      <p className="font-semibold">
        <Trans>
          Somebody else has just taken {seat}, which you chose for {name}. Nothing was charged.
        </Trans>
      </p>
      {others.length > 0 && (
        <div role="group" aria-label={t`Near ${seat}`} className="mt-3 flex flex-wrap gap-2">
          {others.map((one) => (
            <button
              key={one.seat}
              type="button"
              className="btn btn-quiet"
              disabled={!ready}
              onClick={() => give(one)}
              aria-label={t`Take ${one.seat} instead, ${price(one)}`}
            >
              <b className="figures">{one.seat}</b> <span className="text-sm">{price(one)}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
