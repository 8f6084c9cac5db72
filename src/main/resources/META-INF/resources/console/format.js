// Numbers, times and names as people read them.

const plain = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const moment = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});

export const number = value => plain.format(value);

/** Three digits that mean something. */
export function figure(value) {
  if (value === null || value === undefined) {
    return '–';
  }
  const size = Math.abs(value);
  if (size >= 1000) {
    return plain.format(value);
  }
  return size !== 0 && size < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

export function duration(seconds) {
  const s = Math.round(seconds);
  if (s < 60) {
    return seconds > 0 && seconds < 10 ? `${Number(seconds.toFixed(1))} s` : `${s} s`;
  }
  const minutes = Math.floor(s / 60);
  if (minutes < 10) {
    return `${minutes} min ${s % 60} s`;
  }
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Such as "3.2 images/s", or a minute or an hour where that reads better. */
export function rate(perSecond, unit) {
  if (!perSecond) {
    return '–';
  }
  if (perSecond >= 1) {
    return `${figure(perSecond)} ${unit}/s`;
  }
  return perSecond * 60 >= 1 ? `${figure(perSecond * 60)} ${unit}/min` : `${figure(perSecond * 3600)} ${unit}/h`;
}

export function bytes(count) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = count;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${figure(value)} ${units[unit]}`;
}

export const when = instant => moment.format(new Date(instant));

export function ago(instant) {
  const seconds = (Date.now() - new Date(instant)) / 1000;
  if (seconds < 60) {
    return 'just now';
  }
  return seconds < 48 * 3600 ? `${duration(Math.floor(seconds / 60) * 60).replace(' 0 s', '')} ago` : when(instant);
}

/** "45 of 100 images"; the total may still grow. */
export function done(progress) {
  if (progress.total === 0) {
    return progress.totalKnown ? `no ${progress.unit}` : '–';
  }
  return `${number(progress.done)} of ${number(progress.total)}${progress.totalKnown ? '' : '+'} ${progress.unit}`;
}

/** The last part of a URI. */
export const fileName = uri => uri.replace(/\/+$/, '').split('/').pop();

export const KINDS = {TRANSLATION: 'Translation', TRAINING: 'Training'};

export const STATES = {
  SUBMITTED: 'Submitted',
  PLANNING: 'Planning',
  RUNNING: 'Running',
  PAUSED: 'Paused',
  REPORTING: 'Writing the report',
  CANCELLING: 'Cancelling',
  SUCCEEDED: 'Succeeded',
  COMPLETED_WITH_FAILURES: 'Done, some failed',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

export const UNFINISHED = ['SUBMITTED', 'PLANNING', 'RUNNING', 'PAUSED', 'REPORTING', 'CANCELLING'];

export const isOver = job => !UNFINISHED.includes(job.state);

/** For a POSIX shell. */
export const quoted = word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
