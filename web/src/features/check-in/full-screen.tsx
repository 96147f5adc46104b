import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, useRef } from 'react';
import { useLocale } from '../../api/hooks';
import { useAwake } from '../../lib/awake';
import { boardingOf, type PicturedPass } from '../../lib/pass-store';
import { clock, dayBeside, dayOf, formatDay } from '../../lib/time';
import { Icon } from '../../ui/icons';
import { BarCode, Doing } from './pass-card';

interface FullScreenProps {
  passes: PicturedPass[];
  index: number;
  show: (index: number) => void;
  close: () => void;
}

/** How far a finger goes for the next pass, in pixels. */
const SWIPE = 48;

/** One pass and nothing else, white to its edges, on a screen that does not go dark. */
export function FullScreen({ passes, index, show, close }: FullScreenProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const frame = useRef<HTMLDialogElement>(null);
  const from = useRef<number>(undefined);
  useAwake(true);
  useEffect(() => {
    frame.current?.showModal();
  }, []);
  const pass = passes[index];
  if (!pass) return null;
  const boarding = boardingOf(pass);
  const move = (by: number) => {
    if (passes[index + by]) show(index + by);
  };
  const swiped = (to: number) => {
    const gone = to - (from.current ?? to);
    from.current = undefined;
    if (Math.abs(gone) < SWIPE) return;
    const forward = document.dir === 'rtl' ? gone > 0 : gone < 0;
    move(forward ? 1 : -1);
  };
  const round = 'grid size-12 place-items-center rounded-full border-[1.5px] border-field disabled:opacity-40';
  const name = `${pass.given_name} ${pass.family_name}`;
  return (
    <dialog
      ref={frame}
      aria-label={t`Boarding pass of ${name}`}
      onClose={close}
      onTouchStart={(event) => {
        from.current = event.touches[0]?.clientX;
      }}
      onTouchEnd={(event) => swiped(event.changedTouches[0]?.clientX ?? 0)}
      className="scheme-light m-0 h-dvh max-h-none w-screen max-w-none touch-pan-y bg-[#fff] p-4 text-ink"
    >
      <div className="mx-auto flex min-h-full max-w-lg flex-col justify-between gap-4">
        <div className="flex items-start justify-between gap-4">
          <div role="status">
            <p className="text-xl font-semibold">{name}</p>
            <p className="figures">
              {pass.flight_number} · {pass.origin} → {pass.destination} ·{' '}
              {formatDay(dayOf(pass.departs_at), locale, 'number')}, {clock(pass.departs_at)}
            </p>
          </div>
          <button type="button" className={round} onClick={() => frame.current?.close()} aria-label={t`Close`}>
            <Icon name="close" />
          </button>
        </div>
        <Doing pass={pass} />
        <BarCode pass={pass} className="mx-auto w-full max-w-[min(26rem,60dvh)]" />
        <dl className="figures flex justify-between gap-4 text-center">
          {[
            [t`Gate`, pass.gate ?? '–'],
            [[t`Boarding`, dayBeside(pass.departs_at, boarding, locale)].filter(Boolean).join(', '), clock(boarding)],
            [t`Seat`, pass.seat ?? '–'],
          ].map(([label, text]) => (
            <div key={label}>
              <dt className="text-sm text-soft">{label}</dt>
              <dd className="text-3xl font-semibold">{text}</dd>
            </div>
          ))}
        </dl>
        {passes.length > 1 && (
          <div className="flex items-center justify-between">
            <button
              type="button"
              className={round}
              disabled={index === 0}
              onClick={() => move(-1)}
              aria-label={t`Previous pass`}
            >
              <Icon name="back" className="size-5 rtl:-scale-x-100" />
            </button>
            <p className="font-semibold">
              <Trans>
                {index + 1} of {passes.length}
              </Trans>
            </p>
            <button
              type="button"
              className={round}
              disabled={index === passes.length - 1}
              onClick={() => move(1)}
              aria-label={t`Next pass`}
            >
              <Icon name="next" className="size-5 rtl:-scale-x-100" />
            </button>
          </div>
        )}
      </div>
    </dialog>
  );
}
