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

interface Source {
  /** Life-cycle grams of CO₂e per kWh, the median of IPCC AR5 WG3 annex III where it has one. */
  grams: number;
  fossil: boolean;
}

const green = (grams: number): Source => ({ grams, fossil: false });
const fossil = (grams: number): Source => ({ grams, fossil: true });

/** Generation types by ENTSO-E's code; `B20` (other) stands for those unknown. */
export const sources: Partial<Record<string, Source>> & { B20: Source } = {
  B01: green(230), // biomass
  B02: fossil(1100), // lignite
  B03: fossil(820), // gas made from coal
  B04: fossil(490), // gas
  B05: fossil(820), // hard coal
  B06: fossil(720), // oil
  B07: fossil(820), // oil shale
  B08: fossil(820), // peat
  B09: green(38), // geothermal
  B10: green(24), // pumped storage
  B11: green(24), // run of river
  B12: green(24), // reservoir
  B13: green(17), // marine
  B14: green(12), // nuclear
  B15: green(230), // other renewable
  B16: green(48), // solar
  B17: fossil(620), // waste
  B18: green(12), // wind offshore
  B19: green(11), // wind onshore
  B20: fossil(700) // other
};
