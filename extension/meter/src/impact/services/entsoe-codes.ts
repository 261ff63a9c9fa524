import { generation, type GenerationSource } from 'kernel-helpers/impact';

/** Areas by zone: the codes of the Energy Identification Coding Scheme. */
export const areas: Partial<Record<string, string>> = {
  AT: '10YAT-APG------L',
  BE: '10YBE----------2',
  BG: '10YCA-BULGARIA-R',
  CH: '10YCH-SWISSGRIDZ',
  CZ: '10YCZ-CEPS-----N',
  DE: '10Y1001A1001A83F',
  'DK-DK1': '10YDK-1--------W',
  'DK-DK2': '10YDK-2--------M',
  EE: '10Y1001A1001A39I',
  ES: '10YES-REE------0',
  FI: '10YFI-1--------U',
  FR: '10YFR-RTE------C',
  GR: '10YGR-HTSO-----Y',
  HR: '10YHR-HEP------M',
  HU: '10YHU-MAVIR----U',
  IE: '10YIE-1001A00010',
  IT: '10YIT-GRTN-----B',
  LT: '10YLT-1001A0008Q',
  LV: '10YLV-1001A00074',
  NL: '10YNL----------L',
  NO: '10YNO-0--------C',
  PL: '10YPL-AREA-----S',
  PT: '10YPT-REN------W',
  RO: '10YRO-TEL------P',
  SE: '10YSE-1--------K',
  SI: '10YSI-ELES-----O',
  SK: '10YSK-SEPS-----K'
};

const { biomass, coal, hydro, lignite, unknown } = generation;

/** Generation types by ENTSO-E's code (`psrType`); one that is not listed counts as unknown. */
const sources: Partial<Record<string, GenerationSource>> = {
  B01: biomass,
  B02: lignite,
  B03: coal, // gas made from coal
  B04: generation.gas,
  B05: coal,
  B06: generation.oil,
  B07: lignite, // oil shale
  B08: lignite, // peat
  B09: generation.geothermal,
  B10: hydro, // pumped storage
  B11: hydro, // run of river
  B12: hydro, // reservoir
  B13: generation.ocean,
  B14: generation.nuclear,
  B15: biomass, // other renewable
  B16: generation.solar,
  B17: unknown, // waste
  B18: generation.windOffshore,
  B19: generation.windOnshore
};

/** What stands behind a code of ENTSO-E's. */
export function sourceOf(code: string): GenerationSource {
  return sources[code] ?? unknown;
}
