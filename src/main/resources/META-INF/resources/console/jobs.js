// All jobs, the newest first, as they change.
import {follow, get, query} from './api.js';
import {command, empty, fill, h, text, throttled} from './dom.js';
import {KINDS, STATES, UNFINISHED, ago, done, duration, isOver, number, rate, when} from './format.js';
import {keyed, pager} from './pager.js';
import {bar} from './progress.js';

const PAGE = 50;
const PAUSE_MS = 2000;
const TYPING_MS = 250;
const BACKLOG_MS = 10_000;

const CHOICES = [
  ['', 'Any state'],
  [UNFINISHED.join(), 'Unfinished'],
  ['RUNNING', 'Running'],
  ['PAUSED', 'Paused'],
  ['SUCCEEDED', 'Succeeded'],
  ['COMPLETED_WITH_FAILURES,FAILED', 'With failures'],
  ['CANCELLED', 'Cancelled'],
];

export async function jobs(root, parameters) {
  const filter = Object.fromEntries(['kind', 'state', 'text'].map(name => [name, parameters.get(name) ?? '']));
  const rows = new Map();
  const list = h('ol', {class: 'jobs', 'aria-label': 'Jobs'});
  const none = h('div', {hidden: true});
  const pages = pager(load, show, 'jobs');

  async function load(cursor) {
    const page = await get(`/jobs${query({...filter, cursor, limit: PAGE})}`);
    return {items: page.jobs, next: page.next, total: page.total};
  }

  function show(found, total) {
    for (const id of rows.keys()) {
      if (!found.some(job => job.jobId === id)) {
        rows.delete(id);
      }
    }
    for (const job of found) {
      rows.get(job.jobId)?.update(job);
    }
    keyed(list, found, job => job.jobId, job => {
      const made = row(job);
      rows.set(job.jobId, made);
      return made.element;
    });
    none.hidden = total > 0;
    list.hidden = total === 0;
    if (total === 0) {
      fill(none, Object.values(filter).some(Boolean) ? noMatch() : noJobs());
    }
  }

  const refresh = throttled(PAUSE_MS, () => pages.refresh().catch(() => {})); // the stream says when it is back
  const find = throttled(TYPING_MS, () => {
    history.replaceState(null, '', `#/${query(filter)}`);
    pages.restart().catch(() => {});
  });

  function changed({jobs: changes}) {
    const newest = rows.values().next().value?.job.submittedAt ?? '';
    for (const job of changes) {
      const known = rows.get(job.jobId);
      known?.update(job);
      if (filter.state || (!known && pages.isFirst() && job.submittedAt >= newest)) {
        refresh();
      }
    }
  }

  const backlog = h('p', {class: 'note'});
  fill(
    root,
    h('div', {class: 'title'}, h('h1', {}, 'Jobs'), backlog),
    filters(filter, find),
    list,
    none,
    pages.element,
  );
  await pages.refresh();
  const stream = follow('/events', {jobs: changed}, refresh);
  showBacklog(backlog);
  const timer = setInterval(() => showBacklog(backlog), BACKLOG_MS);
  return {
    title: 'Jobs',
    close() {
      stream.close();
      clearInterval(timer);
      refresh.cancel();
      find.cancel();
    },
  };
}

async function showBacklog(note) {
  try {
    const [translation, training] = await Promise.all([get('/backlog/translation'), get('/backlog/training')]);
    const tasks = `${number(translation.value)} translation ${translation.value === 1 ? 'task' : 'tasks'}`;
    text(note, `Backlog: ${tasks}, ${number(training.value)} ${training.value === 1 ? 'training' : 'trainings'}`);
  } catch (error) {
    text(note, error.message);
  }
}

function filters(filter, find) {
  const set = name => event => {
    filter[name] = event.target.value;
    find();
  };
  const option = name => ([value, label]) => h('option', {value, selected: filter[name] === value}, label);
  return h(
    'form',
    {class: 'filters', role: 'search', onsubmit: event => event.preventDefault()},
    h('input', {
      type: 'search',
      name: 'text',
      'aria-label': 'Find jobs by name, message or URI',
      placeholder: 'Name, message or URI',
      value: filter.text,
      oninput: set('text'),
    }),
    h('select', {name: 'state', 'aria-label': 'State', onchange: set('state')}, CHOICES.map(option('state'))),
    h(
      'select',
      {name: 'kind', 'aria-label': 'Kind', onchange: set('kind')},
      [['', 'Both kinds'], ['translation', 'Translations'], ['training', 'Trainings']].map(option('kind')),
    ),
  );
}

function row(first) {
  const link = h('a', {href: `#/jobs/${encodeURIComponent(first.jobId)}`, class: 'name'}, first.jobId);
  const kind = h('span', {class: 'kind'}, KINDS[first.kind]);
  const state = h('span', {class: 'state'});
  const progress = bar(`Progress of ${first.jobId}`);
  const count = h('span', {class: 'count'});
  const pace = h('span', {class: 'pace'});
  const failed = h('span', {class: 'failed'});
  const time = h('time', {datetime: first.submittedAt, title: when(first.submittedAt)});
  const message = h('span', {class: 'message'});
  const element = h('li', {}, link, kind, state, progress.element, count, pace, failed, message, time);
  const made = {
    element,
    job: first,
    update(job) {
      made.job = job;
      state.dataset.state = job.state;
      text(state, STATES[job.state]);
      progress.update(job);
      text(count, done(job.progress));
      text(pace, paceOf(job));
      text(failed, job.images?.failed ? `${number(job.images.failed)} failed` : '');
      text(message, job.failure?.message ?? job.message);
      text(time, ago(job.submittedAt));
    },
  };
  made.update(first);
  return made;
}

/** Rate and time left of a job that runs, how long one took that is over. */
function paceOf(job) {
  if (isOver(job)) {
    return job.startedAt && job.finishedAt
      ? `took ${duration((new Date(job.finishedAt) - new Date(job.startedAt)) / 1000)}`
      : '';
  }
  const {perSecond, secondsLeft, unit} = job.progress;
  const left = secondsLeft === undefined ? '' : ` · ${duration(secondsLeft)} left`;
  return job.state === 'RUNNING' && perSecond ? `${rate(perSecond, unit)}${left}` : '';
}

function noJobs() {
  return empty(
    'No jobs yet: submit one, or run the demo.',
    h(
      'p',
      {},
      h('a', {href: '#/new/translation', class: 'button'}, 'Translate images'),
      ' ',
      h('a', {href: '#/new/training', class: 'button'}, 'Train a model'),
    ),
    command('scripts/pix2pix demo'),
  );
}

function noMatch() {
  return empty('No job matches.', h('a', {href: '#/'}, 'All jobs'));
}
