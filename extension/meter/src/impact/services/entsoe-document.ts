/** What one source generated over a stretch of time. */
export interface Report {
  /** ENTSO-E's code of the source, such as `B14`. */
  code: string;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  megawatts: number;
}

/**
 * Reads what sources generated from a document A75 (actual generation per type). What pumped storage takes in is no generation. A point
 * holds until the next one, since curves of type A03 leave out points that repeat the last; what cannot be read is left out.
 * @see ENTSO-E, Transparency Platform, generation and load document 3.0
 */
export function reportsOf(xml: string): Report[] {
  return [...xml.matchAll(/<TimeSeries>([\s\S]*?)<\/TimeSeries>/g)].flatMap(([, series = '']) => {
    if (series.includes('<outBiddingZone_Domain')) return [];
    const code = textOf(series, 'psrType');
    return code === '' ? [] : periodsOf(series).flatMap(period => pointsOf(period, code));
  });
}

function periodsOf(series: string): string[] {
  return [...series.matchAll(/<Period>([\s\S]*?)<\/Period>/g)].map(([, period = '']) => period);
}

function pointsOf(period: string, code: string): Report[] {
  const [start, end] = [Date.parse(textOf(period, 'start')), Date.parse(textOf(period, 'end'))];
  const step = Number(/^PT(\d+)M$/.exec(textOf(period, 'resolution'))?.[1]) * 60_000;
  const points = [...period.matchAll(/<Point>([\s\S]*?)<\/Point>/g)].map(([, point = '']) => ({
    from: start + (Number(textOf(point, 'position')) - 1) * step,
    megawatts: Number(textOf(point, 'quantity') || NaN)
  }));
  return points.flatMap(({ from, megawatts }, index) => {
    const to = points[index + 1]?.from ?? end;
    return from >= start && from < to && to <= end && megawatts >= 0
      ? [{ code, from, to, megawatts }]
      : [];
  });
}

function textOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim() ?? '';
}
