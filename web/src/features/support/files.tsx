import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api, ask, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { Icon } from '../../ui/icons';
import { Skeleton, Trouble } from '../../ui/parts';

type Attachment = Schemas['Attachment'];

/** As many as a message takes. */
const MOST = 5;

export function Size({ bytes }: { bytes: number }) {
  const locale = useLocale();
  const [value, unit] = bytes < 1_000_000 ? [Math.max(1, bytes / 1000), 'kilobyte'] : [bytes / 1_000_000, 'megabyte'];
  const format = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    maximumFractionDigits: unit === 'megabyte' ? 1 : 0,
  });
  return <span className="figures whitespace-nowrap">{format.format(value)}</span>;
}

interface FilesProps {
  files: Attachment[];
  set: React.Dispatch<React.SetStateAction<Attachment[]>>;
  /** Whether one is on its way: a message waits for it. */
  busy: (is: boolean) => void;
}

/** Why one file of several did not arrive; the others did, or are told of too. */
interface Refused {
  name: string;
  error: unknown;
}

/** Pictures and PDF for a message: sent when they are chosen, so that sending the message is quick. */
export function Files({ files, set, busy }: FilesProps) {
  const { t } = useLingui();
  const id = useId();
  const room = MOST - files.length;
  const [refused, setRefused] = useState<Refused[]>([]);
  const [over, setOver] = useState(0);
  const send = useMutation({
    // Without a network it fails at once, and says so; a message would wait for ever.
    networkMode: 'always',
    mutationFn: async (chosen: File[]) => {
      const failed: Refused[] = [];
      for (const file of chosen) {
        try {
          const sent = await upload(file);
          set((now) => [...now, sent]);
        } catch (error) {
          failed.push({ name: file.name, error });
        }
      }
      setRefused(failed);
    },
    onMutate: () => {
      setRefused([]);
      busy(true);
    },
    onSettled: () => busy(false),
  });
  return (
    <div className="space-y-3">
      {files.length > 0 && (
        <ul aria-label={t`Files`} className="space-y-2">
          {files.map((one) => (
            <li key={one.id} className="flex items-center gap-3 rounded-xl bg-sunk py-1 ps-4 pe-1">
              <span className="min-w-0 flex-1 truncate">{one.name}</span>
              <span className="text-sm text-soft">
                <Size bytes={one.bytes} />
              </span>
              <button
                type="button"
                className="grid size-11 place-items-center rounded-xl hover:bg-tint"
                aria-label={t`Leave out ${one.name}`}
                onClick={() => set((now) => now.filter((other) => other.id !== one.id))}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {send.isPending && <Skeleton className="h-12" />}
      {refused.map(({ name, error }, index) => (
        <div key={index}>
          <p className="font-semibold">
            <Trans>{name} is not with it:</Trans>
          </p>
          <Trouble error={error} />
        </div>
      ))}
      {over > 0 && (
        <p role="status" className="font-semibold text-bad">
          <Plural
            value={over}
            one="# file was left out: a message takes five."
            other="# files were left out: a message takes five."
          />
        </p>
      )}
      {room > 0 && (
        <div>
          <label
            htmlFor={id}
            className="btn btn-quiet cursor-pointer has-focus-visible:outline-3 has-focus-visible:outline-ring"
          >
            <input
              id={id}
              type="file"
              className="sr-only"
              multiple
              accept="image/jpeg,image/png,image/webp,image/gif,application/pdf"
              aria-describedby={`${id}-help`}
              disabled={send.isPending}
              onChange={(event) => {
                const all = [...(event.target.files ?? [])];
                const chosen = all.slice(0, room);
                setOver(all.length - chosen.length);
                // The same file can be chosen again after it was left out.
                event.target.value = '';
                if (chosen.length > 0) send.mutate(chosen);
              }}
            />
            <Icon name="plus" />
            <Trans>Add pictures or PDF</Trans>
          </label>
          <p id={`${id}-help`} className="mt-1 text-sm text-soft">
            <Plural value={room} one="# more file, up to 5 MB." other="# more files, up to 5 MB each." />{' '}
            <Trans>Where a picture was taken is not kept.</Trans>
          </p>
        </div>
      )}
      <p role="status" className="sr-only">
        {send.isPending ? t`Sending the file` : files.length > 0 && t`Files: ${files.length}`}
      </p>
    </div>
  );
}

const upload = (file: File): Promise<Attachment> =>
  ask(
    api.POST('/api/v1/support/attachments', {
      params: { query: { name: file.name } },
      // The body is the file as it is; the document says bytes, which the types call numbers.
      body: file as unknown as number[],
      bodySerializer: (body) => body as unknown as BodyInit,
      headers: { 'Content-Type': 'application/octet-stream' },
    }),
  );
