import { Plural, Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useLocale } from '../api/hooks';
import { allKeptPasses } from '../lib/pass-store';
import { clock, dayOf, formatDay } from '../lib/time';
import { Icon } from './icons';

/** The trips whose boarding passes are on this device. */
export function KeptTrips() {
  const locale = useLocale();
  const kept = useQuery({
    queryKey: ['kept-passes'],
    queryFn: allKeptPasses,
    networkMode: 'always',
    staleTime: 0,
    gcTime: 0,
  }).data;
  if (!kept?.length) return null;
  return (
    <section>
      <h2 className="mb-3 text-xl">
        <Trans>On this device</Trans>
      </h2>
      <ul className="space-y-3">
        {kept.map(({ booking, passes }) => {
          const first = passes[0];
          return (
            <li key={booking}>
              <Link
                to="/trips/$id/passes"
                params={{ id: booking }}
                className="panel flex items-center gap-4 p-5 hover:border-brand"
              >
                <Icon name="ticket" className="size-7 text-brand" />
                <span>
                  <span className="block font-semibold">
                    {first?.flight_number} · {first?.origin} → {first?.destination}
                  </span>
                  <span className="block text-sm text-soft">
                    {first && `${formatDay(dayOf(first.departs_at), locale)}, ${clock(first.departs_at)}`}
                    {' · '}
                    <Plural value={passes.length} one="# boarding pass" other="# boarding passes" />
                  </span>
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
