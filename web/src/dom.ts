// src/dom.ts - elements made in one line; text is never read as markup.
export type Child = Node | string | null | undefined | false;

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const child of children) if (child) made.append(child);
  return made;
}

export interface Column<T> { head: string; cell: (row: T) => Child; number?: boolean }

// On a phone each row becomes a card, its cells named by the head of their column.
export function table<T>(columns: Column<T>[], rows: T[], mark: (row: T) => string = () => ''): HTMLTableElement {
  return el('table', {},
    el('thead', {}, el('tr', {}, ...columns.map((c) => el('th', { scope: 'col', class: c.number ? 'number' : '' }, c.head)))),
    el('tbody', {}, ...rows.map((row) =>
      el('tr', { class: mark(row) }, ...columns.map((c) => el('td', { 'data-head': c.head, class: c.number ? 'number' : '' }, el('span', {}, c.cell(row))))))));
}
