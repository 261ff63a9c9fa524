const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
};

/** Makes text that came from outside (a path, a cell's id) safe inside HTML, attributes included. */
export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => entities[character] ?? '');
}
