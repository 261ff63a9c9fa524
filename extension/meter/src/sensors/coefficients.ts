/**
 * The constants of the modelled sensors, each with its source. They are facts and fits, to be
 * replaced by `joulebook calibrate` on the machine itself.
 */

/** A server part that stands for its generation: what one hardware thread of it may draw. */
export interface Microarchitecture {
  name: string;
  vendor: 'GenuineIntel' | 'AuthenticAMD';
  /** As /proc/cpuinfo numbers them. */
  family: number;
  models: number[];
  part: string;
  tdpWatts: number;
  threads: number;
}

const intel = (name: string, model: number, part: string, tdpWatts: number, threads: number) =>
  ({
    name,
    vendor: 'GenuineIntel',
    family: 6,
    models: [model],
    part,
    tdpWatts,
    threads
  }) satisfies Microarchitecture;

const amd = (
  name: string,
  family: number,
  model: number,
  part: string,
  tdpWatts: number,
  threads: number
) =>
  ({
    name,
    vendor: 'AuthenticAMD',
    family,
    models: [model],
    part,
    tdpWatts,
    threads
  }) satisfies Microarchitecture;

/**
 * Server generations found under virtual machines. TDP: CodeCarbon 3.3.2 (2026, MIT),
 * `data/hardware/cpu_power.csv`; threads: the makers' data sheets of the same parts.
 */
export const microarchitectures: readonly Microarchitecture[] = [
  intel('Ivy Bridge', 62, 'Xeon E5-2697 v2', 130, 24),
  intel('Haswell', 63, 'Xeon E5-2697 v3', 145, 28),
  intel('Broadwell', 79, 'Xeon E5-2697 v4', 145, 36),
  intel('Skylake or Cascade Lake', 85, 'Xeon Platinum 8175M', 240, 48),
  intel('Ice Lake', 106, 'Xeon Platinum 8375C', 300, 64),
  intel('Sapphire Rapids', 143, 'Xeon Platinum 8480+', 350, 112),
  intel('Emerald Rapids', 207, 'Xeon Platinum 8592+', 350, 128),
  intel('Granite Rapids', 173, 'Xeon 6980P', 500, 256),
  amd('Naples', 23, 1, 'EPYC 7601', 180, 64),
  amd('Rome', 23, 49, 'EPYC 7742', 225, 128),
  amd('Milan', 25, 1, 'EPYC 7763', 280, 128),
  amd('Genoa', 25, 17, 'EPYC 9654', 360, 192),
  amd('Bergamo', 25, 160, 'EPYC 9754', 360, 256),
  amd('Turin', 26, 2, 'EPYC 9755', 500, 256),
  amd('Turin Dense', 26, 17, 'EPYC 9965', 500, 384)
];

/**
 * Watts of TDP per hardware thread of a server that is not in the table: the median of those that
 * are (2.8 W), rounded.
 */
export const otherServerWattsPerThread = 3;

/**
 * TDP of a laptop or desktop by the letter its maker ends the name with, and the TDP of one without.
 * Source: Intel's and AMD's naming guides (2024): U 15 W, P 28 W, H 45 W, HX 55 W, K and X 125 W.
 */
export const clientTdpWatts: readonly (readonly [RegExp, number])[] = [
  [/\d(HX|HX3D)\b/, 55],
  [/\d(H|HS|HK|HQ)\b/, 45],
  [/\dP\b/, 28],
  [/\d(U|G[1-7]|Y|V)\b/, 15],
  [/\d(K|KF|KS|X|X3D|XT)\b/, 125],
  [/(Core|Ryzen|Pentium|Celeron|Athlon)/, 65]
];

/**
 * CPU power from utilisation u in 0..1: `tdp * scale * (floor + (1 - floor) * u)`. `floor` is the
 * idle share of full power, the low end of what Cloud Carbon Footprint lists for servers
 * (@cloud-carbon-footprint/aws 0.15.0, Apache-2.0: 0.64/3.97 to 0.74/3.5 W). `scale` is the only
 * fitted number: least mean absolute relative error on CodeCarbon's load profiles (MIT, 86 points,
 * four machines). `low` and `high` bound truth over model on machines left out of the fit.
 */
export const utilisationModel = { scale: 0.72, floor: 0.15, low: 0.45, high: 2.73 };

/**
 * Memory draws by its size, used or not: 0.392 W a gigabyte (Cloud Carbon Footprint's memory
 * coefficient, the mean of Crucial's and Micron's figures; Apache-2.0). Modules of 8 to 128 GB lie
 * between `low` and `high` times that.
 */
export const memoryModel = { wattsPerGigabyte: 0.392, low: 0.3, high: 2.5 };
