// What a translation job has to show: throughput, what failed and why, its images before and after.
import {get, ofJob, query} from './api.js';
import {rateChart} from './charts.js';
import {empty, fill, h, section, text, throttled} from './dom.js';
import {fileName, isOver, number} from './format.js';
import {keyed, pager} from './pager.js';
import {viewer} from './viewer.js';

const PAGE = 20;
const PAUSE_MS = 2000;

/** The API may end a page of failures early and empty. */
const MOST_EMPTY_PAGES = 50;

export function translation(first, parameters) {
  const id = first.jobId;
  const images = viewer(id, Number(parameters.get('image') ?? 0));
  const failures = failuresOf(id, result => images.show(result.shard * (job.job?.shardSize ?? 0) + result.index));
  const pace = rateChart('Images a second');
  let job = first;
  let seen = '';

  const load = throttled(PAUSE_MS, () => {
    failures.update(job);
    images.update(job);
  });
  pace.load(() => get(ofJob(id, '/throughput')));

  return {
    element: h(
      'div',
      {class: 'translation'},
      section('Images', images.element),
      section('Throughput', pace.element),
      failures.element,
    ),
    update(changed) {
      job = changed;
      if (changed.updatedAt && !isOver(changed)) {
        pace.add(changed.updatedAt, changed.progress.done);
      }
      // Results are there when their task is done.
      const state = `${changed.state} ${changed.images?.total} ${changed.tasks.done} ${changed.images?.failed}`;
      if (state !== seen) {
        seen = state;
        load();
      }
    },
    again: () => pace.load(() => get(ofJob(id, '/throughput'))),
    close() {
      load.cancel();
      pace.close();
      images.close();
    },
  };
}

function failuresOf(id, open) {
  const list = h('ul', {class: 'failures', 'aria-label': 'Failures'});
  const none = h('div', {});
  const pages = pager(load, show, 'failures');
  const element = section('Failures', none, list, pages.element);
  const heading = element.firstChild;
  let shown = -1;

  async function load(cursor) {
    let page = {results: [], next: cursor};
    for (let i = 0; i < MOST_EMPTY_PAGES && page.results.length === 0 && (i === 0 || page.next); i++) {
      page = await get(ofJob(id, `/failures${query({cursor: page.next, limit: PAGE})}`));
    }
    return {items: page.results, next: page.next};
  }

  function show(results) {
    keyed(list, results, result => `${result.shard}/${result.index}`, result => failure(result, open));
  }

  return {
    element,
    update(job) {
      const failed = job.images?.failed ?? 0;
      text(heading, failed === 0 ? 'Failures' : `Failures (${number(failed)})`);
      if (failed === shown) {
        return;
      }
      shown = failed;
      list.hidden = failed === 0;
      fill(none, failed === 0 && empty(isOver(job) ? 'No image failed.' : 'No image has failed so far.'));
      if (failed > 0 && pages.isFirst()) {
        pages.refresh().catch(error => fill(none, empty(error.message)));
      }
    },
  };
}

function failure(result, open) {
  const name = fileName(result.input);
  return h(
    'li',
    {},
    h('button', {type: 'button', class: 'name', onclick: () => open(result), 'aria-label': `Show ${name}`}, name),
    h('p', {}, result.failure.message),
    h('p', {class: 'note'}, h('code', {}, result.failure.code), ` at ${result.failure.stage.toLowerCase()} · `,
      h('span', {class: 'uri'}, result.input)),
  );
}
