// Which view is shown: the part of the address after # decides.
import {Problem} from './api.js';
import {announce, empty, fill, h} from './dom.js';
import {job} from './job.js';
import {jobs} from './jobs.js';
import {models} from './models.js';
import {greet, signInForm} from './session.js';
import {submit} from './submit.js';

/**
 * Each view fills the element that it is given and answers with {title, close}; whatever it started ends when
 * close is called.
 */
const ROUTES = [
  [/^\/$/, (root, query) => jobs(root, query)],
  [/^\/models$/, (root, query) => models(root, query)],
  [/^\/new\/(translation|training)$/, (root, query, kind) => submit(root, query, kind)],
  [/^\/jobs\/([^/]+)$/, (root, query, id) => job(root, query, decodeURIComponent(id))],
];

const RETRY_MS = 3000;

const main = document.getElementById('main');
let current = null;
let shown = 0;

async function show(isFirst) {
  const mine = ++shown;
  const [path, search] = (location.hash || '#/').slice(1).split('?');
  current?.close();
  current = null;
  const root = h('div', {class: 'view'});
  try {
    const route = ROUTES.map(([pattern, view]) => [pattern.exec(path), view]).find(([match]) => match);
    const view = route
      ? await route[1](root, new URLSearchParams(search), ...route[0].slice(1))
      : nothing(root, path);
    if (mine !== shown) {
      view.close();
      return;
    }
    current = view;
  } catch (error) {
    if (mine !== shown) {
      return;
    }
    current = failed(root, error);
  }
  fill(main, root);
  mark(path);
  document.title = `${current.title} · Pix2Pix`;
  const heading = root.querySelector('h1');
  if (!isFirst && heading) {
    // Whoever does not see the page hears that it is another one.
    heading.tabIndex = -1;
    heading.focus({preventScroll: true});
    scrollTo(0, 0);
  }
}

function nothing(root, path) {
  fill(root, h('h1', {}, 'Nothing here'), empty(`The console has no page ${path}.`, h('a', {href: '#/'}, 'All jobs')));
  return {title: 'Nothing here', close() {}};
}

function failed(root, error) {
  const known = error instanceof Problem;
  if (known && error.status === 401) {
    greet();
    return signInForm(root, () => show(false));
  }
  if (!known) {
    console.error(error);
  }
  const isPassing = known && (error.status === 0 || error.status === 503);
  const timer = isPassing ? setTimeout(() => show(true), RETRY_MS) : 0;
  const title = known && error.status === 404 ? 'Not found' : 'Not now';
  fill(
    root,
    h('h1', {}, title),
    empty(
      known ? `${error.message}.`.replace(/\.\.$/, '.') : 'The console has a fault; the browser\'s console says which.',
      isPassing ? h('p', {}, 'Trying again by itself…') : h('a', {href: '#/'}, 'All jobs'),
    ),
  );
  announce(error.message);
  return {title, close: () => clearTimeout(timer)};
}

function mark(path) {
  for (const link of document.querySelectorAll('header nav a')) {
    const isHere = link.getAttribute('href') === `#${path}`;
    link.toggleAttribute('aria-current', isHere);
    if (isHere) {
      link.setAttribute('aria-current', 'page');
    }
  }
}

document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault(); // the address is the view's
  main.focus();
});
addEventListener('hashchange', () => show(false));
greet();
show(true);
