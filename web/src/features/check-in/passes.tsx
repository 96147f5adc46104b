import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { Suspense, useEffect, useRef, useState } from 'react';
import { api, ask, hasPass } from '../../api/client';
import { boardingPasses, useLocale } from '../../api/hooks';
import { useLive } from '../../api/use-live';
import { extraPart } from '../../lib/later-part';
import { forgetPasses, mayKeep, type PicturedPass, setMayKeep } from '../../lib/pass-store';
import { saveFile } from '../../lib/save';
import { formatMoment } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { Notice, Trouble, Waiting } from '../../ui/parts';
import { ToTrip } from './frame';
import { FullScreen } from './full-screen';
import { PassCard } from './pass-card';

const TakeAlong = extraPart(() => import('./take-along'));

/** The boarding passes of a trip, one beside the other, with or without a network. */
export default function Passes() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const isNew = useSearch({ strict: false }).new === '1';
  const query = useQuery(boardingPasses(id));
  useTitle(t`Boarding passes`);
  const passes = query.data?.passes ?? [];
  // Another gate, another time, another seat: the pass says so while it is looked at.
  const flights = [...new Set(passes.map((pass) => `flight:${pass.flight_id}`))];
  useLive(flights.length > 0 ? [`booking:${id}`, ...flights] : [], () => void query.refetch());
  if (query.isPending) return <Waiting />;
  return (
    <div className="page max-w-xl pt-6">
      <ToTrip id={id} />
      <h1 className="display mb-5 text-4xl">
        <Trans>Boarding passes</Trans>
      </h1>
      <div className="space-y-5">
        {isNew && passes.length > 0 && (
          <Notice tone="good" icon="check">
            <p className="font-semibold">
              <Trans>You are checked in. Have a good flight!</Trans>
            </p>
          </Notice>
        )}
        {query.error && <Trouble error={query.error} retry={() => query.refetch()} />}
        {query.data && passes.length === 0 && <None id={id} />}
        {query.data && !query.data.fresh && <Kept at={query.data.at} retry={() => query.refetch()} />}
        {passes.length > 0 && <Row booking={id} passes={passes} fresh={query.data?.fresh ?? false} />}
      </div>
    </div>
  );
}

function None({ id }: { id: string }) {
  return (
    <div className="panel space-y-4 p-6 text-center">
      <p className="text-soft">
        <Trans>Nobody is checked in yet. A boarding pass comes with check-in.</Trans>
      </p>
      <Link to="/trips/$id/check-in" params={{ id }} className="btn btn-main">
        <Trans>Check-in</Trans>
      </Link>
    </div>
  );
}

function Kept({ at, retry }: { at: string; retry: () => void }) {
  const when = formatMoment(at, useLocale());
  return (
    <Notice tone="note">
      <p className="font-semibold">
        <Trans>Kept on this device {when}.</Trans>
      </p>
      <p>
        <Trans>
          We could not ask for the newest. Gate and time may have changed: look at the screens of the airport.
        </Trans>
      </p>
      <button type="button" className="btn btn-quiet mt-3" onClick={retry}>
        <Trans>Try again</Trans>
      </button>
    </Notice>
  );
}

interface RowProps {
  booking: string;
  passes: PicturedPass[];
  /** Whether the server has just answered: without it there is nothing but what is kept here. */
  fresh: boolean;
}

function Row({ booking, passes, fresh }: RowProps) {
  const { t } = useLingui();
  const strip = useRef<HTMLUListElement>(null);
  const [at, setAt] = useState(0);
  const [full, setFull] = useState(false);
  const index = Math.min(at, passes.length - 1);
  const shown = passes[index];
  const show = (next: number) => {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    strip.current?.children[next]?.scrollIntoView({
      behavior: calm ? 'instant' : 'smooth',
      block: 'nearest',
      inline: 'start',
    });
    setAt(next);
  };
  useSwiped(strip, setAt);
  if (!shown) return null;
  const [number, all, name] = [index + 1, passes.length, `${shown.given_name} ${shown.family_name}`];
  return (
    <>
      <ul
        ref={strip}
        tabIndex={passes.length > 1 ? 0 : undefined}
        aria-label={t`Boarding passes`}
        className="-mx-1 -mb-3 flex snap-x snap-mandatory scroll-px-1 gap-4 overflow-x-auto px-1 pt-1 pb-7"
      >
        {passes.map((pass) => (
          <li key={`${pass.segment}-${pass.passenger}`} className="min-w-0 shrink-0 basis-full snap-start">
            <PassCard pass={pass} />
          </li>
        ))}
      </ul>
      {passes.length > 1 && (
        <div className="flex items-center justify-between gap-3">
          <button
            type="button"
            className="btn btn-quiet"
            disabled={index === 0}
            onClick={() => show(index - 1)}
            aria-label={t`Previous pass`}
          >
            <Icon name="back" className="size-5 rtl:-scale-x-100" />
          </button>
          <p role="status" className="text-center font-semibold">
            <Trans>
              {number} of {all}: {name}
            </Trans>
          </p>
          <button
            type="button"
            className="btn btn-quiet"
            disabled={index === passes.length - 1}
            onClick={() => show(index + 1)}
            aria-label={t`Next pass`}
          >
            <Icon name="next" className="size-5 rtl:-scale-x-100" />
          </button>
        </div>
      )}
      {shown.status === 'cancelled' ? (
        <Link to="/trips/$id" params={{ id: booking }} className="btn btn-main w-full">
          <Trans>To the trip</Trans>
        </Link>
      ) : (
        <button type="button" className="btn btn-main w-full" onClick={() => setFull(true)}>
          <Trans>Show it at the gate</Trans>
        </button>
      )}
      <Paper booking={booking} locator={shown.locator} />
      {fresh && shown.status !== 'cancelled' && (
        <Suspense>
          <TakeAlong key={`${shown.segment} ${shown.passenger}`} booking={booking} pass={shown} />
        </Suspense>
      )}
      {full && <FullScreen passes={passes} index={index} show={show} close={() => setFull(false)} />}
    </>
  );
}

/** Which of the strip's children a finger has left in front. */
function useSwiped(strip: React.RefObject<HTMLUListElement | null>, set: (index: number) => void) {
  useEffect(() => {
    const list = strip.current;
    if (!list) return;
    const watcher = new IntersectionObserver(
      (entries) => {
        const front = entries.find((one) => one.isIntersecting);
        if (front) set([...list.children].indexOf(front.target));
      },
      { root: list, threshold: 0.7 },
    );
    for (const child of list.children) watcher.observe(child);
    return () => watcher.disconnect();
  }, [strip, set]);
}

function Paper({ booking, locator }: { booking: string; locator: string }) {
  const client = useQueryClient();
  const [kept, setKept] = useState(() => mayKeep(booking));
  const keepHere = async (yes: boolean) => {
    setMayKeep(booking, yes);
    await (yes ? client.invalidateQueries({ queryKey: boardingPasses(booking).queryKey }) : forgetPasses(booking));
    setKept(yes);
  };
  const save = useMutation({
    mutationFn: async () => {
      const params = { path: { id: booking }, query: { format: 'pdf' } };
      const file = await ask(api.GET('/api/v1/bookings/{id}/boarding-passes', { params, parseAs: 'blob' }));
      saveFile(file as unknown as Blob, `${locator}-boarding-passes.pdf`);
    },
  });
  return (
    <>
      {save.error && <Trouble error={save.error} />}
      <button type="button" className="btn btn-quiet w-full" disabled={save.isPending} onClick={() => save.mutate()}>
        <Icon name="ticket" />
        <Trans>On paper (PDF)</Trans>
      </button>
      <p className="text-sm text-soft">
        {hasPass(booking) ? (
          <Trans>Opened with a code: nothing of it is kept on this device. Take the PDF with you.</Trans>
        ) : !kept ? (
          <>
            <span role="status">
              <Trans>Removed from this device. The pass stays good.</Trans>
            </span>{' '}
            <button type="button" className="link min-h-6" onClick={() => void keepHere(true)}>
              <Trans>Keep them here</Trans>
            </button>
          </>
        ) : (
          <>
            <Trans>They are kept on this device for where there is no network, until you sign out.</Trans>{' '}
            <button type="button" className="link min-h-6" onClick={() => void keepHere(false)}>
              <Trans>Remove them from this device</Trans>
            </button>
          </>
        )}
      </p>
    </>
  );
}
