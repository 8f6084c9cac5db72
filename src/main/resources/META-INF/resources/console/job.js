// One job: how far it is, what can be done with it, and what its kind has to show.
import {follow, get, ofJob, post} from './api.js';
import {announce, command, fill, h, section, text} from './dom.js';
import {KINDS, STATES, ago, done, duration, isOver, number, rate, when} from './format.js';
import {bar} from './progress.js';
import {training} from './training.js';
import {translation} from './translation.js';

const ACTIONS = {
  pause: {label: 'Pause', doing: 'Pausing…'},
  resume: {label: 'Resume', doing: 'Resuming…'},
  cancel: {label: 'Cancel', doing: 'Cancelling…'},
};

/** How long a job that was just submitted may take to be known to the coordinator. */
const ARRIVAL_TRIES = 20;
const ARRIVAL_MS = 250;

/** After so long without an effect a command may be given again. */
const EFFECT_MS = 10_000;

export async function job(root, parameters, id) {
  let current = await find(id, parameters.has('new'));
  const part = (current.kind === 'TRAINING' ? training : translation)(current, parameters);
  const head = headOf(current);
  const asked = section('What was asked for');
  fill(root, head.element, part.element, asked);
  let askedFor;

  async function show(changed) {
    const before = current.state;
    current = {...changed, job: changed.job ?? current.job};
    head.update(current);
    part.update(current);
    if (askedFor !== current.job) {
      askedFor = current.job;
      fill(asked, asked.firstChild, h('pre', {tabindex: '0'}, JSON.stringify(askedFor, null, 2)), commands(current));
    }
    asked.hidden = !askedFor;
    if (before !== current.state) {
      announce(`${id}: ${STATES[current.state]}`);
      if (!current.job) {
        show(await get(ofJob(id)));
      }
    }
    if (isOver(current)) {
      stream?.close();
    }
  }

  let stream = null;
  await show(current);
  if (!isOver(current)) {
    stream = follow(
      ofJob(id, '/events'),
      {
        job: show,
        EpochCompleted: event => part.happened?.('EpochCompleted', event),
        CheckpointPublished: event => part.happened?.('CheckpointPublished', event),
        TrainingCompleted: event => part.happened?.('TrainingCompleted', event),
      },
      () => part.again?.(),
    );
  }
  return {
    title: id,
    close() {
      stream?.close();
      part.close();
    },
  };
}

async function find(id, isNew) {
  for (let tries = isNew ? ARRIVAL_TRIES : 0; ; tries--) {
    try {
      return await get(ofJob(id));
    } catch (error) {
      if (error.status !== 404 || tries <= 0) {
        throw error;
      }
      await new Promise(resolve => { setTimeout(resolve, ARRIVAL_MS); });
    }
  }
}

function headOf(first) {
  const id = first.jobId;
  const state = h('span', {class: 'state'});
  const message = h('p', {class: 'message'});
  const progress = bar('Progress');
  const facts = h('dl', {class: 'facts'});
  const steering = steer(id);
  const element = h(
    'div',
    {class: 'head'},
    h('p', {class: 'crumb'}, h('a', {href: '#/'}, 'Jobs'), ` / ${KINDS[first.kind]}`),
    h('div', {class: 'title'}, h('h1', {}, id), state, steering.element),
    message,
    progress.element,
    facts,
  );
  const values = new Map();
  const fact = (name, value) => {
    if (!values.has(name)) {
      const held = h('dd', {});
      values.set(name, h('div', {}, h('dt', {}, name), held));
      facts.append(values.get(name));
    }
    values.get(name).hidden = !value;
    text(values.get(name).lastChild, value ?? '');
  };
  return {
    element,
    update(job) {
      state.dataset.state = job.state;
      text(state, STATES[job.state]);
      text(message, sentence(job));
      message.classList.toggle('bad', job.state === 'FAILED');
      progress.update(job);
      steering.update(job);
      showFacts(fact, job);
    },
  };
}

/** What is the matter, in a sentence: why it failed before all. */
function sentence(job) {
  const said = job.failure ? job.failure.message : job.message;
  return said && /[^.!?]$/.test(said) ? `${said}.` : said;
}

function showFacts(fact, job) {
  const {perSecond, secondsLeft, unit} = job.progress;
  const took = job.startedAt && job.finishedAt ? (new Date(job.finishedAt) - new Date(job.startedAt)) / 1000 : 0;
  fact('Done', done(job.progress));
  fact('Rate', isOver(job) ? took && rate(job.progress.done / took, unit) : rate(perSecond, unit));
  fact('Time left', isOver(job) ? '' : secondsLeft === undefined ? '–' : duration(secondsLeft));
  fact('Took', took ? duration(took) : '');
  fact('Failed', job.images ? number(job.images.failed) : '');
  fact('Skipped', job.images?.skipped ? number(job.images.skipped) : '');
  fact('Epoch', job.training ? `${number(job.training.epoch)} of ${number(job.training.epochs)}` : '');
  fact('Pairs', job.training?.pairs ? number(job.training.pairs) : '');
  fact('Device time', duration(job.device.secondsSpent));
  fact('Wasted', job.device.secondsWasted ? duration(job.device.secondsWasted) : '');
  fact('Lost attempts', job.tasks.attemptsFailed ? number(job.tasks.attemptsFailed) : '');
  fact('Workers', job.workers.join(', '));
  fact('Submitted', ago(job.submittedAt));
  fact('Finished', job.finishedAt ? when(job.finishedAt) : '');
}

function steer(id) {
  const problem = h('p', {class: 'bad', role: 'alert', hidden: true});
  const buttons = Object.entries(ACTIONS).map(([action, {label, doing}]) => {
    const button = h('button', {type: 'button', class: action === 'cancel' ? 'danger' : ''}, label);
    button.addEventListener('click', async () => {
      if (action === 'cancel' && !(await confirmed(id))) {
        return;
      }
      if (button.hasAttribute('aria-disabled')) {
        return;
      }
      // Not disabled, for that would take the focus away.
      button.setAttribute('aria-disabled', 'true');
      text(button, doing);
      problem.hidden = true;
      const restore = () => {
        button.removeAttribute('aria-disabled');
        text(button, label);
      };
      try {
        await post(ofJob(id, `/${action}`));
        setTimeout(restore, EFFECT_MS);
      } catch (error) {
        text(problem, error.message);
        problem.hidden = false;
        restore();
      }
    });
    return {action, button, label};
  });
  const like = h('a', {class: 'button'}, 'New like this');
  let state;
  return {
    element: h('div', {class: 'actions'}, buttons.map(each => each.button), like, problem),
    update(job) {
      like.href = `#/new/${job.kind.toLowerCase()}?from=${encodeURIComponent(id)}`;
      if (job.state === state) {
        return;
      }
      state = job.state;
      problem.hidden = true;
      const focused = buttons.find(each => each.button === document.activeElement);
      for (const {action, button, label} of buttons) {
        button.hidden = !job.actions.includes(action);
        button.removeAttribute('aria-disabled');
        text(button, label);
      }
      if (focused?.button.hidden) {
        (buttons.find(each => !each.button.hidden)?.button ?? like).focus();
      }
    },
  };
}

function confirmed(id) {
  const dialog = h(
    'dialog',
    {'aria-labelledby': 'confirm'},
    h(
      'form',
      {method: 'dialog'},
      h('h2', {id: 'confirm'}, `Cancel ${id}?`),
      h('p', {}, 'It stops for good. What it has made so far stays.'),
      h(
        'div',
        {class: 'actions'},
        h('button', {value: 'no', autofocus: true}, 'Let it run'),
        h('button', {value: 'yes', class: 'danger'}, 'Cancel the job'),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}

function commands(job) {
  const lines = ['job ID --follow', 'pause ID', 'resume ID', 'cancel ID'];
  if (job.kind === 'TRANSLATION') {
    lines.push('results ID --failed');
  }
  return h(
    'details',
    {},
    h('summary', {}, 'On the command line'),
    lines.map(line => command(`scripts/pix2pix ${line.replace('ID', job.jobId)}`)),
  );
}
