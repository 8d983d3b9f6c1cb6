/** Puts the focus into the search or filter of the view that is seen: its field has `type="search"` or the mark `data-search`. */
export function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('main [data-search], main input[type="search"]');
  field?.focus();
  field?.select();
}
