import { Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { useLive } from '../../api/use-live';
import { keyFor } from '../../lib/idempotency';
import { formatMoment } from '../../lib/time';
import { Icon } from '../../ui/icons';
import { OwnScreen } from '../../ui/own-screen';
import { Skeleton, Stale, Tag, Trouble } from '../../ui/parts';
import { TextArea } from '../../ui/text-area';
import { Files, Size } from './files';
import { TONES, useCategories, useStates } from './words';

type Ticket = Schemas['Ticket'];

const thread = (id: string) =>
  queryOptions({
    queryKey: ['ticket', id],
    queryFn: () => ask(api.GET('/api/v1/support/tickets/{id}', { params: { path: { id } } })),
    retry: false,
  });

/** A question, what was answered, and what one says to that. */
export default function Thread() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const subject = useQuery({ ...thread(id), enabled: false }).data?.ticket.subject;
  return (
    <OwnScreen title={subject ?? t`Your question`} back={{ to: '/support', text: t`Your questions` }}>
      {() => <Shown id={id} />}
    </OwnScreen>
  );
}

function Shown({ id }: { id: string }) {
  const client = useQueryClient();
  const query = useQuery(thread(id));
  // An answer comes to the inbox too.
  useLive(['inbox'], () => void client.invalidateQueries({ queryKey: thread(id).queryKey }));
  if (isLost(query)) return <Trouble error={query.error} retry={() => query.refetch()} />;
  if (!query.data) return <Skeleton className="h-72" />;
  const { ticket, thread: messages } = query.data;
  return (
    <>
      <Stale of={query} />
      <State ticket={ticket} />
      <ol className="space-y-4">
        {messages.map((one) => (
          <li key={one.number}>
            <Message message={one} />
          </li>
        ))}
      </ol>
      {ticket.available_actions.includes('message') ? (
        <Answer ticket={ticket} />
      ) : (
        <p className="panel p-5">
          <Trans>This one is closed.</Trans>{' '}
          <Link to="/support/new" className="link">
            <Trans>Ask another question</Trans>
          </Link>
        </p>
      )}
    </>
  );
}

function State({ ticket }: { ticket: Ticket }) {
  const locale = useLocale();
  const categories = useCategories();
  const states = useStates();
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1" role="status">
      <Tag tone={TONES[ticket.status] ?? 'plain'}>{states[ticket.status] ?? ticket.status}</Tag>
      <span className="text-soft">{categories[ticket.category] ?? ticket.category}</span>
      {ticket.answer_expected_by && (
        <span className="text-soft">
          <Trans>by {formatMoment(ticket.answer_expected_by, locale)} at the latest, we hope</Trans>
        </span>
      )}
      {ticket.booking_id && (
        <Link to="/trips/$id" params={{ id: ticket.booking_id }} className="link inline-flex min-h-11 items-center">
          <Trans>To the trip</Trans>
        </Link>
      )}
    </p>
  );
}

function Message({ message }: { message: Schemas['SupportMessage'] }) {
  const locale = useLocale();
  const ours = message.from === 'staff';
  return (
    <article
      className={`max-w-[92%] rounded-3xl p-4 sm:max-w-[80%] sm:p-5 ${ours ? 'rounded-ss-md border border-edge bg-card' : 'ms-auto rounded-se-md bg-tint'}`}
    >
      <p className="mb-1 flex flex-wrap justify-between gap-x-4 text-sm text-soft">
        <b className="font-semibold text-ink">{ours ? <Trans>Udaan</Trans> : <Trans>You</Trans>}</b>
        {formatMoment(message.created_at, locale)}
      </p>
      <p className="whitespace-pre-line">{message.text}</p>
      {message.attachments.length > 0 && (
        <ul className="mt-3 space-y-1">
          {message.attachments.map((one) => (
            <li key={one.id}>
              <a
                href={`/api/v1/support/attachments/${one.id}`}
                download={one.name}
                className="link inline-flex min-h-11 max-w-full items-center gap-2"
              >
                <Icon name="down" className="size-4" />
                <span className="truncate">{one.name}</span>
                <span className="text-sm">
                  (<Size bytes={one.bytes} />)
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

/** What one says next; after a question was settled, it opens again. */
function Answer({ ticket }: { ticket: Ticket }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [uploading, setUploading] = useState(false);
  const [files, setFiles] = useState<Schemas['Attachment'][]>([]);
  const again = async () => {
    void client.invalidateQueries({ queryKey: ['tickets'] });
    await client.invalidateQueries({ queryKey: thread(ticket.id).queryKey });
  };
  const params = { path: { id: ticket.id } };
  const send = useMutation({
    mutationFn: async () => {
      const body = { text: text.trim(), attachments: files.map((one) => one.id) };
      const key = keyFor(`message ${ticket.id}`, body);
      await ask(api.POST('/api/v1/support/tickets/{id}/messages', { params: { ...params, header: key.header }, body }));
      key.done();
    },
    onSuccess: async () => {
      // Only what was sent goes: an answer that comes while one types leaves the words where they are.
      setText('');
      setFiles([]);
      await again();
    },
  });
  const resolve = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/support/tickets/{id}/resolve', { params })),
    onSuccess: again,
  });
  const over = ticket.status === 'resolved';
  return (
    <form
      className="panel space-y-4 p-5 sm:p-6"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <TextArea
        label={over ? t`It is not settled after all?` : t`Anything to add?`}
        help={over ? t`Write, and the question is open again.` : undefined}
        value={text}
        maxLength={5000}
        required
        onChange={(event) => setText(event.target.value)}
      />
      <Files files={files} set={setFiles} busy={setUploading} />
      {(send.error ?? resolve.error) && <Trouble error={send.error ?? resolve.error} />}
      <div className="flex flex-wrap gap-3">
        <button type="submit" className="btn btn-main" disabled={send.isPending || uploading}>
          {over ? <Trans>Open it again</Trans> : <Trans>Send it</Trans>}
        </button>
        {ticket.available_actions.includes('resolve') && (
          <button type="button" className="btn btn-quiet" disabled={resolve.isPending} onClick={() => resolve.mutate()}>
            <Icon name="check" />
            <Trans>It is settled</Trans>
          </button>
        )}
      </div>
    </form>
  );
}
