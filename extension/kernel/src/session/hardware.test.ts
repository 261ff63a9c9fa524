import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hardware } from './hardware.ts';

describe('hardware', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'joulebook-hardware-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const gpu = (at: string): void =>
    write(`proc/driver/nvidia/gpus/${at}/information`, 'Model: \t\t NVIDIA H200\nIRQ: 5\n');

  it('names each GPU', () => {
    gpu('0000:01:00.0');
    gpu('0000:02:00.0');
    expect(hardware(root, undefined)).toBe('NVIDIA H200, NVIDIA H200');
  });
  it('says that no driver is loaded', () => {
    expect(hardware(root, undefined)).toMatch(/^the CPU \(.+\): no NVIDIA driver is loaded$/);
  });
  it('says that the driver finds no GPU', () => {
    write('proc/driver/nvidia/version', '580');
    expect(hardware(root, undefined)).toContain('finds no GPU');
  });
  it.each(['', '-1'])('says that the GPU is hidden by CUDA_VISIBLE_DEVICES=%p', visible => {
    gpu('0000:01:00.0');
    expect(hardware(root, visible)).toContain('hides NVIDIA H200');
    expect(hardware(root, '0')).toBe('NVIDIA H200');
  });
  it('knows a GPU that Windows passes on', () => {
    write('usr/lib/wsl/lib/libnvidia-ml.so.1', '');
    expect(hardware(root, undefined)).toBe('an NVIDIA GPU (through WSL)');
  });
});
