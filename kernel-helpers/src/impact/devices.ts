import { coefficient, type Coefficient } from './coefficient.ts';

const device = (id: string, title: string, value: number, low: number, high: number) =>
  coefficient({
    id: `device/${id}`,
    title: `making, shipping and disposing of ${title}`,
    value,
    low,
    high,
    unit: 'kg',
    year: 2023,
    source:
      "Boavizta, manufacturers' product carbon footprints: median and quartiles, use left out",
    licence: 'ODbL-1.0',
    kind: 'attributed'
  });

/** Carbon of making a device, in kg CO₂e, by name. */
export const devices = {
  laptop: device('laptop', 'a laptop', 236, 132, 315),
  desktop: device('desktop', 'a desktop computer', 249, 187, 408),
  server: device('server', 'a server', 1215, 678, 1693),
  h100: coefficient({
    id: 'device/h100',
    title: 'making an accelerator of the H100 class',
    value: 164,
    low: 164,
    high: 575,
    unit: 'kg',
    year: 2025,
    source: 'NVIDIA, HGX H100 product carbon footprint (1,312 kg for 8); high: BoaviztAPI',
    licence: 'LicenseRef-cited-figure',
    kind: 'attributed'
  })
} satisfies Record<string, Coefficient<'kg', 'attributed'>>;

/** How long a device serves where nobody says. */
export const deviceLifetime = coefficient({
  id: 'device/lifetime',
  title: 'years that a computer serves',
  value: 4,
  low: 3,
  high: 4,
  unit: 'years',
  year: 2024,
  source:
    'Green Software Foundation, Green Software Practitioner, hardware efficiency: 4 years; low: Impact Framework, sci-embodied examples: 3 years',
  licence: 'LicenseRef-cited-figure',
  kind: 'attributed'
});

/** The name of a device in the table. */
export type DeviceName = keyof typeof devices;
