import { type GeoProjection, geoAzimuthalEqualArea, geoCentroid, geoPath } from 'd3-geo';
import type { Polygon } from 'geojson';
import { useEffect, useRef, useState } from 'react';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
// Land only: where borders run is disputed in places, and a line of flight needs none.
import world from 'world-atlas/land-110m.json';

export type Point = [longitude: number, latitude: number];

interface RouteMapProps {
  dots: Point[];
  lines: [Point, Point][];
  className?: string;
  /** The part of a picture so wide and high in which dots and lines lie, counted from where lines of text begin; the land goes on around it. */
  place: (width: number, height: number) => Part;
}

/** What is on the picture, where it lies. */
interface Drawn {
  land: string;
  lines: string[];
  dots: ([number, number] | null)[];
  ends: ([number, number] | null)[];
}

type Part = [[start: number, top: number], [end: number, bottom: number]];

/** The same part counted from the left. */
const fromLeft = ([[start, top], [end, bottom]]: Part, width: number): Part =>
  document.documentElement.dir === 'rtl'
    ? [
        [width - end, top],
        [width - start, bottom],
      ]
    : [
        [start, top],
        [end, bottom],
      ];

const topology = world as unknown as Topology<{ land: GeometryCollection }>;
/** The land's pieces, islands and continents. */
const pieces: Polygon[] = feature(topology, topology.objects.land).features.flatMap(({ geometry }) =>
  geometry.type === 'MultiPolygon'
    ? geometry.coordinates.map((coordinates): Polygon => ({ type: 'Polygon', coordinates }))
    : [],
);
/** So long is drawn at a time, milliseconds: a slow telephone has four times as much to do, and hears a finger in between. */
const SLICE = 6;

/** Draws the land a few pieces at a time and hands it over whole; what is returned ends that. */
function drawLand(projection: GeoProjection, done: (land: string) => void): () => void {
  const path = geoPath(projection).digits(0);
  let [land, next] = ['', 0];
  const draw = () => {
    const until = performance.now() + SLICE;
    for (; performance.now() < until; next += 1) {
      const piece = pieces[next];
      if (!piece) return done(land);
      land += path(piece) ?? '';
    }
    timer = setTimeout(draw);
  };
  let timer = setTimeout(draw);
  return () => clearTimeout(timer);
}

/** As people draw a flight: up, over, and down again. */
function arc(from: [number, number] | null, to: [number, number] | null): string {
  if (!from || !to) return '';
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const lift = Math.hypot(to[0] - from[0], to[1] - from[1]) * 0.32;
  return `M${from.map(Math.round)}Q${Math.round(x)},${Math.round(y - lift)} ${to.map(Math.round)}`;
}

/** The middle half of the numbers and what is near to it: a far island must not make everything else small. */
function withoutOutliers(dots: Point[]): Point[] {
  const sorted = dots.map(([longitude]) => longitude).sort((one, other) => one - other);
  const [low = -180, high = 180] = [sorted[Math.floor(sorted.length * 0.25)], sorted[Math.floor(sorted.length * 0.75)]];
  const reach = (high - low) * 0.55;
  return dots.filter(([longitude]) => longitude >= low - reach && longitude <= high + reach);
}

/** Land, airports, and lines of flight. A picture: the words beside it say the same. */
export default function RouteMap({ dots, lines, className, place }: RouteMapProps) {
  const frame = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState<[number, number]>();
  useEffect(() => {
    if (!frame.current) return;
    const watcher = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setSize([entry.contentRect.width, entry.contentRect.height]);
    });
    watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, []);
  const [drawn, setDrawn] = useState<Drawn>();
  // Whoever shows the map makes these anew whenever it is drawn; only what they say counts.
  const asked = JSON.stringify({ dots, lines });
  useEffect(() => {
    const { dots, lines }: Pick<RouteMapProps, 'dots' | 'lines'> = JSON.parse(asked);
    const around = { type: 'MultiPoint' as const, coordinates: [...withoutOutliers(dots), ...lines.flat()] };
    // A server that has just started may know of no airport yet.
    if (!size || around.coordinates.length === 0) return setDrawn(undefined);
    const [longitude, latitude] = geoCentroid(around);
    const projection = geoAzimuthalEqualArea()
      .rotate([-longitude, -latitude])
      .clipAngle(75)
      .fitExtent(fromLeft(place(...size), size[0]), around);
    return drawLand(projection, (land) =>
      setDrawn({
        land,
        lines: lines.map(([from, to]) => arc(projection(from), projection(to))),
        dots: dots.map((dot) => projection(dot)),
        ends: lines.flat().map((end) => projection(end)),
      }),
    );
  }, [asked, size, place]);
  return (
    <svg ref={frame} viewBox={`0 0 ${size?.[0] ?? 1} ${size?.[1] ?? 1}`} className={className} aria-hidden="true">
      {drawn?.land && <path d={drawn.land} fill="#0d4a51" stroke="#16595f" />}
      {drawn?.dots.map(
        (at, index) => at && <circle key={index} cx={at[0]} cy={at[1]} r="2.2" fill="#8fd0cc" opacity="0.8" />,
      )}
      {drawn?.lines.map((line) => (
        <path
          key={line}
          d={line}
          pathLength="1"
          strokeDasharray="1"
          fill="none"
          stroke="#ffb02e"
          strokeWidth="3.5"
          strokeLinecap="round"
          className="animate-[draw_900ms_ease-out]"
        />
      ))}
      {drawn?.ends.map(
        (at, index) =>
          at && <circle key={index} cx={at[0]} cy={at[1]} r="6" fill={index % 2 ? '#ffb02e' : '#ffffff'} />,
      )}
    </svg>
  );
}
