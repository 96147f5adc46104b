import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoment } from '../../lib/time';
import { Icon } from '../../ui/icons';
import { Skeleton, Trouble } from '../../ui/parts';
import { pushSubscriptions, tellServer } from '../../ui/push/server';
import { ability, letGo, shownTo, subscribe, subscription } from '../../ui/push/subscription';

/** The browsers that show news while no page is open: this one, and others. Nothing where the airline sends no pushes. */
export function Browsers({ owner }: { owner: string }) {
  const list = useQuery(pushSubscriptions);
  if (isLost(list)) return <Trouble error={list.error} retry={() => list.refetch()} />;
  if (!list.data) return <Skeleton className="h-32" />;
  const { public_key: key, subscriptions } = list.data;
  if (!key) return null;
  return (
    <section className="panel p-5" aria-labelledby="browsers">
      <h2 id="browsers" className="text-lg">
        <Trans>News on your screen</Trans>
      </h2>
      <Here owner={owner} publicKey={key} own={subscriptions.find((one) => one.this_session)} />
      <Others all={subscriptions.filter((one) => !one.this_session)} />
    </section>
  );
}

interface HereProps {
  owner: string;
  publicKey: string;
  own?: Schemas['PushSubscription'];
}

/** This browser. Whether it shows news is known to it and to the server: both must say so. */
function Here({ owner, publicKey, own }: HereProps) {
  const client = useQueryClient();
  const has = useQuery({
    queryKey: ['push-subscriptions', 'here', own?.id],
    queryFn: async () => (ability() === 'able' && (await subscription(publicKey)) !== undefined ? 'yes' : 'no'),
  });
  const changed = () => client.invalidateQueries({ queryKey: pushSubscriptions.queryKey });
  const begin = useMutation({
    mutationFn: async () => {
      const made = await subscribe(publicKey);
      if (!made) return 'refused';
      await tellServer(made);
      shownTo(owner);
      return 'shown';
    },
    onSettled: changed,
  });
  const end = useMutation({
    mutationFn: async () => {
      await letGo();
      if (own) await ask(api.DELETE('/api/v1/push-subscriptions/{id}', { params: { path: { id: own.id } } }));
    },
    onSettled: changed,
  });
  const can = ability();
  const isOn = own !== undefined && has.data === 'yes';
  if (can !== 'able') return <CanNot why={can} />;
  return (
    <>
      <p className="mt-1 mb-4 text-soft" role="status">
        {isOn ? (
          <Trans>This browser shows what you are told, also when Udaan is closed.</Trans>
        ) : (
          <Trans>
            A delay, a gate, a cancellation: this browser can show it at once, also when Udaan is closed. Signing out
            ends it.
          </Trans>
        )}
      </p>
      <button
        type="button"
        className={isOn ? 'btn btn-quiet' : 'btn btn-main'}
        disabled={begin.isPending || end.isPending || has.isPending}
        onClick={() => (isOn ? end.mutate() : begin.mutate())}
      >
        <Icon name="bell" />
        {isOn ? <Trans>Not in this browser any more</Trans> : <Trans>Show news in this browser</Trans>}
      </button>
      {begin.data === 'refused' && (
        <p role="alert" className="mt-3 text-sm">
          <Trans>You did not allow it, and nothing has changed.</Trans>
        </p>
      )}
      {begin.error && <NotBegun error={begin.error} />}
      {end.error && <Trouble error={end.error} />}
    </>
  );
}

/** What the server says stands as it is; what a browser says is for nobody to read. */
function NotBegun({ error }: { error: Error }) {
  if (!(error instanceof DOMException)) return <Trouble error={error} />;
  return (
    <p role="alert" className="mt-3 text-sm text-bad">
      <Trans>
        Your browser's push service was not reached, so nothing has changed. Your inbox and your e-mail have everything.
      </Trans>
    </p>
  );
}

function CanNot({ why }: { why: 'unable' | 'install' | 'denied' }) {
  return (
    <p className="mt-1 text-soft">
      {why === 'install' ? (
        <Trans>
          On an iPhone or iPad, add Udaan to your Home Screen first and open it there: then it can show news.
        </Trans>
      ) : why === 'denied' ? (
        <Trans>
          Your browser does not let Udaan show news. Allow notifications for this site in its settings, and come back.
        </Trans>
      ) : (
        <Trans>This browser cannot show news while Udaan is closed. Your inbox and your e-mail have everything.</Trans>
      )}
    </p>
  );
}

function Others({ all }: { all: Schemas['PushSubscription'][] }) {
  if (all.length === 0) return null;
  return (
    <>
      <h3 className="mt-6 font-semibold">
        <Trans>Other browsers that show it</Trans>
      </h3>
      <ul className="divide-y divide-edge">
        {all.map((one) => (
          <li key={one.id}>
            <Other browser={one} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Other({ browser: one }: { browser: Schemas['PushSubscription'] }) {
  const { t } = useLingui();
  const locale = useLocale();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/push-subscriptions/{id}', { params: { path: { id: one.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: pushSubscriptions.queryKey }),
  });
  const name = one.device || t`A browser`;
  const since = formatMoment(one.created_at, locale);
  return (
    <div className="py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="me-auto">
          <span className="block font-semibold">{name}</span>
          <span className="block text-sm text-soft">
            <Trans>Since {since}</Trans>
          </span>
        </p>
        <button
          type="button"
          className="btn btn-quiet"
          aria-label={t`Remove ${name}`}
          disabled={remove.isPending}
          onClick={() => remove.mutate()}
        >
          <Trans>Remove</Trans>
        </button>
      </div>
      {remove.error && <Trouble error={remove.error} />}
    </div>
  );
}
