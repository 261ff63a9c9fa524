/** What we read of @tgwf/co2's data: the package brings no types. */
declare module '@tgwf/co2/data' {
  interface YearOfZones {
    data: Record<
      string,
      {
        zone: { zoneName: string };
        carbonIntensity: { value: number };
        renewableEnergy: { value: number };
        carbonFreeEnergy: { value: number };
      }
    >;
  }
  /** By name of the year, `yearly2025` and so on. */
  export const electricityMaps: Record<string, YearOfZones>;
  /** Grams per kWh as text, by ISO 3166 alpha-3. */
  export const marginalIntensity: { data: Record<string, string>; year: string };
}
