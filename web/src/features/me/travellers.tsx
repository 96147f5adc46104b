import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { savedTravellers, useLocale } from '../../api/hooks';
import { formatDay, isDay } from '../../lib/time';
import { Birthday, dayTyped, type TypedDate } from '../../ui/birthday';
import { Icon } from '../../ui/icons';
import { OwnScreen } from '../../ui/own-screen';
import { Field, Notice, Skeleton, Stale, Trouble } from '../../ui/parts';

type Saved = Schemas['TravellerView'];
type Body = Schemas['Traveller'];

/** People that are booked for, kept so that nobody types them twice. */
export default function Travellers() {
  const { t } = useLingui();
  return (
    <OwnScreen
      title={t`Travellers`}
      intro={<Trans>Names as they stand in the passport or ID. When you book, choose them instead of typing.</Trans>}
    >
      {() => <List />}
    </OwnScreen>
  );
}

function List() {
  const client = useQueryClient();
  const list = useQuery(savedTravellers);
  /** Whose form is open: an id, `new`, or nobody's. */
  const [open, setOpen] = useState<string>();
  const [gone, setGone] = useState<Saved>();
  /** Whose button the keyboard goes on from, as what was pressed before is gone: an id, or `new`. */
  const [at, setAt] = useState<string>();
  const again = () => client.invalidateQueries({ queryKey: savedTravellers.queryKey });
  const remove = useMutation({
    mutationFn: (one: Saved) => ask(api.DELETE('/api/v1/me/travellers/{id}', { params: { path: { id: one.id } } })),
    onSuccess: (_, one) => {
      setGone(one);
      void again();
    },
  });
  const back = useMutation({
    // A passport that was kept with them is not known here as a whole: it is typed again.
    mutationFn: ({ given_name, family_name, born_on }: Saved) =>
      ask(api.POST('/api/v1/me/travellers', { body: { given_name, family_name, born_on } })),
    onSuccess: async ({ id }) => {
      setAt(id);
      await again();
      setGone(undefined);
    },
  });
  const close = () => {
    setAt(open);
    setOpen(undefined);
    void again();
  };
  if (isLost(list)) return <Trouble error={list.error} retry={() => list.refetch()} />;
  if (!list.data) return <Skeleton className="h-48" />;
  const { travellers } = list.data;
  return (
    <>
      <Stale of={list} />
      {remove.error && <Trouble error={remove.error} />}
      {back.error && <Trouble error={back.error} />}
      {gone && <Removed key={gone.id} one={gone} busy={back.isPending} back={() => back.mutate(gone)} />}
      {travellers.length === 0 && open !== 'new' && (
        <div className="panel p-8 text-center text-soft">
          <Icon name="people" className="mx-auto mb-3 size-10 text-brand" />
          <Trans>Nobody yet.</Trans>
        </div>
      )}
      {travellers.length > 0 && (
        <ul className="panel divide-y divide-edge px-5">
          {travellers.map((one) => (
            <li key={one.id} className="py-4">
              {open === one.id ? (
                <Form saved={one} close={close} />
              ) : (
                <Row
                  one={one}
                  isNext={at === one.id}
                  edit={() => setOpen(one.id)}
                  remove={() => remove.mutate(one)}
                  busy={remove.isPending}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {open === 'new' ? (
        <div className="panel p-5">
          <Form close={close} />
        </div>
      ) : (
        <button
          type="button"
          className="btn btn-main max-sm:w-full"
          // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone
          autoFocus={at === 'new'}
          onClick={() => setOpen('new')}
        >
          <Icon name="plus" />
          <Trans>Add somebody</Trans>
        </button>
      )}
    </>
  );
}

interface RemovedProps {
  one: Saved;
  busy: boolean;
  back: () => void;
}

/** Who was removed, and the way back. The keyboard goes on from it: the button that was pressed went too. */
function Removed({ one, busy, back }: RemovedProps) {
  const said = useRef<HTMLSpanElement>(null);
  useEffect(() => said.current?.focus(), []);
  return (
    <Notice tone="note" icon="check">
      <span className="flex flex-wrap items-center justify-between gap-3">
        <span ref={said} tabIndex={-1} className="outline-none">
          <Trans>
            {one.given_name} {one.family_name} is removed.
          </Trans>
        </span>
        <button type="button" className="btn btn-quiet" disabled={busy} onClick={back}>
          <Trans>Put back</Trans>
        </button>
      </span>
    </Notice>
  );
}

interface RowProps {
  one: Saved;
  isNext: boolean;
  edit: () => void;
  remove: () => void;
  busy: boolean;
}

function Row({ one, isNext, edit, remove, busy }: RowProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const name = `${one.given_name} ${one.family_name}`;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="me-auto min-w-0">
        <span className="block font-semibold">{name}</span>
        <span className="block text-sm text-soft">
          <Trans>born {formatDay(one.born_on, locale, 'date')}</Trans>
        </span>
      </p>
      <span className="flex gap-3">
        <button
          type="button"
          className="btn btn-quiet"
          aria-label={t`Change ${name}`}
          // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone
          autoFocus={isNext}
          onClick={edit}
        >
          <Trans>Change</Trans>
        </button>
        <button type="button" className="btn btn-quiet" aria-label={t`Remove ${name}`} disabled={busy} onClick={remove}>
          <Trans>Remove</Trans>
        </button>
      </span>
    </div>
  );
}

function Form({ saved, close }: { saved?: Saved; close: () => void }) {
  const { t } = useLingui();
  const [year = '', month = '', day = ''] = saved?.born_on.split('-') ?? [];
  const [given, setGiven] = useState(saved?.given_name ?? '');
  const [family, setFamily] = useState(saved?.family_name ?? '');
  const [born, setBorn] = useState<TypedDate>({ year, month, day });
  const [asked, setAsked] = useState(false);
  const save = useMutation({
    mutationFn: (body: Body): Promise<Saved> =>
      saved
        ? ask(api.PUT('/api/v1/me/travellers/{id}', { params: { path: { id: saved.id } }, body }))
        : ask(api.POST('/api/v1/me/travellers', { body })),
    onSuccess: close,
  });
  const missing = (text: string) => (asked && !text.trim() ? t`Needed, as on the passport or ID` : undefined);
  const send = () => {
    setAsked(true);
    const body = { given_name: given.trim(), family_name: family.trim(), born_on: dayTyped(born) };
    if (body.given_name && body.family_name && isDay(body.born_on)) save.mutate(body);
    // What is wrong is where the keyboard goes, and is read with it.
    else requestAnimationFrame(() => document.querySelector<HTMLElement>('#main [aria-invalid=true]')?.focus());
  };
  return (
    <form
      aria-label={saved ? `${saved.given_name} ${saved.family_name}` : t`Somebody new`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {save.error && <Trouble error={save.error} />}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={t`Given names`}
          value={given}
          error={missing(given)}
          autoComplete="off"
          autoFocus
          onChange={(event) => setGiven(event.target.value)}
        />
        <Field
          label={t`Family name`}
          value={family}
          error={missing(family)}
          autoComplete="off"
          help={t`If there is only one name, type it in both fields.`}
          onChange={(event) => setFamily(event.target.value)}
        />
      </div>
      <Birthday date={born} asked={asked} set={(part) => setBorn({ ...born, ...part })} autofill={false} />
      <div className="mt-5 flex flex-wrap gap-3">
        <button type="submit" className="btn btn-main" disabled={save.isPending}>
          <Trans>Save</Trans>
        </button>
        <button type="button" className="btn btn-quiet" onClick={close}>
          <Trans>Leave it</Trans>
        </button>
      </div>
    </form>
  );
}
