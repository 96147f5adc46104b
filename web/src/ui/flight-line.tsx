/** The line of a flight: the one mark that runs through the app. */

/** The sign of the airline: a line that takes off. */
export function Mark({ className = '' }: { className?: string }) {
  return (
    <svg viewBox="0 0 48 32" className={className} aria-hidden="true" fill="none" strokeLinecap="round">
      <path d="M5 26C18 25 29 19 40 6" stroke="var(--color-kesar-bright)" strokeWidth="4" />
      <circle cx="5" cy="26" r="3.5" fill="currentColor" />
      <circle cx="41.5" cy="5" r="4.5" fill="var(--color-kesar-bright)" />
    </svg>
  );
}

/** From left to right as long as the journey takes, with a gap for each stop, as wide as it is long. */
export function FlightLine({ flights }: { flights: { minutes: number; wait: number }[] }) {
  const all = flights.reduce((sum, one) => sum + one.minutes + one.wait, 0) || 1;
  let passed = 0;
  return (
    <span aria-hidden="true" className="relative flex h-4 w-full items-center">
      {flights.map((one, index) => {
        const start = (passed / all) * 100;
        passed += one.wait + one.minutes;
        return (
          <span key={index} className="contents">
            {one.wait > 0 && (
              <span
                className="absolute h-2.5 rounded-full border-2 border-kesar bg-card"
                style={{ insetInlineStart: `${start}%`, width: `max(0.625rem, ${(one.wait / all) * 100}%)` }}
              />
            )}
            <span
              className="absolute h-[3px] rounded-full bg-kesar"
              style={{
                insetInlineStart: `calc(${start + (one.wait / all) * 100}% + ${index ? 3 : 0}px)`,
                width: `calc(${(one.minutes / all) * 100}% - ${index ? 3 : 0}px)`,
              }}
            />
          </span>
        );
      })}
      <span className="absolute start-0 size-2.5 -translate-x-1/2 rounded-full bg-ink rtl:translate-x-1/2" />
      <span className="absolute end-0 size-2.5 translate-x-1/2 rounded-full bg-kesar rtl:-translate-x-1/2" />
    </span>
  );
}

/** Where one is on the way through a booking: waypoints on the line. */
export function Waypoints({ steps, at, label }: { steps: string[]; at: number; label: string }) {
  return (
    <nav aria-label={label} className="mb-6 sm:mb-8">
      <div aria-hidden="true" className="relative mx-1.5 mb-2 h-4">
        <span className="absolute inset-x-0 top-1.5 h-[3px] rounded-full bg-edge" />
        <span
          className="absolute start-0 top-1.5 h-[3px] rounded-full bg-kesar transition-[width] duration-500"
          style={{ width: `${(at / (steps.length - 1)) * 100}%` }}
        />
        {steps.map((step, index) => (
          <span
            key={step}
            className={`absolute top-0 -ms-2 size-4 rounded-full border-4 border-paper ${index <= at ? 'bg-kesar' : 'bg-field'} ${index === at ? 'outline-2 outline-ring' : ''}`}
            style={{ insetInlineStart: `${(index / (steps.length - 1)) * 100}%` }}
          />
        ))}
      </div>
      <ol className="flex justify-between gap-2 text-sm">
        {steps.map((step, index) => (
          <li
            key={step}
            aria-current={index === at ? 'step' : undefined}
            className={index === at ? 'font-semibold' : 'text-soft max-sm:opacity-0'}
          >
            {step}
          </li>
        ))}
      </ol>
    </nav>
  );
}
