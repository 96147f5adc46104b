import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask, type Schemas } from '../../api/client';
import { Field, Notice, Price, Skeleton } from '../../ui/parts';

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
  const offered = useQuery({
    queryKey: ['methods'],
    queryFn: () => ask(api.GET('/api/v1/payments/methods')),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [chosen, setChosen] = useState<string>();
  const [number, setNumber] = useState('');
  const [asked, setAsked] = useState(false);
  if (!offered.data) return <Skeleton className="h-48" />;
  const { methods, test_numbers } = offered.data;
  const usable = methods
    .filter((one) => !one.needs_token || (one.type === 'card' && test_numbers))
    .map((one) => one.type);
  const method = chosen ?? usable[0];
  const digits = number.replaceAll(/\D/g, '');
  const names: Record<string, string> = { card: t`Card`, upi: t`UPI` };
  if (usable.length === 0) {
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
        if (method !== 'card') pay({ type: method ?? 'upi' });
        else if (digits.length >= 12) pay({ type: 'card', number: digits });
      }}
    >
      <fieldset>
        <legend className="mb-2 text-lg font-semibold">
          <Trans>How do you pay?</Trans>
        </legend>
        <div className="flex flex-wrap gap-2">
          {usable.map((type) => (
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
          error={asked && digits.length < 12 ? t`A card number has 12 to 19 digits` : undefined}
          onChange={(event) =>
            setNumber(
              event.target.value
                .replaceAll(/\D/g, '')
                .slice(0, 19)
                .replaceAll(/(\d{4})(?=\d)/g, '$1 '),
            )
          }
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
