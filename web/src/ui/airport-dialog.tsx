import { Trans, useLingui } from '@lingui/react/macro';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Autocomplete, Input, ListBox, ListBoxItem, SearchField } from 'react-aria-components';
import { busiest, placesLike } from '../api/hooks';
import { Sheet } from './dialog';
import { Icon } from './icons';

interface AirportDialogProps {
  title: string;
  /** A flight leaves from one airport of a city. */
  airportsOnly?: boolean;
  close: () => void;
  choose: (code: string) => void;
}

/** Finds a city or airport by code, name or former name; the server forgives letters. */
export default function AirportDialog({ title, airportsOnly = false, close, choose }: AirportDialogProps) {
  const { t } = useLingui();
  const [text, setText] = useState('');
  const asked = text.trim();
  const found = useQuery({ ...placesLike(asked), enabled: asked !== '', placeholderData: keepPreviousData }).data;
  const most = useQuery(busiest).data?.airports.slice(0, 8);
  const airports = (asked ? found?.airports : most) ?? [];
  const places =
    asked && !airportsOnly ? (found?.places ?? []) : airports.map((one) => ({ ...one, type: 'airport' as const }));
  return (
    <Sheet title={title} close={close}>
      <Autocomplete inputValue={text} onInputChange={setText}>
        <SearchField aria-label={title} autoFocus className="mb-3">
          <Input className="input text-lg" placeholder={t`City, airport or code`} />
        </SearchField>
        <ListBox
          aria-label={t`Places`}
          items={places}
          className="min-h-64 outline-none"
          onAction={(key) => choose(String(key))}
          renderEmptyState={() => (
            <p className="p-3 text-soft">
              {asked && found ? (
                <Trans>No airport is called that. Try another spelling, or the code.</Trans>
              ) : (
                <Trans>Loading</Trans>
              )}
            </p>
          )}
        >
          {(place) => (
            <ListBoxItem
              id={place.code}
              textValue={`${place.name} ${place.code}`}
              className="flex cursor-pointer items-center gap-3 rounded-xl px-3 py-2 outline-none data-focused:bg-tint data-hovered:bg-tint"
            >
              <Icon name={place.type === 'city' ? 'people' : 'pin'} className="size-5 text-soft" />
              <span className="min-w-0 flex-1">
                <span className="block font-semibold">{place.type === 'city' ? place.name : place.city}</span>
                <span className="block truncate text-sm text-soft">
                  {place.type === 'city' ? <Trans>All airports: {place.airports.join(', ')}</Trans> : place.name}
                </span>
              </span>
              <span className="figures rounded-lg bg-sunk px-2 py-0.5 font-semibold">{place.code}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Autocomplete>
    </Sheet>
  );
}
