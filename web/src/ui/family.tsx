import { useLingui } from '@lingui/react/macro';
import type { Schemas } from '../api/client';
import { useLocale } from '../api/hooks';
import { formatMoney } from '../lib/money';
import { Icon } from './icons';

/** What a fare family promises, good and bad alike, in words. */
export function FamilyTerms({ family }: { family: Schemas['FareFamily'] }) {
  const { t } = useLingui();
  const locale = useLocale();
  const { included, conditions } = family;
  const bags = included.checked_bags;
  const change = conditions.change_fee;
  const seat: Record<string, string> = {
    standard: t`Standard seats to choose`,
    any: t`Any seat to choose`,
    none: t`Choosing a seat costs extra`,
  };
  const terms: [boolean, string][] = [
    [true, included.cabin_bags > 1 ? t`${included.cabin_bags} cabin bags` : t`1 cabin bag`],
    [bags > 0, bags === 0 ? t`No checked bag` : t`${bags} × ${included.checked_bag_kg} kg checked`],
    [included.seat_choice !== 'none', seat[included.seat_choice] ?? included.seat_choice],
    [
      conditions.changeable,
      !conditions.changeable
        ? t`No changes`
        : change && change.amount > 0
          ? t`Changes for ${formatMoney(change, locale, true)}`
          : t`Changes for free`,
    ],
    [conditions.refundable, refundText()],
  ];
  if (included.meal) terms.push([true, t`A meal`]);

  function refundText(): string {
    const best = conditions.refund[0];
    if (!conditions.refundable || !best) return t`No refund`;
    return t`${best.percent}% back until ${best.hours_before_departure} h before`;
  }

  return (
    <ul className="mb-4 space-y-1.5 text-sm">
      {terms.map(([good, text]) => (
        <li key={text} className={`flex gap-2 ${good ? '' : 'text-soft'}`}>
          <Icon name={good ? 'check' : 'cross'} className={`mt-0.5 size-4 ${good ? 'text-good' : ''}`} />
          {text}
        </li>
      ))}
    </ul>
  );
}
