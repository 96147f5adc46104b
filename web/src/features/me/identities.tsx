import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoment } from '../../lib/time';
import { Confirm } from '../../ui/confirm';
import { Icon } from '../../ui/icons';
import { Part } from '../../ui/own-screen';
import { Trouble } from '../../ui/parts';
import { providers } from '../../ui/providers';
import { linkedProviders, useProven } from './proof';

/** Identities elsewhere that open this account; nothing where the airline takes none and there is none. */
export function Identities() {
  const { t } = useLingui();
  const linked = useQuery(linkedProviders).data?.providers ?? [];
  const all = useQuery(providers).data?.providers ?? [];
  const { mutation: link, proof } = useProven({
    act: (provider: string) =>
      ask(api.POST('/api/v1/me/providers', { body: { provider, redirect_after: '/me/security' } })),
    done: ({ authorization_url }) => location.assign(authorization_url),
  });
  const others = all.filter(({ id }) => !linked.some((one) => one.provider === id));
  if (linked.length === 0 && others.length === 0) return null;
  return (
    <Part title={t`Other accounts`} intro={<Trans>Who opens your account without its password.</Trans>}>
      {linked.length > 0 && (
        <ul className="divide-y divide-edge rounded-2xl border border-edge px-4">
          {linked.map((one) => (
            <li key={`${one.provider} ${one.subject}`} className="py-4">
              <Linked one={one} />
            </li>
          ))}
        </ul>
      )}
      {proof}
      {link.error && !proof && <Trouble error={link.error} />}
      <div className="flex flex-wrap gap-3">
        {others.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            className="btn btn-quiet"
            disabled={link.isPending}
            onClick={() => link.mutate(id)}
          >
            <Icon name="plus" />
            <Trans>Link {label}</Trans>
          </button>
        ))}
      </div>
    </Part>
  );
}

function Linked({ one }: { one: Schemas['LinkedProvider'] }) {
  const { t } = useLingui();
  const locale = useLocale();
  const client = useQueryClient();
  const { mutation: remove, proof } = useProven({
    act: () => ask(api.DELETE('/api/v1/me/providers/{id}', { params: { path: { id: one.provider } } })),
    done: () => void client.invalidateQueries({ queryKey: linkedProviders.queryKey }),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="me-auto min-w-0">
        <span className="block font-semibold">{one.label}</span>
        <span className="block text-sm break-all text-soft">
          {one.account} · <Trans>linked {formatMoment(one.linked_at, locale)}</Trans>
        </span>
      </p>
      <Confirm
        label={<Trans>Remove</Trans>}
        name={t`Remove ${one.label}`}
        question={<Trans>It opens nothing any more, and everywhere else you are signed out.</Trans>}
        deed={<Trans>Remove it</Trans>}
        busy={remove.isPending}
        act={() => remove.mutate(undefined)}
      />
      {proof}
      {remove.error && !proof && (
        <div className="w-full">
          <Trouble error={remove.error} />
        </div>
      )}
    </div>
  );
}
