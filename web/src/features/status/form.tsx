import { Trans, useLingui } from '@lingui/react/macro';
import { lazy, Suspense, useState } from 'react';
import { usePlace } from '../../api/hooks';
import { Icon } from '../../ui/icons';
import { Field } from '../../ui/parts';
import { type Asked, isComplete, numberOf, writeAsked } from './state';

const AirportDialog = lazy(() => import('../../ui/airport-dialog'));

interface LookUpProps {
  asked: Asked;
  look: (asked: Asked) => void;
}

/** What is looked up. Nothing is asked before the button is pressed; what was asked stands in the address. */
export function LookUp({ asked, look }: LookUpProps) {
  const { t } = useLingui();
  const [typed, setTyped] = useState(asked);
  const [tried, setTried] = useState(false);
  const [open, setOpen] = useState<'from' | 'to'>();
  // A link or Back has changed the address: that counts, and not what was typed before.
  const address = JSON.stringify(writeAsked(asked));
  const [shown, setShown] = useState(address);
  if (shown !== address) {
    setShown(address);
    setTyped(asked);
    setTried(false);
  }
  const set = (part: Partial<Asked>) => setTyped({ ...typed, ...part });
  const kind = (by: Asked['by'], name: string) => (
    <label className="inline-flex min-h-11 cursor-pointer items-center rounded-xl px-4 font-semibold text-soft has-checked:bg-card has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-3 has-focus-visible:outline-ring">
      <input
        type="radio"
        name="by"
        className="sr-only"
        checked={typed.by === by}
        onChange={() => {
          set({ by });
          setTried(false);
        }}
      />
      {name}
    </label>
  );
  return (
    <search>
      <form
        className="panel space-y-4 p-5 shadow-card"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          setTried(true);
          if (isComplete(typed)) look(typed);
          // What is wrong is where the keyboard goes, and is read with it.
          else requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
        }}
      >
        <fieldset className="inline-flex rounded-2xl bg-sunk p-1">
          <legend className="sr-only">
            <Trans>What do you know of it?</Trans>
          </legend>
          {kind('number', t`Flight number`)}
          {kind('route', t`From and to`)}
        </fieldset>
        <div className="grid items-start gap-4 sm:grid-cols-[1fr_12rem]">
          {typed.by === 'number' ? (
            <Field
              label={t`Flight number`}
              name="number"
              autoComplete="off"
              autoCapitalize="characters"
              maxLength={10}
              value={typed.number}
              error={tried && !numberOf(typed.number) ? t`Two letters and a number, like KR1` : undefined}
              onChange={({ target }) => set({ number: target.value })}
            />
          ) : (
            <div className="grid gap-4 sm:grid-cols-2">
              <End label={t`From`} code={typed.from} wrong={tried && !typed.from} open={() => setOpen('from')} />
              <End
                label={t`To`}
                code={typed.to}
                wrong={tried && (!typed.to || typed.to === typed.from)}
                open={() => setOpen('to')}
              />
            </div>
          )}
          <Field
            label={t`Leaves on`}
            name="on"
            type="date"
            value={typed.on}
            error={tried && !typed.on ? t`A day is needed` : undefined}
            onChange={({ target }) => set({ on: target.value })}
          />
        </div>
        <button type="submit" className="btn btn-main w-full sm:w-auto">
          <Icon name="search" />
          <Trans>Look it up</Trans>
        </button>
      </form>
      <Suspense>
        {open && (
          <AirportDialog
            title={open === 'from' ? t`Where from?` : t`Where to?`}
            airportsOnly
            close={() => setOpen(undefined)}
            choose={(code) => {
              set({ [open]: code });
              setOpen(undefined);
            }}
          />
        )}
      </Suspense>
    </search>
  );
}

interface EndProps {
  label: string;
  code: string;
  wrong: boolean;
  open: () => void;
}

function End({ label, code, wrong, open }: EndProps) {
  const { t } = useLingui();
  const place = usePlace(code);
  return (
    <button
      type="button"
      className="flex min-h-16 w-full min-w-0 items-center gap-3 rounded-2xl border-[1.5px] border-field bg-card px-4 py-2 text-start hover:border-brand hover:bg-tint/50 aria-[invalid=true]:border-bad"
      aria-invalid={wrong || undefined}
      onClick={open}
    >
      <Icon name="pin" className="size-6 text-soft" />
      <span className="min-w-0">
        <span className="block text-sm text-soft">{label}</span>
        <span className="block truncate font-semibold">
          {code ? `${place?.city ?? code} ${place ? code : ''}` : t`City or airport`}
        </span>
        {wrong && (
          <span className="block text-sm font-semibold text-bad">
            {code ? <Trans>Another one than it leaves from</Trans> : <Trans>Needed to look</Trans>}
          </span>
        )}
      </span>
    </button>
  );
}
