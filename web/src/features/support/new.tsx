import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { dayOf, formatDay } from '../../lib/time';
import { OwnScreen } from '../../ui/own-screen';
import { Field, Trouble } from '../../ui/parts';
import { TextArea } from '../../ui/text-area';
import { Files } from './files';
import { CATEGORIES, useCategories } from './words';

/** A question to the airline's people. */
export default function New() {
  const { t } = useLingui();
  return (
    <OwnScreen
      title={t`Ask us`}
      back={{ to: '/support', text: t`Your questions` }}
      intro={
        <Trans>
          Many things are answered at once under{' '}
          <Link to="/help" className="link">
            what is asked often
          </Link>
          .
        </Trans>
      }
    >
      {() => <Form />}
    </OwnScreen>
  );
}

function Form() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const client = useQueryClient();
  const categories = useCategories();
  const about = useSearch({ strict: false }).booking ?? '';
  const [category, setCategory] = useState('');
  const [booking, setBooking] = useState(about);
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const [uploading, setUploading] = useState(false);
  const [files, setFiles] = useState<Schemas['Attachment'][]>([]);
  const send = useMutation({
    mutationFn: async () => {
      const body = {
        category,
        subject: subject.trim(),
        text: text.trim(),
        booking_id: booking || undefined,
        attachments: files.map((one) => one.id),
      };
      const key = keyFor('ticket', body);
      const made = await ask(api.POST('/api/v1/support/tickets', { params: { header: key.header }, body }));
      key.done();
      return made;
    },
    onSuccess: ({ ticket }) => {
      void client.invalidateQueries({ queryKey: ['tickets'] });
      void navigate({ to: '/support/$id', params: { id: ticket.id }, replace: true });
    },
  });
  return (
    <form
      className="panel space-y-5 p-5 sm:p-6"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <label className="block">
          <span className="mb-1 block text-sm font-semibold">
            <Trans>What is it about?</Trans>
          </span>
          <select className="input" required value={category} onChange={(event) => setCategory(event.target.value)}>
            <option value="">{t`Choose`}</option>
            {CATEGORIES.map((one) => (
              <option key={one} value={one}>
                {categories[one]}
              </option>
            ))}
          </select>
        </label>
        <Booking value={booking} set={setBooking} />
      </div>
      <Field
        label={t`In one line`}
        value={subject}
        maxLength={150}
        required
        onChange={(event) => setSubject(event.target.value)}
      />
      <TextArea
        label={t`What happened, and what would help`}
        help={t`No card numbers and no passwords, please: we never need them.`}
        value={text}
        maxLength={5000}
        required
        onChange={(event) => setText(event.target.value)}
      />
      <Files files={files} set={setFiles} busy={setUploading} />
      {send.error && <Trouble error={send.error} />}
      <div className="flex flex-wrap gap-3">
        <button type="submit" className="btn btn-main" disabled={send.isPending || uploading}>
          <Trans>Send it</Trans>
        </button>
        <Link to="/support" className="btn btn-quiet">
          <Trans>Leave it</Trans>
        </Link>
      </div>
    </form>
  );
}

/** A booking that it is about: of those ahead and the last ones past. */
function Booking({ value, set }: { value: string; set: (booking: string) => void }) {
  const { t } = useLingui();
  const locale = useLocale();
  const list = useQuery({
    queryKey: ['bookings', 'to-ask-about'],
    queryFn: async () => {
      const lists = await Promise.all(
        (['upcoming', 'past'] as const).map((when) =>
          ask(api.GET('/api/v1/bookings', { params: { query: { when, limit: 10 } } })),
        ),
      );
      return lists.flatMap((page) => page.bookings);
    },
  });
  return (
    <label className="block">
      <span className="mb-1 block text-sm font-semibold">
        <Trans>Which booking, if any?</Trans>
      </span>
      <select className="input" value={value} onChange={(event) => set(event.target.value)}>
        <option value="">{t`None of these`}</option>
        {/* The one it came from is there before the list is. */}
        {value && !list.data?.some((one) => one.id === value) && (
          <option value={value}>{t`The one you came from`}</option>
        )}
        {list.data?.map((one) => (
          <option key={one.id} value={one.id}>
            {one.locator}: {one.segments[0]?.origin} → {one.segments.at(-1)?.destination},{' '}
            {formatDay(dayOf(one.segments[0]?.departs_at ?? ''), locale, 'number')}
          </option>
        ))}
      </select>
    </label>
  );
}
