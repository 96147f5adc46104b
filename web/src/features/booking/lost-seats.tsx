import { Trans, useLingui } from '@lingui/react/macro';
import { useId, useState } from 'react';
import type { Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoney } from '../../lib/money';
import { useStill } from '../../ui/still';
import { canHave, nearby, seatsOf } from './live-seats';

type Seat = Schemas['SeatOnFlight'];

/** A seat that somebody chose for a passenger, and that cannot be theirs any more. */
export interface Loss {
  passenger: number;
  seat: string;
  /** By somebody else, and not by the airline. */
  taken: boolean;
}

interface LostSeatsProps {
  losses: Loss[];
  cabin: Schemas['SeatCabin'];
  chosen: string[];
  passengers: { passenger: number; given_name: string }[];
  give: (seat: Seat, passenger: number) => void;
  close: () => void;
}

/**
 * Says which chosen seats are gone, with what is free near them. It lies above the page, so that nothing of it moves. What is read out is in its
 * place before there is anything to say.
 */
export function LostSeats({ losses, cabin, chosen, passengers, give, close }: LostSeatsProps) {
  const ready = useStill(losses.map(keyOf).join(' '));
  const shown =
    'panel fixed inset-x-4 bottom-4 z-30 max-h-[60dvh] space-y-4 overflow-y-auto p-4 shadow-lift sm:start-auto sm:end-6 sm:w-96';
  return (
    <section className={losses.length > 0 ? shown : 'sr-only'}>
      <div role="status" className="space-y-2 font-semibold">
        {losses.map(({ passenger, seat, taken }) => (
          <Sentence
            key={passenger}
            seat={seat}
            taken={taken}
            name={passengers.find((one) => one.passenger === passenger)?.given_name ?? ''}
          />
        ))}
      </div>
      {losses.map((loss) => (
        <Offers key={keyOf(loss)} loss={loss} cabin={cabin} chosen={chosen} ready={ready} give={give} />
      ))}
      {losses.length > 0 && (
        <button type="button" className="btn btn-quiet w-full" disabled={!ready} onClick={close}>
          <Trans>I choose on the map</Trans>
        </button>
      )}
    </section>
  );
}

const keyOf = ({ passenger, seat }: Loss) => `${passenger}-${seat}`;

function Sentence({ seat, name, taken }: { seat: string; name: string; taken: boolean }) {
  if (!taken)
    return (
      <p>
        <Trans>
          Seat {seat}, which you chose for {name}, cannot be had any more. Nothing was charged.
        </Trans>
      </p>
    );
  return (
    <p>
      <Trans>
        Somebody else has just taken {seat}, which you chose for {name}. Nothing was charged.
      </Trans>
    </p>
  );
}

interface OffersProps extends Pick<LostSeatsProps, 'cabin' | 'chosen' | 'give'> {
  loss: Loss;
  ready: boolean;
}

/** What was near when the seat was lost stays where it is under the finger; what goes meanwhile cannot be pressed. */
function Offers({ loss: { seat, passenger }, cabin, chosen, ready, give }: OffersProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const label = useId();
  const [others] = useState(() => nearby(cabin, seat, passenger, chosen));
  const now = new Map(seatsOf(cabin).map((one) => [one.seat, one]));
  const price = (one: Seat) => (one.price.amount === 0 ? t`free of charge` : formatMoney(one.price, locale, true));
  if (others.length === 0) return null;
  return (
    <div role="group" aria-labelledby={label} className="flex flex-wrap gap-2">
      <p id={label} className="w-full text-sm text-soft">
        <Trans>Near {seat}</Trans>
      </p>
      {others.map((offered) => {
        const one = now.get(offered.seat) ?? { ...offered, state: 'blocked' };
        return (
          <button
            key={one.seat}
            type="button"
            className="btn btn-quiet"
            disabled={!ready || !canHave(one, passenger) || chosen.includes(one.seat)}
            onClick={() => give(one, passenger)}
            aria-label={t`${one.seat} ${price(one)}: take it instead`}
          >
            <b className="figures">{one.seat}</b> <span className="text-sm">{price(one)}</span>
          </button>
        );
      })}
    </div>
  );
}
