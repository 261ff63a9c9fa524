import { notebookToldBy } from './vscode.ts';

const told = (path: string) =>
  `if '__vsc_ipynb_file__' not in globals():\n    __vsc_ipynb_file__ = "${path}"`;

describe('notebookToldBy', () => {
  it("reads the path from the code of VS Code's Jupyter extension", () => {
    expect(notebookToldBy(told('/home/me/n.ipynb'))).toBe('/home/me/n.ipynb');
    expect(notebookToldBy(told('/home/me/a\\\\b.ipynb'))).toBe('/home/me/a\\b.ipynb');
  });

  it.each([
    told('/home/me/n.py'),
    told('n.ipynb'),
    'print(__vsc_ipynb_file__)',
    'path = "/home/me/n.ipynb"',
    undefined
  ])('takes nothing from other code: %j', code => {
    expect(notebookToldBy(code)).toBeNull();
  });
});
