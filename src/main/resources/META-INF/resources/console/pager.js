// Pages of a list that gives a cursor to each next one: however long it is, one page is in the document.
import {h, text} from './dom.js';

/**
 * @param load takes a cursor (undefined: the beginning) and gives {items, next, total} (total may be left out)
 * @param show puts the items of a page into the document
 * @param what the items are called, such as "jobs"
 */
export function pager(load, show, what) {
  const cursors = [undefined];
  const sizes = [];
  let loading = 0;
  let isTurning = false;
  let next;

  const previous = h('button', {type: 'button', onclick: () => turn(-1)}, 'Previous');
  const following = h('button', {type: 'button', onclick: () => turn(1)}, 'Next');
  const position = h('p', {role: 'status'});
  const element = h('nav', {class: 'pager', 'aria-label': `Pages of ${what}`}, previous, position, following);

  async function turn(by) {
    if (isTurning || (by > 0 ? !next : cursors.length === 1)) {
      return;
    }
    isTurning = true;
    const before = [[...cursors], next];
    if (by > 0) {
      cursors.push(next);
      next = undefined; // not known before that page is there
    } else {
      cursors.pop();
    }
    try {
      await refresh();
      // A button that is disabled while it has the focus loses it.
      (by > 0 && following.disabled ? previous : by < 0 && previous.disabled ? following : null)?.focus();
    } catch (error) {
      cursors.splice(0, cursors.length, ...before[0]);
      next = before[1];
      text(position, error.message);
    } finally {
      isTurning = false;
    }
  }

  /** Loads the page again; only the last of several loads counts. */
  async function refresh() {
    const mine = ++loading;
    let page;
    try {
      page = await load(cursors.at(-1));
    } catch (error) {
      if (mine === loading) {
        throw error;
      }
    }
    if (mine !== loading) {
      return;
    }
    next = page.next;
    sizes[cursors.length - 1] = page.items.length;
    previous.disabled = cursors.length === 1;
    following.disabled = !next;
    element.hidden = previous.disabled && following.disabled;
    const before = sizes.slice(0, cursors.length - 1).reduce((sum, size) => sum + size, 0);
    const range = `${(before + 1).toLocaleString('en')}–${(before + page.items.length).toLocaleString('en')}`;
    const total = page.total === undefined ? '' : ` of ${page.total.toLocaleString('en')}`;
    text(position, page.items.length === 0 ? '' : `${range}${total}`);
    show(page.items, page.total);
  }

  return {
    element,
    refresh,
    isFirst: () => cursors.length === 1,
    /** From the beginning. */
    restart() {
      cursors.length = 1;
      sizes.length = 0;
      return refresh();
    },
  };
}

/** Puts one element an item into a list; those that are there already stay, and keep the focus. */
export function keyed(list, items, keyOf, make) {
  const known = new Map([...list.children].map(element => [element.dataset.key, element]));
  const wanted = items.map(item => {
    const element = known.get(keyOf(item)) ?? make(item);
    element.dataset.key = keyOf(item);
    known.delete(keyOf(item));
    return element;
  });
  known.forEach(element => element.remove());
  wanted.forEach((element, i) => {
    if (list.children[i] !== element) {
      list.insertBefore(element, list.children[i] ?? null);
    }
  });
}
