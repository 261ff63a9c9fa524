import { LabIcon } from '@jupyterlab/ui-components';

/** A gauge whose needle is a spark: the sign of all energy views. */
export const energyIcon = new LabIcon({
  name: 'joulebook-lab:energy',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3" fill="#616161" d="M13.2 2 4.6 13.3c-.3.4 0 .9.5.9h5.3l-1.6 7.1c-.1.6.6.9 1 .5l9.4-11.4c.3-.4 0-1-.5-1h-5.5l1.1-7c.1-.6-.7-1-1.1-.4z"/>
</svg>`
});
