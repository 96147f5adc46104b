import { Trans, useLingui } from '@lingui/react/macro';
import { useLocale } from '../../api/hooks';
import { decimalText, formatMoney, type Money } from '../../lib/money';
import { Field } from '../parts';
import { formatPercent, PERCENTS, readAmount, type Wish } from './watch';

/** What somebody waits for as it stands in the form: one of the shares, or an amount that is typed. */
export interface Draft {
  percent: number | undefined;
  typed: string;
}

export const draftOf = ({ drop_percent, target }: { drop_percent?: number | null; target?: Money | null }): Draft => ({
  percent: target ? undefined : (drop_percent ?? undefined),
  typed: target ? decimalText(target) : '',
});

export function wishIn({ percent, typed }: Draft, currency: string): Wish | undefined {
  if (percent !== undefined) return { percent };
  const amount = readAmount(typed, currency);
  return amount === undefined ? undefined : { target: { amount, currency } };
}

interface WishFieldsProps {
  draft: Draft;
  set: (draft: Draft) => void;
  /** What it costs now, if anything. */
  price: Money | null | undefined;
  currency: string;
  /** A fare that was bought is compared with itself: there is no other price to wait for. */
  bought: boolean;
  /** Whether what is missing is told by now. */
  asked: boolean;
  legend: string;
}

const CHOICE =
  'relative inline-flex min-h-11 cursor-pointer items-center rounded-xl border-[1.5px] border-field px-4 font-semibold has-checked:border-brand has-checked:bg-tint has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring';

/** How far a price has to fall: by a share, or to an amount. */
export function WishFields({ draft, set, price, currency, bought, asked, legend }: WishFieldsProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const own = draft.percent === undefined;
  // One that was set elsewhere stays to be chosen.
  const shares = [...new Set([...PERCENTS, ...(draft.percent === undefined ? [] : [draft.percent])])].sort(
    (a, b) => a - b,
  );
  const amount = readAmount(draft.typed, currency);
  const reached = price && amount !== undefined && amount >= price.amount;
  return (
    <fieldset>
      <legend className="mb-2 font-semibold">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {shares.map((percent) => (
          <label key={percent} className={CHOICE}>
            <input
              type="radio"
              name="wish"
              className="sr-only"
              checked={draft.percent === percent}
              onChange={() => set({ ...draft, percent })}
            />
            <Trans>by {formatPercent(percent, locale)}</Trans>
          </label>
        ))}
        {!bought && (
          <label className={CHOICE}>
            <input
              type="radio"
              name="wish"
              className="sr-only"
              checked={own}
              onChange={() => set({ ...draft, percent: undefined })}
            />
            <Trans>to a price of my own</Trans>
          </label>
        )}
      </div>
      {own && (
        <Field
          className="mt-3 max-w-60"
          label={t`One adult pays at most (${currency})`}
          inputMode="decimal"
          autoComplete="off"
          value={draft.typed}
          onChange={({ target }) => set({ ...draft, typed: target.value })}
          error={asked && amount === undefined ? t`An amount, like 150` : undefined}
          help={
            reached
              ? t`It costs ${formatMoney(price, locale, true)} already. We tell you when it was dearer and falls again.`
              : price
                ? t`It costs ${formatMoney(price, locale, true)} now.`
                : undefined
          }
        />
      )}
    </fieldset>
  );
}

/** Which way the news goes. Everything told is in the inbox. */
export function WayFields({ email, set }: { email: boolean; set: (email: boolean) => void }) {
  return (
    <fieldset>
      <legend className="mb-2 font-semibold">
        <Trans>Tell me</Trans>
      </legend>
      <div className="flex flex-wrap gap-2">
        <label className={CHOICE}>
          <input type="radio" name="way" className="sr-only" checked={email} onChange={() => set(true)} />
          <Trans>by mail and in the inbox</Trans>
        </label>
        <label className={CHOICE}>
          <input type="radio" name="way" className="sr-only" checked={!email} onChange={() => set(false)} />
          <Trans>in the inbox only</Trans>
        </label>
      </div>
    </fieldset>
  );
}
