// What can translate: the generators of finished trainings, or the checkpoints below a prefix.
import {get, query} from './api.js';
import {empty, fill, h, scrolling, throttled} from './dom.js';
import {ago, bytes, figure, number, when} from './format.js';
import {pager} from './pager.js';

const PAGE = 50;
const TYPING_MS = 500;

export async function models(root, parameters) {
  let prefix = parameters.get('prefix') ?? '';
  const found = h('div', {});
  const pages = pager(
    async cursor => {
      const page = await get(`/models${query({prefix, cursor, limit: PAGE})}`);
      return {items: page.models, next: page.next};
    },
    items => fill(found, items.length > 0 ? modelTable(items) : empty(
      prefix ? 'No checkpoint on this page.' : 'No model yet: train one, or name a prefix that holds checkpoints.',
      prefix ? null : h('a', {href: '#/new/training', class: 'button'}, 'Train a model'),
    )),
    'models',
  );
  const find = throttled(TYPING_MS, () => {
    history.replaceState(null, '', `#/models${query({prefix})}`);
    pages.restart().catch(error => fill(found, h('p', {class: 'bad', role: 'alert'}, error.message)));
  });
  fill(
    root,
    h('div', {class: 'title'}, h('h1', {}, 'Models')),
    h(
      'form',
      {class: 'filters', role: 'search', onsubmit: event => event.preventDefault()},
      h('input', {
        type: 'search',
        name: 'prefix',
        'aria-label': 'Prefix that holds checkpoints',
        placeholder: 's3://bucket/prefix/ (empty: generators of finished trainings)',
        value: prefix,
        oninput: event => {
          prefix = event.target.value.trim();
          find();
        },
      }),
    ),
    found,
    pages.element,
  );
  await pages.refresh();
  return {title: 'Models', close: () => find.cancel()};
}

export const translateWith = generator => `#/new/translation?model=${encodeURIComponent(generator)}`;

/** Each was written as the best so far; the best of all is the last of them. */
function isBestOfAll(model, models) {
  return model.best && !models.some(each => each.best && each.jobId === model.jobId && each.step > model.step);
}

export function modelTable(models) {
  const columns = ['Training', 'Epoch', 'Step', 'L1', 'PSNR', 'SSIM', 'Network', 'Size', 'Written', ''];
  return scrolling(
    'Models',
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, columns.map(each => (each ? h('th', {scope: 'col'}, each) : h('td', {}))))),
      h('tbody', {}, models.map(model => modelRow(model, isBestOfAll(model, models)))),
    ),
  );
}

function modelRow(model, isBest) {
  const {metrics} = model;
  return h(
    'tr',
    {title: model.generator},
    h('th', {scope: 'row'}, h('a', {href: `#/jobs/${encodeURIComponent(model.jobId)}`}, model.jobId)),
    h('td', {}, number(model.epoch), isBest ? h('span', {class: 'badge'}, 'best') : null),
    h('td', {}, number(model.step)),
    [metrics?.l1, metrics?.psnr, metrics?.ssim].map(value => h('td', {}, figure(value))),
    h('td', {}, `${model.network}, ${model.filters}`),
    h('td', {}, model.bytes ? bytes(model.bytes) : '–'),
    h('td', {}, h('time', {datetime: model.createdAt, title: when(model.createdAt)}, ago(model.createdAt))),
    h('td', {}, h('a', {href: translateWith(model.generator), class: 'button',
      'aria-label': `Translate with epoch ${model.epoch} of ${model.jobId}`}, 'Translate with this')),
  );
}
