// Forms to submit jobs: fields and defaults are those of the JSON Schemas, every check is the API's.
import {get, ofJob, post} from './api.js';
import {command, fill, h} from './dom.js';
import {fileName, quoted} from './format.js';
import {schemaForm, plainly} from './form.js';

const KINDS = {
  translation: {title: 'Translate images', verb: 'Translate', command: translateCommand},
  training: {title: 'Train a model', verb: 'Train', command: trainCommand},
};

export async function submit(root, parameters, kind) {
  const {title, verb} = KINDS[kind];
  const [schema, generators, values] = await Promise.all([
    get(`/schemas/${kind}-job.json`),
    kind === 'translation' ? generatorsKnown() : [],
    beginWith(parameters, kind),
  ]);
  const form = schemaForm(schema, values, {'$.model.uri': generators});
  const wrong = h('div', {class: 'wrong', role: 'alert', tabindex: '-1'});
  const button = h('button', {class: 'primary'}, verb);
  const preview = h('div', {});
  const element = h(
    'form',
    {class: 'submit', novalidate: true, onsubmit: send, oninput: showCommands},
    wrong,
    form.element,
    h('div', {class: 'actions'}, button),
    h('details', {}, h('summary', {}, 'The same from the command line, by HTTP or as a message'), preview),
  );

  function showCommands() {
    const job = form.value();
    const json = JSON.stringify(job, null, 2);
    fill(
      preview,
      h('p', {}, 'Command line'),
      command(KINDS[kind].command(job, schema.properties)),
      h('p', {}, 'HTTP'),
      command(`curl ${location.origin}/api/v1/${kind}-jobs -H 'Content-Type: application/json' -d ${quoted(json)}`),
      h('p', {}, `A record of the topic ${kind}-jobs, with the job's name as its key`),
      command(json),
    );
  }

  async function send(event) {
    event.preventDefault();
    const unreadable = form.wrong();
    if (unreadable.length > 0) {
      complain('Some fields cannot be read', unreadable);
      return;
    }
    const job = form.value();
    button.disabled = true;
    try {
      await post(`/${kind}-jobs`, job);
      location.hash = `#/jobs/${encodeURIComponent(job.jobId)}?new`;
    } catch (error) {
      const isTaken = error.code === 'JOB_ID_TAKEN';
      complain(error.message, isTaken ? [{path: '$.jobId', message: error.message}] : error.errors ?? []);
    } finally {
      button.disabled = false;
    }
  }

  function complain(sentence, errors) {
    const controls = form.show(errors);
    const named = errors.map(({path, message}, i) =>
      h(
        'li',
        {},
        controls[i]
          ? h('button', {type: 'button', class: 'link', onclick: () => controls[i].focus()}, path.replace('$.', ''))
          : h('code', {}, path),
        ` ${plainly(message)}`,
      ),
    );
    const isList = named.length > 1 || (named.length === 1 && !controls[0]);
    fill(wrong, h('p', {}, isList ? `Not submitted: ${named.length} fields are missing or wrong.` : `Not submitted: ${sentence}`),
      isList && h('ul', {}, named));
    // The first in the page, which has another order than the paths.
    (element.querySelector('[aria-invalid=true]') ?? wrong).focus();
  }

  fill(root, h('div', {class: 'title'}, h('h1', {}, title)), element);
  showCommands();
  return {title, close() {}};
}

/** What the fields begin with: another job's, or the model that was chosen. */
async function beginWith(parameters, kind) {
  const id = parameters.get('from');
  const values = id ? {...(await get(ofJob(id))).job} : {};
  if (parameters.has('model')) {
    values.model = {...values.model, uri: parameters.get('model')};
  }
  return {...values, jobId: suggestedName(id, kind)};
}

function suggestedName(id, kind) {
  const time = new Date().toISOString().replace(/\..*/, '').replaceAll(/[-:]/g, '').replace('T', '-');
  const stem = id ? id.replace(/-\d{8}-\d{6}$/, '') : kind;
  return `${stem.slice(0, 100)}-${time}`;
}

async function generatorsKnown() {
  try {
    return (await get('/models')).models.map(model => model.generator);
  } catch {
    return []; // they are only suggestions
  }
}

function translateCommand(job, properties) {
  const {model = {}, input = {}, output = {}, size = {}} = job;
  const defaults = properties.size.properties;
  const both = `${size.width ?? defaults.width.default}x${size.height ?? defaults.height.default}`;
  const options = [
    ['--model', model.uri ?? 'generator.pt'],
    ['--input', input.uri ?? 'photos/'],
    ['--output', output.uri ?? 'results/'],
    ['--job-id', job.jobId],
    ['--normalization', model.normalization],
    ['--side', input.side],
    ...(input.include ?? []).map(glob => ['--include', glob]),
    ...(input.exclude ?? []).map(glob => ['--exclude', glob]),
    ['--format', output.format],
    ['--quality', output.quality],
    ['--if-exists', output.ifExists],
    ['--size', size.mode === 'pad' ? 'pad' : size.width || size.height ? both : undefined],
    ['--shard-size', job.shardSize],
  ];
  const words = options.filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${quoted(String(value))}`);
  return ['scripts/pix2pix translate', ...words, ...(input.manifest ? ['--manifest'] : [])].join(' ');
}

function trainCommand(job) {
  const file = `${fileName(job.jobId ?? 'job')}.json`;
  return `cat > ${quoted(file)} <<'JSON'\n${JSON.stringify(job, null, 2)}\nJSON\nscripts/pix2pix train --job ${quoted(file)}`;
}
