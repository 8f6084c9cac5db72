// What a training job has to show: its curves, its sample sheets, its checkpoints.
import {get, ofJob} from './api.js';
import {chart} from './charts.js';
import {empty, fill, h, scrolling, section, text, throttled} from './dom.js';
import {figure, isOver, number} from './format.js';
import {modelTable, translateWith} from './models.js';

const PAUSE_MS = 1000;
const ROWS = 100;
const SHEET_SIDE = 2048;

/** What is drawn: [title, [[label, where it is in an epoch], ...]]. */
const CURVES = [
  ['L1 to the target, times lambda', [['G_L1', epoch => epoch.losses.generatorL1]]],
  [
    'Adversarial losses',
    [
      ['G_GAN', epoch => epoch.losses.generatorGan],
      ['D_real', epoch => epoch.losses.discriminatorReal],
      ['D_fake', epoch => epoch.losses.discriminatorFake],
    ],
  ],
  ['Validation: L1', [['L1', epoch => epoch.validation?.l1]]],
  ['Validation: PSNR, dB', [['PSNR', epoch => epoch.validation?.psnr]]],
  ['Validation: SSIM', [['SSIM', epoch => epoch.validation?.ssim]]],
];

export function training(first) {
  const id = first.jobId;
  const curves = curvesOf();
  const samples = samplesOf(id);
  const checkpoints = h('div', {});
  const result = h('p', {class: 'result', hidden: true});
  let job = first;

  const epochs = new Map();

  const draw = throttled(PAUSE_MS, () => curves.show([...epochs.values()].sort((a, b) => a.epoch - b.epoch), job));
  const loadSamples = throttled(PAUSE_MS, () => showOrSay(samples.note, () => samples.load(job)));
  const loadCheckpoints = throttled(PAUSE_MS, () => showOrSay(checkpoints, async () => {
    const {models} = await get(ofJob(id, '/checkpoints'));
    fill(checkpoints, models.length > 0 ? modelTable(models) : empty('No checkpoint yet.'));
  }));

  function load() {
    loadSamples();
    loadCheckpoints();
    return showOrSay(curves.element, async () => {
      for (const epoch of (await get(ofJob(id, '/epochs'))).epochs) {
        epochs.set(epoch.epoch, epoch);
      }
      draw();
    });
  }
  load();

  return {
    element: h(
      'div',
      {},
      result,
      section('Curves', curves.element),
      section('Samples', samples.element),
      section('Checkpoints', checkpoints),
    ),
    update(changed) {
      if (changed.state !== job.state) {
        load();
      }
      job = changed;
      const generator = changed.training?.generator;
      if (generator && result.hidden) {
        result.hidden = false;
        fill(result, h('a', {class: 'button primary', href: translateWith(generator)}, 'Translate with this model'), ' ',
          h('code', {class: 'uri'}, generator));
      }
    },
    happened(name, event) {
      if (name !== 'EpochCompleted') {
        loadCheckpoints();
        return;
      }
      epochs.set(event.epoch, event);
      draw();
      if (event.validation?.samples) {
        loadSamples();
      }
    },
    again: load,
    close() {
      [draw, loadSamples, loadCheckpoints].forEach(each => each.cancel());
      curves.close();
    },
  };
}

/** An answer that does not come leaves what is there and says why. */
async function showOrSay(element, show) {
  try {
    await show();
  } catch (error) {
    if (!element.querySelector('.bad')) {
      element.prepend(h('p', {class: 'bad'}, error.message));
    }
  }
}

function curvesOf() {
  const charts = CURVES.map(([title, lines]) => ({
    isValidation: title.startsWith('Validation'),
    lines,
    chart: chart(
      title,
      lines.map(([label], i) => ({label, color: `--curve-${i + 1}`})),
      {label: 'epoch', isTime: false, format: String},
    ),
  }));
  const none = h('div', {});
  const grid = h('div', {class: 'charts'}, charts.map(each => each.chart.element));
  const rows = h('tbody', {});
  const note = h('p', {class: 'note'});
  const table = h(
    'details',
    {},
    h('summary', {}, 'The same as a table'),
    note,
    scrolling('Epochs', h('table', {}, h('thead', {}, h('tr', {}, HEADINGS.map(each => h('th', {scope: 'col'}, each)))), rows)),
  );
  return {
    element: h('div', {}, none, grid, table),
    show(epochs, job) {
      const isEmpty = epochs.length === 0;
      grid.hidden = isEmpty;
      table.hidden = isEmpty;
      fill(none, isEmpty && empty(isOver(job) ? 'Its epochs are no longer kept.' : 'No epoch has ended yet.'));
      if (isEmpty) {
        return;
      }
      const xs = epochs.map(epoch => epoch.epoch);
      const measured = epochs.filter(epoch => epoch.validation);
      for (const each of charts) {
        const shown = each.isValidation ? measured : epochs;
        each.chart.element.hidden = shown.length === 0;
        if (shown.length > 0) {
          each.chart.set([
            each.isValidation ? shown.map(epoch => epoch.epoch) : xs,
            ...each.lines.map(([, value]) => shown.map(epoch => value(epoch) ?? null)),
          ]);
        }
      }
      const latest = epochs.slice(-ROWS).reverse();
      text(note, latest.length < epochs.length ? `The last ${ROWS} of ${number(epochs.length)} epochs.` : '');
      fill(rows, latest.map(epochRow));
    },
    close: () => charts.forEach(each => each.chart.close()),
  };
}

const HEADINGS = ['Epoch', 'G_GAN', 'G_L1', 'D_real', 'D_fake', 'Rate', 'images/s', 'L1', 'PSNR', 'SSIM'];

function epochRow(epoch) {
  const {losses, validation} = epoch;
  const values = [
    losses.generatorGan, losses.generatorL1, losses.discriminatorReal, losses.discriminatorFake,
    epoch.learningRate, epoch.imagesPerSecond, validation?.l1, validation?.psnr, validation?.ssim,
  ];
  return h('tr', {}, h('th', {scope: 'row'}, number(epoch.epoch)), values.map(value => h('td', {}, figure(value))));
}

function samplesOf(id) {
  const note = h('div', {});
  const caption = h('output', {class: 'caption'});
  const slider = h('input', {type: 'range', min: '0', step: '1', 'aria-label': 'Epoch of the sample sheet'});
  const sheet = h('img', {class: 'sheet', alt: ''});
  const there = h('div', {hidden: true}, h('div', {class: 'epochs'}, slider, caption), sheet);
  let samples = [];

  function show() {
    const sample = samples[slider.value];
    const source = `${sample.url}?maxSide=${SHEET_SIDE}`;
    text(caption, `Epoch ${number(sample.epoch)}`);
    slider.setAttribute('aria-valuetext', `Epoch ${sample.epoch}`);
    sheet.alt = `Rows of input, generated picture and target after epoch ${sample.epoch}`;
    if (sheet.getAttribute('src') !== source) {
      sheet.src = source;
    }
  }

  slider.addEventListener('input', show);
  return {
    note,
    element: h('div', {}, note, there),
    async load(job) {
      const found = (await get(ofJob(id, '/samples'))).samples;
      // Whoever looks at the newest sheet sees each new one; whoever looks at another keeps it.
      const follows = samples.length === 0 || Number(slider.value) === samples.length - 1;
      samples = found;
      there.hidden = samples.length === 0;
      const isAsked = Boolean(job.job?.validation);
      fill(note, samples.length === 0 && empty(isAsked ? 'No sample sheet yet: validation draws them.' : 'No sample sheets: the job has no validation.'));
      if (samples.length > 0) {
        slider.max = samples.length - 1;
        slider.disabled = samples.length === 1;
        if (follows) {
          slider.value = samples.length - 1;
        }
        show();
      }
    },
  };
}
