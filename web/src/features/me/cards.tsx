import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { Confirm } from '../../ui/confirm';
import { Gone } from '../../ui/gone';
import { OwnScreen } from '../../ui/own-screen';
import { Skeleton, Stale, Tag, Trouble } from '../../ui/parts';
import { offered, savedMethods, useMethodName } from '../../ui/paying/methods';
import { pauseAfter } from '../../ui/paying/pause';
import { AddCard } from './add-card';

type Saved = Schemas['SavedMethodView'];

/** What the gateway or the bank has not said its last word about; whoever comes back from the bank's page may be here before that word. */
const AWAITED = ['pending', 'requires_action'];

/** What somebody pays with again: kept at the gateway, of which we see the last digits. */
export default function Cards() {
  const { t } = useLingui();
  return (
    <OwnScreen
      title={t`Ways to pay`}
      intro={
        <Trans>Kept by the bank's gateway, not by us: we know the last four digits. You choose one when you pay.</Trans>
      }
    >
      {() => <List />}
    </OwnScreen>
  );
}

function List() {
  const client = useQueryClient();
  const since = useRef(Date.now());
  const [gone, setGone] = useState<{ name: string; at: number }>();
  const list = useQuery({
    ...savedMethods,
    refetchInterval: ({ state: { data, error } }) =>
      !error && data?.some((one) => AWAITED.includes(one.status)) ? pauseAfter(Date.now() - since.current) : false,
  });
  const ways = useQuery(offered);
  const here = ways.data;
  const again = () => client.invalidateQueries({ queryKey: savedMethods.queryKey });
  const remove = useMutation({
    mutationFn: ({ id }: { id: string; name: string }) =>
      ask(api.DELETE('/api/v1/me/payment-methods/{id}', { params: { path: { id } } })),
    onSuccess: (_, { name }) => setGone({ name, at: Date.now() }),
    onSettled: again,
  });
  if (isLost(list)) return <Trouble error={list.error} retry={() => list.refetch()} />;
  if (!list.data) return <Skeleton className="h-48" />;
  const name = gone?.name;
  const canAdd = here && here.fields !== 'none' && here.methods.some((one) => one.type === 'card');
  return (
    <>
      <Stale of={list} />
      {remove.error && <Trouble error={remove.error} />}
      {gone && (
        <Gone key={gone.at}>
          <Trans>{name} is removed.</Trans>
        </Gone>
      )}
      {list.data.length === 0 ? (
        <p className="panel p-8 text-center text-soft">
          <Trans>Nothing is kept.</Trans>
        </p>
      ) : (
        <ul className="panel divide-y divide-edge px-5">
          {list.data.map((one) => (
            <li key={one.id} className="py-4">
              <One saved={one} busy={remove.isPending} remove={(name) => remove.mutate({ id: one.id, name })} />
            </li>
          ))}
        </ul>
      )}
      {isLost(ways) && (
        <div className="space-y-3">
          <p className="font-semibold">
            <Trans>We could not find out whether a card can be added here.</Trans>
          </p>
          <Trouble error={ways.error} retry={() => ways.refetch()} />
        </div>
      )}
      {canAdd && (
        <AddCard
          at={here}
          list={list.data}
          asked={() => {
            since.current = Date.now();
            return again();
          }}
        />
      )}
    </>
  );
}

function One({ saved, busy, remove }: { saved: Saved; busy: boolean; remove: (name: string) => void }) {
  const { t } = useLingui();
  const name = useMethodName()(saved.method);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <p className="me-auto flex flex-wrap items-center gap-2 font-semibold">
        {name}
        {saved.status === 'pending' && (
          <Tag tone="note">
            <Trans>Being looked at</Trans>
          </Tag>
        )}
        {saved.status === 'requires_action' && (
          <Tag tone="note">
            <Trans>Not approved yet</Trans>
          </Tag>
        )}
        {saved.status === 'failed' && (
          <Tag tone="bad">
            <Trans>The bank does not let it be kept</Trans>
          </Tag>
        )}
      </p>
      {saved.action_url && (
        <a href={saved.action_url} className="btn btn-main">
          <Trans>Go to the bank's page</Trans>
        </a>
      )}
      <Confirm
        label={<Trans>Remove</Trans>}
        name={t`Remove ${name}`}
        question={<Trans>Remove {name}? What it paid for stays paid.</Trans>}
        deed={<Trans>Remove it</Trans>}
        busy={busy}
        act={() => remove(name)}
      />
    </div>
  );
}
