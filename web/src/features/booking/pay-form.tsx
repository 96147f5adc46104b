import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { isLost, type Schemas } from '../../api/client';
import { useProfile } from '../../api/hooks';
import { Field, Notice, Price, Skeleton, Trouble } from '../../ui/parts';
import { offered as offeredQuery, savedMethods, useMethodName } from '../../ui/paying/methods';
import { digitsOf, grouped, mayBeCard } from '../../ui/paying/number';

interface PayFormProps {
  due: Schemas['Money'];
  busy: boolean;
  pay: (method: Schemas['MethodBody']) => void;
}

/**
 * Ways to pay that can be offered here: a card's number goes to the test gateway alone, which says so by `test_numbers`; what needs a
 * token of a real gateway is not offered without its own fields.
 */
export function PayForm({ due, busy, pay }: PayFormProps) {
  const { t } = useLingui();
  const offered = useQuery(offeredQuery);
  const me = useProfile();
  const saved = useQuery({ ...savedMethods, enabled: Boolean(me.data) });
  const nameOf = useMethodName();
  const [chosen, setChosen] = useState<string>();
  const [number, setNumber] = useState('');
  const [asked, setAsked] = useState(false);
  // What is chosen at first is known before anything is shown; once shown, nothing comes between it and whoever types.
  const shown = useRef(false);
  shown.current ||= Boolean(offered.data) && !me.isLoading && !saved.isLoading;
  if (isLost(offered)) return <Trouble error={offered.error} retry={() => offered.refetch()} />;
  if (!offered.data || !shown.current) return <Skeleton className="h-48" />;
  const { methods, test_numbers } = offered.data;
  const usable = methods
    .filter((one) => !one.needs_token || (one.type === 'card' && test_numbers))
    .map((one) => one.type);
  const kept = saved.data?.filter((one) => one.status === 'ready') ?? [];
  const ways = [...kept.map((one) => one.id), ...usable];
  const method = chosen && ways.includes(chosen) ? chosen : ways[0];
  const names: Record<string, string> = {
    card: kept.length > 0 ? t`Another card` : t`Card`,
    upi: t`UPI`,
    ...Object.fromEntries(kept.map((one) => [one.id, nameOf(one.method)])),
  };
  if (ways.length === 0) {
    return (
      <Notice tone="note">
        <Trans>No way to pay here can be used yet. Your booking is kept; nothing was charged.</Trans>
      </Notice>
    );
  }
  return (
    <form
      className="panel space-y-4 p-5"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (kept.some((one) => one.id === method)) pay({ type: 'saved', saved_method: method });
        else if (method !== 'card') pay({ type: method ?? 'upi' });
        else if (mayBeCard(number)) pay({ type: 'card', number: digitsOf(number) });
      }}
    >
      <fieldset>
        <legend className="mb-2 text-lg font-semibold">
          <Trans>How do you pay?</Trans>
        </legend>
        <div className="flex flex-wrap gap-2">
          {ways.map((type) => (
            <label
              key={type}
              className="flex min-h-12 min-w-32 cursor-pointer items-center gap-3 rounded-xl border-[1.5px] border-field px-4 font-semibold has-checked:border-brand has-checked:bg-tint has-focus-visible:outline-3 has-focus-visible:outline-ring"
            >
              <input
                type="radio"
                name="method"
                className="size-5 accent-brand"
                checked={method === type}
                onChange={() => setChosen(type)}
              />
              {names[type] ?? type}
            </label>
          ))}
        </div>
      </fieldset>
      {method === 'card' && (
        <Field
          label={t`Card number`}
          inputMode="numeric"
          autoComplete="cc-number"
          value={number}
          error={asked && !mayBeCard(number) ? t`A card number has 12 to 19 digits` : undefined}
          onChange={(event) => {
            setChosen('card');
            setNumber(grouped(event.target.value));
          }}
        />
      )}
      {test_numbers && (
        <p className="rounded-xl bg-sunk p-3 text-sm">
          <Trans>
            A demo: no money moves. 4242 4242 4242 4242 pays, 4000 0027 6000 3184 asks your bank first, 4000 0000 0000
            0002 is declined.
          </Trans>
        </p>
      )}
      <button type="submit" className="btn btn-main w-full text-lg" disabled={busy}>
        {busy ? (
          <Trans>Paying …</Trans>
        ) : (
          <Trans>
            Pay <Price money={due} />
          </Trans>
        )}
      </button>
    </form>
  );
}
