import { Trans, useLingui } from '@lingui/react/macro';
import { useLocale } from '../../api/hooks';
import { boardingOf, type PicturedPass } from '../../lib/pass-store';
import { clock, dayBeside, dayOf, formatDay } from '../../lib/time';
import { City } from '../../ui/journey';
import { useCabinNames, useFlightNames } from '../../ui/names';
import { Notice, Tag } from '../../ui/parts';

/** The picture that a gate reads: black on white whatever the scheme, in a place that is there before it is. */
export function BarCode({ pass, className }: { pass: PicturedPass; className: string }) {
  const { t } = useLingui();
  return (
    <img
      src={`data:image/svg+xml,${encodeURIComponent(pass.picture)}`}
      alt={t`Bar code of the boarding pass of ${pass.given_name} ${pass.family_name}, ${pass.flight_number}`}
      width="400"
      height="400"
      className={`aspect-square h-auto bg-[#fff] ${className}`}
    />
  );
}

/** A boarding pass: everything the bar code says to a gate, said to people. It is paper, so it is white in the dark too. */
export function PassCard({ pass }: { pass: PicturedPass }) {
  const { t } = useLingui();
  const locale = useLocale();
  const cabins: Record<string, string> = useCabinNames();
  const boarding = boardingOf(pass);
  const large: [string, string][] = [
    [t`Gate`, pass.gate ?? '–'],
    [[t`Boarding`, dayBeside(pass.departs_at, boarding, locale)].filter(Boolean).join(', '), clock(boarding)],
    [t`Seat`, pass.seat ?? (pass.type === 'infant' ? t`on a lap` : '–')],
  ];
  const small: [string, string][] = [
    [t`Flight`, pass.flight_number],
    [t`Date`, formatDay(dayOf(pass.departs_at), locale)],
    [t`Departs`, clock(pass.departs_at)],
    [t`Cabin`, cabins[pass.cabin] ?? pass.cabin],
    [t`Number`, String(pass.sequence)],
    [t`Booking code`, pass.locator],
    [t`Ticket`, pass.ticket],
  ];
  return (
    <article className="scheme-light overflow-hidden rounded-3xl border border-edge bg-card text-ink shadow-card">
      <div className="bg-deep px-5 pt-4 pb-5 text-white">
        <h2 className="text-lg">
          {pass.given_name} {pass.family_name}
        </h2>
        <div className="mt-3 grid grid-cols-[auto_1fr_auto] items-center gap-x-4">
          <p className="display text-4xl leading-none">{pass.origin}</p>
          <span aria-hidden="true" className="relative h-[3px] rounded-full bg-kesar-bright">
            <span className="absolute start-0 -top-1 size-2.5 rounded-full bg-white" />
            <span className="absolute end-0 -top-1 size-2.5 rounded-full bg-kesar-bright" />
          </span>
          <p className="display text-4xl leading-none">{pass.destination}</p>
          <p className="mt-1 text-sm text-deep-soft">
            <City code={pass.origin} />
          </p>
          <span />
          <p className="mt-1 text-end text-sm text-deep-soft">
            <City code={pass.destination} />
          </p>
        </div>
      </div>
      <div className="px-5 pt-5 pb-6">
        <Doing pass={pass} />
        <Facts facts={large} className="grid-cols-3" value="text-3xl leading-tight" />
        <BarCode pass={pass} className="mx-auto my-5 w-full max-w-64" />
        <Facts
          facts={small}
          className="grid-cols-[repeat(auto-fill,minmax(min(7.75rem,45%),1fr))] border-t border-dashed border-field pt-4"
          value=""
        />
      </div>
    </article>
  );
}

/** That a flight does not fly, or flies late: before anything that says when to be at a gate. */
export function Doing({ pass }: { pass: PicturedPass }) {
  const names = useFlightNames();
  if (pass.status === 'cancelled')
    return (
      <div className="mb-4">
        <Notice tone="bad">
          <p className="font-semibold">
            <Trans>This flight is cancelled. Do not go to the gate: the trip says what you can do.</Trans>
          </p>
        </Notice>
      </div>
    );
  if (pass.status !== 'delayed') return null;
  return (
    <p className="mb-3">
      <Tag tone="bad">{names.delayed}</Tag>
    </p>
  );
}

function Facts({ facts, className, value }: { facts: [string, string][]; className: string; value: string }) {
  return (
    <dl className={`grid gap-x-4 gap-y-3 ${className}`}>
      {facts.map(([name, text]) => (
        <div key={name} className="min-w-0">
          <dt className="text-sm text-soft">{name}</dt>
          <dd className={`figures font-semibold ${value}`}>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
